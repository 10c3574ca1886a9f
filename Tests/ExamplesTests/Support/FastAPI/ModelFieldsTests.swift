// Bodies that FastAPI 0.115.6 with Pydantic 2.10.3 on Python 3.11 was asked to read, and its answers.

import ExampleSupport
import Telemetry
import Testing

struct ModelFieldsTests {
    private struct Ship {
        var id: String
        var code: String
        var passengers: Int
    }

    private func ship(_ body: some Sequence<UInt8>, _ contentType: String? = "application/json") throws(Refusal) -> Ship {
        var request = ServiceRequest(method: "POST", target: "/dock", body: Array(body))
        request.headers["Content-Type"] = contentType
        var fields = try ModelFields(request)
        let ship = Ship(
            id: fields.string("id"), code: fields.string("authorization_code"), passengers: fields.integer("passengers"))
        try fields.check()
        return ship
    }

    private func detail(_ body: some Sequence<UInt8>, _ contentType: String? = "application/json") -> String? {
        do throws(Refusal) {
            _ = try ship(body, contentType)
            return nil
        } catch {
            return "\(error.status) \(error.body)"
        }
    }

    @Test(arguments: [
        (#"5"#, 5),
        (#""5""#, 5),
        (#"" 5 ""#, 5),
        (#"2.0"#, 2),
        (#""2.0""#, 2),
        (#"true"#, 1),
        (#"1e3"#, 1000),
        (#"-3"#, -3),
        (#""-3""#, -3),
        (#""+3""#, 3),
        (#""1_000""#, 1000),
        (#"0.0"#, 0),
        (#"-0"#, 0),
    ])
    func wholeNumberIsReadAsPydanticDoes(text: String, number: Int) throws {
        let ship = try ship(#"{"id":"a","authorization_code":"c","passengers":\#(text),"extra":{}}"#.utf8)
        #expect(ship.passengers == number && ship.id == "a" && ship.code == "c")
    }

    @Test(arguments: [
        (#""#, #"{"type":"missing","loc":["body"],"msg":"Field required","input":null}"#),
        (
            #"{}"#,
            #"{"type":"missing","loc":["body","id"],"msg":"Field required","input":{}},{"type":"missing","loc":["body","authorization_code"],"msg":"Field required","input":{}},{"type":"missing","loc":["body","passengers"],"msg":"Field required","input":{}}"#
        ),
        (
            #"[]"#,
            #"{"type":"model_attributes_type","loc":["body"],"msg":"Input should be a valid dictionary or object to extract fields from","input":[]}"#
        ),
        (#"null"#, #"{"type":"missing","loc":["body"],"msg":"Field required","input":null}"#),
        (
            #"5"#,
            #"{"type":"model_attributes_type","loc":["body"],"msg":"Input should be a valid dictionary or object to extract fields from","input":5}"#
        ),
        (
            #""x""#,
            #"{"type":"model_attributes_type","loc":["body"],"msg":"Input should be a valid dictionary or object to extract fields from","input":"x"}"#
        ),
        (
            #"{"id":1,"authorization_code":"c","passengers":1}"#,
            #"{"type":"string_type","loc":["body","id"],"msg":"Input should be a valid string","input":1}"#
        ),
        (
            #"{"id":null,"authorization_code":true,"passengers":null}"#,
            #"{"type":"string_type","loc":["body","id"],"msg":"Input should be a valid string","input":null},{"type":"string_type","loc":["body","authorization_code"],"msg":"Input should be a valid string","input":true},{"type":"int_type","loc":["body","passengers"],"msg":"Input should be a valid integer","input":null}"#
        ),
        (
            #"{"id":"a","authorization_code":"c","passengers":2.5}"#,
            #"{"type":"int_from_float","loc":["body","passengers"],"msg":"Input should be a valid integer, got a number with a fractional part","input":2.5}"#
        ),
        (
            #"{"id":"a","authorization_code":"c","passengers":"2.5"}"#,
            #"{"type":"int_parsing","loc":["body","passengers"],"msg":"Input should be a valid integer, unable to parse string as an integer","input":"2.5"}"#
        ),
        (
            #"{"id":"a","authorization_code":"c","passengers":"x"}"#,
            #"{"type":"int_parsing","loc":["body","passengers"],"msg":"Input should be a valid integer, unable to parse string as an integer","input":"x"}"#
        ),
        (
            #"{"id":"a","authorization_code":"c","passengers":""}"#,
            #"{"type":"int_parsing","loc":["body","passengers"],"msg":"Input should be a valid integer, unable to parse string as an integer","input":""}"#
        ),
        (
            #"{"id":"a","authorization_code":"c","passengers":[]}"#,
            #"{"type":"int_type","loc":["body","passengers"],"msg":"Input should be a valid integer","input":[]}"#
        ),
        (
            #"{"id":"a","authorization_code":"c","passengers":{}}"#,
            #"{"type":"int_type","loc":["body","passengers"],"msg":"Input should be a valid integer","input":{}}"#
        ),
        (
            #"{"id":"a","authorization_code":"c","passengers":1e30}"#,
            #"{"type":"int_parsing_size","loc":["body","passengers"],"msg":"Unable to parse input string as an integer, exceeded maximum size","input":1e+30}"#
        ),
        (
            #"{"id":"a","authorization_code":"c","passengers":"5."}"#,
            #"{"type":"int_parsing","loc":["body","passengers"],"msg":"Input should be a valid integer, unable to parse string as an integer","input":"5."}"#
        ),
        (
            #"{"id":"a","authorization_code":"c","passengers":"1e3"}"#,
            #"{"type":"int_parsing","loc":["body","passengers"],"msg":"Input should be a valid integer, unable to parse string as an integer","input":"1e3"}"#
        ),
        (
            #"{"id":"a","authorization_code":"c","passengers":"٣"}"#,
            #"{"type":"int_parsing","loc":["body","passengers"],"msg":"Input should be a valid integer, unable to parse string as an integer","input":"٣"}"#
        ),
        (
            #"{"#,
            #"{"type":"json_invalid","loc":["body",1],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting property name enclosed in double quotes"}}"#
        ),
        (
            #"{"id""#,
            #"{"type":"json_invalid","loc":["body",5],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting ':' delimiter"}}"#
        ),
        (#"{"id":"#, #"{"type":"json_invalid","loc":["body",6],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting value"}}"#),
        (
            #"{"id":"a"#,
            #"{"type":"json_invalid","loc":["body",6],"msg":"JSON decode error","input":{},"ctx":{"error":"Unterminated string starting at"}}"#
        ),
        (
            #"{"id":"a""#,
            #"{"type":"json_invalid","loc":["body",9],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting ',' delimiter"}}"#
        ),
        (
            #"{"id":"a","#,
            #"{"type":"json_invalid","loc":["body",10],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting property name enclosed in double quotes"}}"#
        ),
        (
            #"{"id":"a",}"#,
            #"{"type":"json_invalid","loc":["body",10],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting property name enclosed in double quotes"}}"#
        ),
        (
            #"{"id" "a"}"#,
            #"{"type":"json_invalid","loc":["body",6],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting ':' delimiter"}}"#
        ),
        (
            #"[1"#,
            #"{"type":"json_invalid","loc":["body",2],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting ',' delimiter"}}"#
        ),
        (#"[1,"#, #"{"type":"json_invalid","loc":["body",3],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting value"}}"#),
        (
            #"[1 2]"#,
            #"{"type":"json_invalid","loc":["body",3],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting ',' delimiter"}}"#
        ),
        (#"nul"#, #"{"type":"json_invalid","loc":["body",0],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting value"}}"#),
        (#"{"id":"a"} x"#, #"{"type":"json_invalid","loc":["body",11],"msg":"JSON decode error","input":{},"ctx":{"error":"Extra data"}}"#),
        (
            #"{a:1}"#,
            #"{"type":"json_invalid","loc":["body",1],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting property name enclosed in double quotes"}}"#
        ),
        (
            #"{'a':1}"#,
            #"{"type":"json_invalid","loc":["body",1],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting property name enclosed in double quotes"}}"#
        ),
        (
            "{\"id\":\"a\nb\"}",
            #"{"type":"json_invalid","loc":["body",8],"msg":"JSON decode error","input":{},"ctx":{"error":"Invalid control character at"}}"#
        ),
        (
            #"{"id":"\x"}"#,
            #"{"type":"json_invalid","loc":["body",7],"msg":"JSON decode error","input":{},"ctx":{"error":"Invalid \\escape"}}"#
        ),
        (#"{"é":x}"#, #"{"type":"json_invalid","loc":["body",5],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting value"}}"#),
        (
            #"{"id":"\u12"}"#,
            #"{"type":"json_invalid","loc":["body",8],"msg":"JSON decode error","input":{},"ctx":{"error":"Invalid \\uXXXX escape"}}"#
        ),
        (
            #"{"id":01}"#,
            #"{"type":"json_invalid","loc":["body",7],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting ',' delimiter"}}"#
        ),
        (#"tru"#, #"{"type":"json_invalid","loc":["body",0],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting value"}}"#),
        (#"-"#, #"{"type":"json_invalid","loc":["body",0],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting value"}}"#),
        (
            #"{"a":"b" "c"}"#,
            #"{"type":"json_invalid","loc":["body",9],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting ',' delimiter"}}"#
        ),
        (#"}"#, #"{"type":"json_invalid","loc":["body",0],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting value"}}"#),
        (
            #""abc"#,
            #"{"type":"json_invalid","loc":["body",0],"msg":"JSON decode error","input":{},"ctx":{"error":"Unterminated string starting at"}}"#
        ),
        (#" "#, #"{"type":"json_invalid","loc":["body",1],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting value"}}"#),
        (
            #"{"id":1.}"#,
            #"{"type":"json_invalid","loc":["body",7],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting ',' delimiter"}}"#
        ),
        (#"[]]"#, #"{"type":"json_invalid","loc":["body",2],"msg":"JSON decode error","input":{},"ctx":{"error":"Extra data"}}"#),
    ])
    func unfitBodyIsRefusedInTheWordsOfFastAPI(body: String, detail: String) {
        #expect(self.detail(body.utf8) == #"422 {"detail":[\#(detail)]}"#)
    }

    @Test(arguments: ["9223372036854775808", #""99999999999999999999""#, "1e300"])
    func numberBeyond64BitsIsRefused(text: String) throws {
        let answer = try #require(detail(#"{"id":"a","authorization_code":"c","passengers":\#(text)}"#.utf8))
        #expect(answer.hasPrefix(#"422 {"detail":[{"type":"int_parsing"#) && answer.contains(#""loc":["body","passengers"]"#))
    }

    @Test func constantThatIsNoJSONIsRefused() {
        // FastAPI reads it, and fails to write it into its answer: 500.
        #expect(detail("NaN".utf8)?.contains(#""loc":["body",0],"msg":"JSON decode error""#) == true)
    }

    @Test func contentTypeDecidesWhetherBodyIsJSON() throws {
        let body = #"{"id":"a","authorization_code":"c","passengers":5}"#
        for type in [nil, "application/json; charset=utf-8", "Application/JSON", "application/vnd.x+json; charset=utf-8"] {
            #expect(try ship(body.utf8, type).passengers == 5)
        }
        for type in ["text/plain", "application/x-www-form-urlencoded"] {
            #expect(detail("id=a&b=c".utf8, type)?.contains(#""type":"model_attributes_type","loc":["body"]"#) == true)
            #expect(detail("id=a&b=c".utf8, type)?.hasSuffix(#""input":"id=a&b=c"}]}"#) == true)
        }
    }

    @Test func bodyThatIsNotUTF8Is400() {
        #expect(detail([UInt8]("{".utf8) + [0xFF]) == #"400 {"detail":"There was an error parsing the body"}"#)
    }

    @Test func deepBodyIsRefused() {
        #expect(detail(String(repeating: "[", count: 5_000).utf8)?.hasPrefix("422 ") == true)
    }
}
