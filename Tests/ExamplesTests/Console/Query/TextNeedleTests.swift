// The search for a text in bytes, compared with the plain way.

import ExampleSupport
import Testing

@testable import TelemetryConsole

struct TextNeedleTests {
    private func find(_ text: String, in bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { TextNeedle(text).isIn($0) } }

    @Test func randomTextsAreFoundWhereThePlainSearchFindsThem() {
        var generator = SplitMix64(seed: 11)
        let letters = Array("aAbBzZ0/. é".utf8)
        var found = 0
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...90, using: &generator)).map { _ in letters.randomElement(using: &generator) ?? 0 }
            let text = String((0..<Int.random(in: 1...3, using: &generator)).map { _ in "aAbz0/.".randomElement(using: &generator) ?? "a" })
            let needle = Array(text.lowercased().utf8)
            let lower = bytes.map { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 }
            let isThere = lower.indices.contains { lower[$0...].starts(with: needle) }
            found += isThere ? 1 : 0
            #expect(find(text, in: bytes) == isThere, "\(text) in \(bytes)")
        }
        #expect(found > 2_000 && found < 18_000)
    }

    @Test func textIsFoundAtEachPlaceOfALongOne() {
        for place in 0...70 {
            let before = [UInt8](repeating: UInt8(ascii: "o"), count: place)
            let bytes = before + Array("Ozzman".utf8) + [UInt8](repeating: 0, count: 70 - place)
            #expect(find("ozzMAN", in: bytes) && !find("ozzmann", in: bytes), "\(place)")
        }
    }

    @Test func emptyTextIsEverywhereAndLongerOnesNowhere() {
        #expect(find("", in: []) && find("", in: [1]))
        #expect(!find("ab", in: [97]))
    }
}
