// Both ways of decoding, and the encoding of query values.

import Testing

@testable import Telemetry

struct PercentEncodingTests {
    @Test func encodedTextIsDecoded() {
        #expect(PercentEncoding.encode("a-B._~9 /?&=+%é\n") == "a-B._~9%20%2F%3F%26%3D%2B%25%C3%A9%0A")
        #expect(PercentEncoding.decode(PercentEncoding.encode("a, é/%41\u{1}")[...]) == "a, é/%41\u{1}")
        #expect(PercentEncoding.decodeLeniently("%C3%A9%2f".utf8) == "é/")
    }

    @Test(arguments: [
        ("", ""), ("a b", "a b"), ("a+b%20c%2Bd", "a b c+d"), ("%C3%A9+é", "é é"), ("+%", " %"), ("%4", "%4"), ("%zz+%41", "%zz %41"),
        ("a+%FF", "a %FF"), ("%41%2", "%41%2"),
    ])
    func fieldOfAFormIsDecodedOrKeepsItsPercentSigns(text: String, decoded: String) {
        Array("=\(text)&".utf8).withUnsafeBufferPointer { bytes in
            #expect(PercentEncoding.decodeField(bytes[1..<bytes.count - 1]) == decoded)
        }
    }

    @Test(arguments: [("%", "%"), ("%4", "%4"), ("100%", "100%"), ("%zz", "%zz"), ("%%41", "%A"), ("%4%41", "%4A"), ("%FF", "\u{FFFD}")])
    func malformedTextIsRefusedOrKeptLeniently(text: String, lenient: String) {
        #expect(PercentEncoding.decode(text[...]) == nil)
        #expect(PercentEncoding.decodeLeniently(text.utf8) == lenient)
    }
}
