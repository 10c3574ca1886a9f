// The encoding of the parts of web tokens.

/// Base64 with the alphabet for URLs, without padding. (RFC 4648, section 5; RFC 7515, section 2.)
package enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    /// The number that each byte stands for.
    private static let numbers: [UInt8?] = {
        var numbers = [UInt8?](repeating: nil, count: 256)
        for (number, character) in alphabet.enumerated() { numbers[Int(character)] = UInt8(number) }
        return numbers
    }()

    package static func encode(_ bytes: [UInt8]) -> String {
        var encoded: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for place in 0...group.count { encoded.append(alphabet[Int(bits >> UInt32(18 - 6 * place) & 63)]) }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// Returns the decoded bytes; nil for other characters, a wrong length, and bits that no encoder sets.
    package static func decode(_ text: Substring) -> [UInt8]? {
        let numbers = numbers
        var decoded: [UInt8] = []
        decoded.reserveCapacity(text.utf8.count * 3 / 4)
        var (bits, held): (UInt32, UInt32) = (0, 0)
        for character in text.utf8 {
            guard let value = numbers[Int(character)] else { return nil }
            bits = bits << 6 | UInt32(value)
            held += 6
            guard held >= 8 else { continue }
            held -= 8
            decoded.append(UInt8(truncatingIfNeeded: bits >> held))
            bits &= 1 << held - 1
        }
        return held < 6 && bits == 0 ? decoded : nil
    }
}
