// Literals, accessors and descriptions of attribute values.

import Testing

@testable import Telemetry

struct AttributeValueTests {
    @Test func literalsBecomeValues() {
        let number = 7
        #expect(("text" as AttributeValue) == .string("text"))
        #expect(("n=\(number)" as AttributeValue) == .string("n=7"))
        #expect((42 as AttributeValue) == .int(42))
        #expect((1.5 as AttributeValue) == .double(1.5))
        #expect((true as AttributeValue) == .bool(true))
        #expect((["a", 1, .empty] as AttributeValue) == .array([.string("a"), .int(1), .empty]))
        #expect((["k": "v", "k": 2] as AttributeValue) == .map(["k": .int(2)]))
    }

    @Test func integerBeyondInt64BecomesDecimalString() {
        #expect(AttributeValue(UInt64.max) == .string("18446744073709551615"))
        #expect(AttributeValue(Int64.min) == .int(.min))
        #expect(AttributeValue(UInt8(200)) == .int(200))
    }

    @Test func swiftValuesConvert() {
        #expect(AttributeValue("ab".dropFirst()) == .string("b"))
        #expect(AttributeValue(Float(0.5)) == .double(0.5))
        #expect(AttributeValue(["a", "b"]) == ["a", "b"])
        #expect(AttributeValue([1, 2]) == [1, 2])
        #expect(AttributeValue([1.5]) == [1.5])
        #expect(AttributeValue([true]) == [true])
    }

    @Test func accessorsReturnOnlyMatchingKind() {
        #expect(AttributeValue.string("x").stringValue == "x" && AttributeValue.string("1").intValue == nil)
        #expect(AttributeValue.int(1).intValue == 1 && AttributeValue.int(1).doubleValue == nil)
        #expect(AttributeValue.double(1).doubleValue == 1 && AttributeValue.double(1).intValue == nil)
        #expect(AttributeValue.bool(true).boolValue == true && AttributeValue.empty.boolValue == nil)
        #expect(AttributeValue.bytes([1]).bytesValue == [1] && AttributeValue.array([1]).bytesValue == nil)
        #expect(AttributeValue.array([1, "a"]).arrayValue == [1, "a"] && AttributeValue.bytes([1]).arrayValue == nil)
        #expect(AttributeValue.map(["k": 1]).mapValue == ["k": 1] && AttributeValue.array([]).mapValue == nil)
    }

    @Test func wholeNumbersOfVariablesAreMadeAndReadAsInt() {
        for number in [0, -1, Int.max, .min] {
            #expect(AttributeValue.int(number) == .int(Int64(number)) && AttributeValue.int(number).intValue == number)
            #expect(MetricNumber(number).intValue == number)
        }
        let attributes: Attributes = ["id": .int(UInt64.max)]
        #expect(attributes["id"] == "18446744073709551615", "It is beyond the range of Int64.")
    }

    @Test func literalOfSeveralTypesIsTheValueOfOneKey() {
        let (id, name, none) = (7, "a", String?.none)
        var attributes: Attributes = [:]
        attributes["list"] = [id, name, none, true]
        attributes["map"] = ["id": id, "name": name, "none": none, "id": 8]
        attributes["texts"] = [name, "b"]
        attributes["constants"] = [1, "two"]
        attributes["bytes"] = [1, 2] as [UInt8]
        attributes["gone"] = [id, name]
        attributes["gone"] = nil
        #expect(attributes["list"] == .array([7, "a", .empty, true]) && attributes["list"] == [id, name, none, true])
        #expect(attributes["map"] == .map(["id": 8, "name": "a"]) && !(attributes["map"] == ["id": id, "name": name]))
        #expect(attributes["texts"] == ["a", "b"] && attributes["constants"] == [1, "two"] && attributes["bytes"] == .bytes([1, 2]))
        #expect(attributes.count == 5)
    }

    @Test func descriptionQuotesNestedStringsOnly() {
        #expect("\(AttributeValue.string("a b"))" == "a b")
        #expect("\(["a", 1, 1.5, false, .empty] as AttributeValue)" == "[\"a\", 1, 1.5, false, null]")
        #expect("\(["b": 1, "a": ["x"]] as AttributeValue)" == "{a: [\"x\"], b: 1}")
        #expect("\(AttributeValue.bytes([1, 2]))" == "2 bytes")
    }
}
