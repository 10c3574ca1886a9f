// Identifiers that services hand out: of requests, and in paths.

/// A universally unique identifier, written in lower case. (RFC 9562.)
package struct UUID: Sendable, Hashable, LosslessStringConvertible {
    private let high: UInt64
    private let low: UInt64

    /// Creates a version 4 UUID of random bits. (RFC 9562, section 5.4.)
    package init() {
        var generator = SystemRandomNumberGenerator()
        self.init(from: &generator)
    }

    /// Creates a version 4 UUID of the bits of a generator.
    init(from generator: inout some RandomNumberGenerator) {
        high = generator.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        low = generator.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    }

    /// Reads the form with four dashes, in any case; nil for every other text.
    package init?(_ text: String) {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        guard groups.map(\.utf8.count) == [8, 4, 4, 4, 12], text.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || Self.isDigit($0) }),
            let high = UInt64(groups[..<3].joined(), radix: 16), let low = UInt64(groups[3...].joined(), radix: 16)
        else { return nil }
        self.high = high
        self.low = low
    }

    package var description: String {
        String(unsafeUninitializedCapacity: 36) { text in
            var place = 0
            for half in [high, low] {
                for shift in stride(from: UInt64(60), through: 0, by: -4) {
                    if place == 8 || place == 13 || place == 18 || place == 23 {
                        text[place] = UInt8(ascii: "-")
                        place += 1
                    }
                    let digit = UInt8(half >> shift & 0xF)
                    text[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
                    place += 1
                }
            }
            return place
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { Character(Unicode.Scalar(byte)).isHexDigit }
}
