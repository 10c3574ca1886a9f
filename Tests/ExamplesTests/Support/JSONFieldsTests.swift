// Decoding of JSON bodies, with all errors of the fields.

import Testing

@testable import ExampleSupport

struct JSONFieldsTests {
    private struct Item: Equatable {
        var id: Int
        var name: String
        var price: Double
    }

    private func decode(_ body: String) throws(JSONBodyError) -> Item {
        try ServiceRequest(method: "POST", target: "/", body: Array(body.utf8)).decoded("The item") { fields in
            Item(id: fields.integer("id", in: 1...9), name: fields.text("name", length: 2...3), price: fields.number("price", in: 0...5))
        }
    }

    private func error(_ body: String) -> JSONBodyError? {
        do {
            _ = try decode(body)
            return nil
        } catch { return error }
    }

    @Test func fieldsAreReadWithKeysInAnyCaseAndUnknownOnesIgnored() throws {
        #expect(try decode(#"{"ID":1,"Name":"ab","pRice":5,"more":[]} rest"#) == Item(id: 1, name: "ab", price: 5))
    }

    @Test func lastOfKeysThatDifferInCaseIsRead() throws {
        #expect(try decode(#"{"id":1,"ID":2,"iD":null,"name":"ab","price":1.5}"#).id == 2)
    }

    @Test(arguments: ["{}", "null", #"{"id":null,"name":"","price":0}"#])
    func missingFieldsAreCollectedInOrderOfReading(body: String) {
        let errors = [FieldError("id", .belowMinimum), FieldError("name", .required), FieldError("price", .required)]
        #expect(error(body) == .invalid(errors))
    }

    @Test func valuesBeyondLimitsAreCollected() {
        let low = [FieldError("id", .belowMinimum), FieldError("name", .belowMinimum), FieldError("price", .belowMinimum)]
        #expect(error(#"{"id":0,"name":"é","price":-0.1}"#) == .invalid(low))
        let high = [FieldError("id", .aboveMaximum), FieldError("name", .aboveMaximum), FieldError("price", .aboveMaximum)]
        #expect(error(#"{"id":10,"name":"éééé","price":5.1}"#) == .invalid(high))
    }

    @Test func firstTypeMismatchOfDocumentComesBeforeFieldErrors() {
        guard case .wrongType(let mismatch)? = error(#"{"price":true,"id":"1","name":""}"#) else {
            Issue.record("A value of the wrong type is an error.")
            return
        }
        #expect("\(mismatch)" == "Field price must be a number, found a truth value")
    }

    @Test(arguments: [("[]", "The item must be an object, found an array"), ("5", "The item must be an object, found the number 5")])
    func documentThatIsNoObjectIsTypeMismatch(body: String, message: String) {
        guard case .wrongType(let mismatch)? = error(body) else {
            Issue.record("A document of the wrong type is an error.")
            return
        }
        #expect("\(mismatch)" == message)
    }

    @Test func malformedBodyHasErrorOfParser() {
        guard case .malformed(let reason)? = error(#"{"id":1"#) else {
            Issue.record("A malformed body is an error.")
            return
        }
        #expect("\(reason)" == "unexpected EOF")
    }
}
