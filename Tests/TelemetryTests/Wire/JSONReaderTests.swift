// Values by the grammar of RFC 8259, limits, and random damage.

import Testing

@testable import Telemetry

struct JSONReaderTests {
    private func read(_ text: String) throws(JSONError) -> JSONValue {
        try JSONReader.value(of: Array(text.utf8))
    }

    @Test func everyKindOfValueIsRead() throws {
        #expect(try read(" null ") == .null)
        #expect(try read("true") == .bool(true))
        #expect(try read("false") == .bool(false))
        #expect(try read("\"a\"") == .string("a"))
        #expect(try read("[1, \"2\", [], {}]") == .array([.integer(1), .string("2"), .array([]), .object([:])]))
        #expect(try read("\t{\"a\" : 1,\r\n\"b\":{\"c\":null}}") == .object(["a": .integer(1), "b": .object(["c": .null])]))
    }

    @Test func lastMemberWithSameKeyCounts() throws {
        #expect(try read(#"{"a":1,"a":2}"#)["a"] == .integer(2))
    }

    @Test(
        arguments: [
            ("0", .integer(0)), ("-0", .integer(0)), ("-17", .integer(-17)), ("9223372036854775807", .integer(.max)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1.5", .number(1.5)), ("1E2", .number(100)),
            ("-2.5e-3", .number(-0.0025)), ("1e+2", .number(100)), ("1e-999", .number(0)),
        ] as [(String, JSONValue)])
    func numbersAreRead(text: String, value: JSONValue) throws {
        #expect(try read(text) == value)
    }

    @Test(arguments: [
        #""""#: "", #""\"\\\/\b\f\n\r\t""#: "\"\\/\u{8}\u{C}\n\r\t", #""\u0041\u00e9\u20AC""#: "Aé€", #""\ud83c\udfb7""#: "🎷",
        #""é漢🎷""#: "é漢🎷", #""\u0000""#: "\u{0}", #""\ud83c""#: "\u{FFFD}", #""\ud83cx""#: "\u{FFFD}x", #""\udfb7""#: "\u{FFFD}",
        #""\ud83c\u0041""#: "\u{FFFD}A",
    ])
    func stringsAreRead(text: String, value: String) throws {
        #expect(try read(text) == .string(value))
    }

    @Test(arguments: [
        "", " ", "nul", "nulL", "True", "NaN", "Infinity", "-", "+1", "01", "1.", ".5", "1e", "1e+", "0x1", "1 2", "[", "]", "[1,]", "[,1]",
        "[1 2]", "{", "}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}", "{1:1}", "\"", "\"a", "\"\\\"", "\"\\x\"", "\"\\u12\"",
        "\"\\u12g4\"", "\"\n\"", "\"\u{0}\"", "// a\n1", "1 /* */", "\u{FEFF}1", "\u{A0}1", "[1}", "\"\\ud83c\\u12\"",
    ])
    func invalidJSONIsRefused(text: String) {
        #expect(throws: JSONError.self) { try read(text) }
    }

    @Test func errorsHoldOffset() {
        #expect(throws: JSONError.malformed(reason: "expecting a digit", offset: 3, byte: UInt8(ascii: "x"))) { try read("[1,x]") }
        #expect(throws: JSONError.malformed(reason: "expecting a digit", offset: 6, byte: nil)) { try read("{\"a\":[") }
        #expect(throws: JSONError.malformed(reason: "an unknown escape", offset: 2, byte: UInt8(ascii: "x"))) { try read(#""\x""#) }
        #expect(throws: JSONError.malformed(reason: "expecting null", offset: 3, byte: UInt8(ascii: "]"))) { try read("nul]") }
        #expect(throws: JSONError.numberOutOfRange(offset: 5)) { try read("1e400") }
    }

    @Test(
        arguments: [[0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xE2, 0x82, 0x22]] as [[UInt8]])
    func invalidUTF8IsRefused(bytes: [UInt8]) {
        #expect(throws: JSONError.notUTF8(offset: bytes.count)) { try JSONReader.value(of: bytes) }
    }

    @Test func depthAboveLimitIsRefused() throws {
        let deepest = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(throws: Never.self) { try read(deepest) }
        #expect(throws: JSONError.nestedTooDeep) { try read("[" + deepest + "]") }
        #expect(throws: JSONError.nestedTooDeep) { try read(String(repeating: "{\"a\":[", count: 100_000)) }
    }

    @Test func sizeAboveLimitIsRefused() {
        #expect(throws: JSONError.tooLarge) { try JSONReader.value(of: Array("[1,2,3]".utf8), maximumSize: 6) }
        #expect(throws: Never.self) { try JSONReader.value(of: Array("[1,2,3]".utf8), maximumSize: 7) }
    }

    @Test func numbersInStringsAreRead() throws {
        let value = try read(#"{"a":"12","b":12.0,"c":"0.5","d":"x","e":12.5,"f":"inf","g":1e300}"#)
        #expect(value["a"]?.integer == 12)
        #expect(value["b"]?.integer == 12)
        #expect(value["c"]?.number == 0.5)
        #expect(value["d"]?.integer == nil)
        #expect(value["d"]?.number == nil)
        #expect(value["e"]?.integer == nil)
        #expect(value["f"]?.number == nil)
        #expect(value["g"]?.integer == nil)
        #expect(value["missing"] == nil)
        #expect(value["a"]?["b"] == nil)
    }

    @Test func damagedDocumentGivesValueOrError() {
        var random = SplitMix64(seed: 8259)
        let whole = Array(
            #"{"strategyType":"PROBABILISTIC","n":[-0.5e-3,12,true,false,null],"s":"a\ud83c\udfb7\n\\é漢","o":{"":{"a":[[]]}}}"#.utf8)
        for _ in 0..<20_000 {
            let bytes = whole.damaged(using: &random)
            _ = try? JSONReader.value(of: bytes, maximumDepth: Int.random(in: 0...8, using: &random))
        }
        let alphabet = Array("{}[]\",:\\u0d8-+.eEtrfalsn \u{1}".utf8) + [0xFF, 0xC3]
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0..<24, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? 0 }
            _ = try? JSONReader.value(of: bytes)
        }
    }
}
