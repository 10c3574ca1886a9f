// The bytes of texts are written whole, whatever form the string has.

import Testing

@testable import Telemetry

struct TextBytesTests {
    /// A string that is stored like a long one, however short it is.
    private func stored(_ text: String) -> String {
        var long = text + String(repeating: "#", count: 40)
        long.removeLast(40)
        return long
    }

    private func written(_ text: TextBytes) -> [UInt8] {
        withUnsafeTemporaryAllocation(byteCount: text.count + TextBytes.roomBehind, alignment: 8) { buffer in
            for index in buffer.indices { buffer[index] = 0xEE }
            var cursor = WireCursor(buffer.baseAddress!)
            text.write(to: &cursor)
            #expect(cursor.pointer == buffer.baseAddress! + text.count)
            return Array(buffer.prefix(text.count))
        }
    }

    private let texts =
        (0...80).map { String("abcdefghijklmnopqrstuvwxyz0123456789".prefix($0 % 37)) + String(repeating: "-", count: max(0, $0 - 36)) }
        + ["", "é", "naïveté", "日本語の文字", "🚀🚀🚀", "🚀🚀🚀🚀", "\u{0}", "a\u{0}b", "ÿÿÿÿÿÿÿ", "ÿÿÿÿÿÿÿÿ"]

    @Test func bytesAreThoseOfTheText() throws {
        for text in texts { #expect(written(try TextBytes(text).unwrapped()) == Array(text.utf8), "\(text)") }
        #expect(written(try TextBytes("GET").unwrapped()) == Array("GET".utf8))
        #expect(written(try TextBytes("http.response.status_code").unwrapped()) == Array("http.response.status_code".utf8))
    }

    @Test func shortTextThatIsStoredLikeALongOneIsWrittenOrRefused() {
        for text in texts {
            guard let bytes = TextBytes(stored(text)) else {
                #expect(text.utf8.count <= 15, "Only short texts have two forms.")
                continue
            }
            #expect(written(bytes) == Array(text.utf8))
        }
    }

    @Test func hashIsThatOfTheBytes() throws {
        for text in texts {
            let hash = Array(text.utf8).withUnsafeBufferPointer { TextBytes($0).hash }
            #expect(try TextBytes(text).unwrapped().hash == hash)
            if let other = TextBytes(stored(text)) { #expect(other.hash == hash) }
        }
        #expect(Set(texts.map { TextBytes($0)?.hash ?? 0 }).count == Set(texts).count)
    }

    @Test func keyIsTheSameInEveryForm() throws {
        let finished = try Recording().finished { span in
            for text in texts where !text.isEmpty { span[text] = "first" }
            for text in texts where !text.isEmpty { span[stored(text)] = .string(stored(text)) }
        }
        #expect(finished.attributes.count == Set(texts).subtracting([""]).count)
        #expect(finished.attributes.allSatisfy { $0.value == .string($0.key) })
    }
}
