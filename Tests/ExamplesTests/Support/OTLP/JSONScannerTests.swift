// Skipping of values, and the errors of malformed input.

import Testing

@testable import ExampleSupport
@testable import Telemetry

struct JSONScannerTests {
    /// Skips a value and returns the next key after it.
    private func keyAfterSkipping(_ value: String) throws(JSONError) -> String {
        var scanner = JSONScanner(Array("{\"skipped\":\(value),\"next\":1}".utf8))
        var key: [UInt8] = []
        try scanner.begin(UInt8(ascii: "{"), "an object")
        guard try scanner.nextKey(into: &key) else { return "" }
        try scanner.skipValue()
        guard try scanner.nextKey(into: &key) else { return "" }
        try scanner.skipValue()
        let hasMore = try scanner.nextKey(into: &key)
        try scanner.end()
        return hasMore ? "" : String(decoding: key, as: UTF8.self)
    }

    @Test(arguments: [
        "null", "true", "false", "-1.5e+3", "\"a\\\"}\"", "[]", "{}", "[ 1 , [ ] , { } ]", #"{"a":{"b":[1,"]"]},"c":null}"#,
    ])
    func skippedValueEndsBeforeNextKey(value: String) throws {
        #expect(try keyAfterSkipping(value) == "next")
    }

    @Test func deepValueIsSkippedWithoutRecursion() throws {
        let depth = 200_000
        let value = String(repeating: "[{\"a\":", count: depth) + "1" + String(repeating: "}]", count: depth)
        #expect(try keyAfterSkipping(value) == "next")
    }

    @Test(arguments: ["", "[", "[1,]", "{\"a\"}", "{\"a\":1,}", "[1 2]", "nul", "tru", "\"a", "[1}", "{\"a\":1]", "\"\\x\"", "01"])
    func malformedSkippedValueIsRefused(value: String) {
        #expect(throws: JSONError.self) { try keyAfterSkipping(value) }
    }

    @Test func numberAboveLengthLimitIsRefused() throws {
        var scanner = JSONScanner([UInt8](repeating: UInt8(ascii: "1"), count: 400))
        #expect(try scanner.numberOrString().utf8.count == 400)
        scanner = JSONScanner([UInt8](repeating: UInt8(ascii: "1"), count: 401))
        #expect(throws: JSONError.malformed(reason: "the number is too long", offset: 401, byte: nil)) { try scanner.numberOrString() }
    }
}
