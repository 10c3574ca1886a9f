// Parsing of valid, malformed and random texts, with Go's error messages.

import ExampleSupport
import Testing

struct JSONParserTests {
    @Test(
        arguments: [
            ("null", .null), ("true", true), ("false", false), ("0", 0), ("-0", 0), ("12", 12), ("-7", -7), ("56.99", 56.99),
            ("1e2", 100.0), ("1E-2", 0.01), ("9223372036854775807", 9_223_372_036_854_775_807),
            ("9223372036854775808", 9_223_372_036_854_775_808.0), ("-9223372036854775808", .integer(.min)),
            ("999999999999999999", 999_999_999_999_999_999), ("-99999999999999999", -99_999_999_999_999_999),
            ("-999999999999999999", -999_999_999_999_999_999), ("1000000000000000000", 1_000_000_000_000_000_000),
            (#""before\nafter\\""#, "before\nafter\\"),
            (#""""#, ""), (#""a b""#, "a b"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u00e9""#, "é"), (#""é€😀""#, "é€😀"),
            (#""\uD83D\uDE00""#, "😀"), (#""\uD83D""#, "\u{FFFD}"), (#""\uD83Dx""#, "\u{FFFD}x"), (#""\uDE00""#, "\u{FFFD}"),
            (#""\uD83D\u0041""#, "\u{FFFD}A"), (#""\u0000""#, "\u{0}"), ("[]", []), (" [ 1 , 2 ] ", [1, 2]), ("{}", [:]),
            (#"{ "b" : 1 , "a" : [ { } ] }"#, ["b": 1, "a": [[:]]]), ("\t\r\n1\n", 1),
        ] as [(String, JSONValue)])
    func validTextIsParsed(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == value)
    }

    @Test(arguments: [
        ("", "unexpected EOF"), ("  ", "unexpected EOF"), ("{", "unexpected EOF"), (#"{"id":10,"title":"The Ozz"#, "unexpected EOF"),
        ("[1,", "unexpected EOF"),
        ("[1", "unexpected EOF"), (#"{"a""#, "unexpected EOF"), (#"{"a":"#, "unexpected EOF"), (#"{"a":1"#, "unexpected EOF"),
        ("tru", "unexpected EOF"), ("-", "unexpected EOF"), ("1.", "unexpected EOF"), ("1e", "unexpected EOF"), (#""\"#, "unexpected EOF"),
        (#""\u12"#, "unexpected EOF"), ("x", "invalid character 'x' looking for beginning of value"),
        ("]", "invalid character ']' looking for beginning of value"), ("[1,]", "invalid character ']' looking for beginning of value"),
        ("{a:1}", "invalid character 'a' looking for beginning of object key string"),
        (#"{"a":1,}"#, "invalid character '}' looking for beginning of object key string"),
        (#"{"a" 1}"#, "invalid character '1' after object key"), (#"{"a":1 "b":2}"#, "invalid character '\"' after object key:value pair"),
        ("[1 2]", "invalid character '2' after array element"), ("nul!", "invalid character '!' in literal null (expecting 'l')"),
        ("-x", "invalid character 'x' in numeric literal"), ("1.x", "invalid character 'x' after decimal point in numeric literal"),
        ("1ex", "invalid character 'x' in exponent of numeric literal"), ("\"a\nb\"", #"invalid character '\n' in string literal"#),
        (#""\q""#, "invalid character 'q' in string escape code"),
        (#""\u00g0""#, #"invalid character 'g' in \u hexadecimal character escape"#),
        ("1 2", "invalid character '2' after top-level value"), ("01", "invalid character '1' after top-level value"),
        ("+1", "invalid character '+' looking for beginning of value"), ("'a'", #"invalid character '\'' looking for beginning of value"#),
        ("\u{1}", #"invalid character '\x01' looking for beginning of value"#), ("1e999", "number 1e999 is out of range"),
    ])
    func malformedTextThrowsErrorOfGo(text: String, reason: String) {
        #expect { try JSONValue(parsing: text) } throws: { "\($0)" == reason }
    }

    @Test func textAfterFirstValueOfPrefixIsIgnored() throws {
        #expect(try JSONValue(prefixOf: Array(#"{"a":1} and more"#.utf8)) == ["a": 1])
    }

    @Test func lastMemberOfDuplicateKeyIsKept() throws {
        let value = try JSONValue(parsing: #"{"a":1,"b":2,"a":3}"#)
        #expect(value["a"] == 3)
        #expect(value.description == #"{"b":2,"a":3}"#)
    }

    @Test func nestingBeyondMaximumDepthIsRefused() throws {
        let depth = JSONValue.maximumDepth
        let deepest = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        #expect(throws: Never.self) { try JSONValue(parsing: deepest) }
        #expect { try JSONValue(parsing: "[" + deepest + "]") } throws: { "\($0)" == "exceeded max depth" }
        #expect { try JSONValue(parsing: String(repeating: "[", count: 1_000_000)) } throws: { "\($0)" == "exceeded max depth" }
    }

    @Test func deepestObjectFitsTheStackOfAWorkerThread() async {
        let deepest =
            String(repeating: #"{"a":"#, count: JSONValue.maximumDepth) + "1" + String(repeating: "}", count: JSONValue.maximumDepth)
        let value = await onOwnThread { try? JSONValue(parsing: deepest) }
        #expect(value?.description == deepest)
    }

    @Test func invalidUTF8BecomesReplacementCharacters() throws {
        #expect(try JSONValue(parsing: [0x22, 0xFF, 0x61, 0x22]) == "\u{FFFD}a")
    }

    @Test func writtenValueParsesAsSameValue() throws {
        var random = SplitMix64(seed: 1)
        for _ in 0..<2_000 {
            let value = Self.value(depth: 4, &random)
            #expect(try JSONValue(parsing: value.description) == value)
        }
    }

    @Test func randomBytesDoNotTrapParser() {
        var random = SplitMix64(seed: 2)
        let pieces = Array(#"{}[]":,\u00e9D83Dtruefalsnul0123456789.eE+- x"#.utf8) + [0xFF, 0xC3, 0x0A, 0x00]
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...24, using: &random)).map { _ in pieces[Int.random(in: 0..<pieces.count, using: &random)] }
            if let value = try? JSONValue(parsing: bytes) { #expect((try? JSONValue(parsing: value.description)) != nil) }
            _ = try? JSONValue(prefixOf: bytes)
        }
    }

    private static func value(depth: Int, _ random: inout SplitMix64) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2: return .integer(Int64.random(in: .min ... .max, using: &random) >> Int64.random(in: 0..<64, using: &random))
        case 3:
            // A whole number would be parsed as an integer.
            let number = Double.random(in: -1...1, using: &random)
            return .number(number == number.rounded() ? 0.5 : number)
        case 4: return .string(text(&random))
        case 5: return .array((0..<Int.random(in: 0..<5, using: &random)).map { _ in value(depth: depth - 1, &random) })
        default:
            return .object(
                JSONObject(
                    (0..<Int.random(in: 0..<5, using: &random)).map { _ in
                        .init(key: text(&random), value: value(depth: depth - 1, &random))
                    }))
        }
    }

    private static func text(_ random: inout SplitMix64) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0..<6, using: &random) {
            if let scalar = Unicode.Scalar(UInt32.random(in: 0..<0x11_0000, using: &random) >> UInt32.random(in: 0..<16, using: &random)) {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
