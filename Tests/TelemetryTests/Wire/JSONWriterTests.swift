// Numbers, escapes and invalid text in the JSON that is written.

import Testing

@testable import Telemetry

struct JSONWriterTests {
    private func json(_ write: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        write(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func text(_ bytes: [UInt8]) -> String { json { writer in bytes.withUnsafeBytes { writer.value(text: $0) } } }

    @Test func objectsAndArraysAreSeparatedByCommas() {
        let written = json { writer in
            writer.beginObject()
            writer.key("a")
            writer.value(1)
            writer.key("b")
            writer.beginArray()
            writer.beginObject()
            writer.endObject()
            writer.value(true)
            writer.beginArray()
            writer.endArray()
            writer.endArray()
            writer.key("c")
            writer.value(false)
            writer.endObject()
        }
        #expect(written == #"{"a":1,"b":[{},true,[]],"c":false}"#)
    }

    @Test func integersAreExact() {
        #expect(json { $0.value(Int64.min, isQuoted: true) } == "\"-9223372036854775808\"")
        #expect(json { $0.value(UInt64.max, isQuoted: true) } == "\"18446744073709551615\"")
        #expect(json { $0.value(0) } == "0" && json { $0.value(-10) } == "-10" && json { $0.value(UInt32.max) } == "4294967295")
    }

    @Test(
        arguments: [
            (0, "0.0"), (-0.0, "-0.0"), (0.1, "0.1"), (1e-7, "1e-07"), (Double.leastNonzeroMagnitude, "5e-324"),
            (.greatestFiniteMagnitude, "1.7976931348623157e+308"),
            (.nan, "\"NaN\""), (.infinity, "\"Infinity\""), (-.infinity, "\"-Infinity\""),
        ] as [(Double, String)])
    func doublesRoundTripAndNonFiniteOnesAreText(number: Double, expected: String) throws {
        #expect(json { $0.value(number) } == expected)
        if number.isFinite { #expect(try JSONReader.value(of: Array(expected.utf8)).number == number) }
    }

    @Test func charactersAreEscapedAtEveryPlaceOfTextsOfEveryLength() {
        for length in 1...20 {
            let plain = [UInt8](repeating: UInt8(ascii: "x"), count: length)
            #expect(text(plain) == "\"\(String(decoding: plain, as: UTF8.self))\"")
            for place in 0..<length {
                for (byte, escaped) in [(0x22, "\\\""), (0x5C, "\\\\"), (0x0A, "\\n"), (0x1F, "\\u001f")] as [(UInt8, String)] {
                    var bytes = plain
                    bytes[place] = byte
                    let expected = String(repeating: "x", count: place) + escaped + String(repeating: "x", count: length - place - 1)
                    #expect(text(bytes) == "\"\(expected)\"")
                    let member = json { writer in
                        writer.beginObject()
                        for _ in 0..<2 {
                            bytes.withUnsafeBytes { writer.key(text: $0) }
                            bytes.withUnsafeBytes { writer.value(text: $0) }
                        }
                        writer.endObject()
                    }
                    #expect(member == "{\"\(expected)\":\"\(expected)\",\"\(expected)\":\"\(expected)\"}")
                }
            }
        }
    }

    @Test func controlCharactersQuotesAndBackslashesAreEscaped() throws {
        #expect(text(Array("a\"\\\n\r\t\u{0}\u{1F}\u{7F}/é🎷".utf8)) == #""a\"\\\n\r\t\u0000\u001f"# + "\u{7F}/é🎷\"")
        for byte: UInt8 in 0..<0x80 {
            let read = try JSONReader.value(of: Array(text([byte]).utf8))
            #expect(read.text?.utf8.elementsEqual([byte]) == true)
        }
    }

    /// Each character by itself, as the rule says it.
    private func escapedOneByOne(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "\"") { result, scalar in
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\0"..<" ", "\u{85}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        } + "\""
    }

    @Test func textsOfAnyCharactersAreEscapedAsOneByOne() {
        var random = SplitMix64(seed: 74)
        let special: [Unicode.Scalar] = ["\"", "\\", "\n", "\r", "\t", "\0", "\u{1F}", "\u{85}", "\u{2028}", "\u{2029}", "\u{7F}"]
        let others: [Unicode.Scalar] = ["é", "\u{84}", "\u{2027}", "\u{202A}", "\u{FFFF}", "🎷", "\u{10FFFF}", "\u{80}"]
        for round in 0..<3_000 {
            // Long ones are written in pieces, whose ends lie anywhere in characters.
            let count = round % 30 == 0 ? Int.random(in: 900...3_000, using: &random) : Int.random(in: 0...60, using: &random)
            var scalars = String.UnicodeScalarView()
            for _ in 0..<count {
                switch Int.random(in: 0..<12, using: &random) {
                case 0: scalars.append(special.randomElement(using: &random) ?? "x")
                case 1, 2: scalars.append(others.randomElement(using: &random) ?? "x")
                default: scalars.append(Unicode.Scalar(UInt8.random(in: 0x20...0x7E, using: &random)))
                }
            }
            let original = String(scalars)
            if text(Array(original.utf8)) != escapedOneByOne(original) { Issue.record("\(original.debugDescription) is escaped otherwise") }
        }
    }

    @Test func everyASCIICharacterRoundTripsAtEveryPlace() throws {
        for byte: UInt8 in 0..<0x80 {
            for place in 0..<20 {
                var original = [UInt8](repeating: UInt8(ascii: "a"), count: 20)
                original[place] = byte
                #expect(
                    try JSONReader.value(of: Array(text(original).utf8)).text?.utf8.elementsEqual(original) == true, "\(byte) at \(place)")
            }
        }
    }

    @Test(
        arguments: [
            ([0xFF], "\u{FFFD}"), ([0x61, 0xC3], "a\u{FFFD}"), ([0x61, 0x80, 0x61], "a\u{FFFD}a"), ([0xC0, 0x80], "\u{FFFD}\u{FFFD}"),
            ([0x22, 0xFF, 0x0A], #"\"�\n"#),
            ([0xED, 0xA0, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"),
        ] as [([UInt8], String)])
    func invalidUTF8BecomesReplacementCharacters(bytes: [UInt8], expected: String) {
        #expect(text(bytes) == "\"\(expected)\"")
    }

    @Test func bytesAreBase64OrHexadecimal() {
        let bytes: [UInt8] = [0xFB, 0xFF, 0x00, 0x10]
        #expect(json { writer in bytes.withUnsafeBytes { writer.value(base64: $0) } } == "\"+/8AEA==\"")
        #expect(json { writer in bytes.withUnsafeBytes { writer.value(hexadecimal: $0) } } == "\"fbff0010\"")
        #expect(json { writer in writer.value(base64: UnsafeRawBufferPointer(start: nil, count: 0)) } == "\"\"")
    }

    @Test func randomTextRoundTrips() throws {
        var random = SplitMix64(seed: 63)
        for _ in 0..<2_000 {
            let original = String.random(using: &random)
            #expect(try JSONReader.value(of: Array(text(Array(original.utf8)).utf8)).text == original)
        }
    }
}
