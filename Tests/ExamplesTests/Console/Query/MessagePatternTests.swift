// Patterns of messages: the same as those by which errors are grouped.

import ExampleSupport
import Telemetry
import Testing

@testable import TelemetryConsole

struct MessagePatternTests {
    private func pattern(_ text: String) -> String {
        String(decoding: Array(text.utf8).withUnsafeBytes { MessagePattern.of($0) }, as: UTF8.self)
    }

    @Test(
        "POC-42: numbers, identifiers and quoted texts are placeholders",
        arguments: [
            ("order 17 failed after 1.5 s", "order <number> failed after <number> s"),
            ("user 'ann' is not \"here\"", "user <quoted> is not <quoted>"), ("it's fine", "it's fine"),
            ("trace 0af7651916cd43dd8448eb211c80319c ended", "trace <id> ended"),
            ("worker3 took job-9", "worker<number> took job-<number>"),
            ("10.0.0.7:443 closed", "<number> closed"), ("0x1f and 0xdeadbeef", "<number>x<number>f and <id>"), ("", ""),
            ("größer als 17 °C", "größer als <number> °C"),
        ])
    func whatChangesIsAPlaceholder(message: String, expected: String) {
        #expect(pattern(message) == expected)
    }

    @Test("POC-42: any ASCII has the pattern that errors with this message have") func patternIsThatOfErrors() {
        var random = SplitMix64(seed: 42)
        let pieces = [
            "a", "f", "g", "x", "0", "9", "17", "0x", "dead", "beef", "-", ".", ":", "_", " ", "'", "\"", "`", "<", "order", "é", "\n", "{",
        ]
        for _ in 0..<4_000 {
            let text = (0..<Int(random.next() % 24)).map { _ in pieces[Int(random.next() % UInt64(pieces.count))] }.joined()
            let expected = ErrorFingerprint.normalized(text)
            guard expected.utf8.count <= MessagePattern.maximumPatternBytes else { continue }
            #expect(pattern(text) == expected, "\(text)")
        }
    }

    @Test(
        "POC-42: what is kept of a long message ends with a whole word", arguments: ["", "1", "12", "123", "1234", "1234x", " 'q'", "é "])
    func longMessagesAreCutBetweenWords(end: String) {
        for length in 0..<20 {
            let message = String(repeating: "a", count: length) + String(repeating: " word\(end)", count: 1_000)
            let pattern = pattern(message)
            #expect(MessagePattern.maximumPatternBytes - 20...MessagePattern.maximumPatternBytes ~= pattern.utf8.count)
            // Each part between placeholders has whole words of the message.
            for part in pattern.split(separator: ">").map({ $0.prefix { $0 != "<" } }) {
                let words = part.split(separator: " ")
                #expect(
                    words.allSatisfy { ["word", "é", "wordé", "wordx", "x"].contains($0) || $0.allSatisfy { $0 == "a" } }, "\(pattern)")
            }
            #expect(!pattern.hasSuffix("<") && pattern.count(where: { $0 == "<" }) == pattern.count(where: { $0 == ">" }), "\(pattern)")
        }
        let quoted = "'" + String(repeating: "x", count: 1_010) + "' failed to open"
        #expect(pattern(quoted) == "<quoted> failed to ")
    }

    @Test func wordWithoutEndIsCutBetweenCharacters() {
        let cut = pattern(String(repeating: "ß", count: 1_000))
        #expect(cut.utf8.count == MessagePattern.maximumPatternBytes && cut.allSatisfy { $0 == "ß" })
    }
}
