// The encoding of the parts of web tokens.

/// Base64 with the alphabet for URLs, without padding. (RFC 4648, section 5; RFC 7515, section 2.)
package enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    /// The number that each byte stands for; 255 for none.
    private static let numbers: [UInt8] = {
        var numbers = [UInt8](repeating: .max, count: 256)
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
        var text = text
        return text.withUTF8 { decode($0) }
    }

    /// Returns the decoded bytes; nil for other characters, a wrong length, and bits that no encoder sets.
    package static func decode(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        var isEncoded = true
        let decoded = [UInt8](unsafeUninitializedCapacity: text.count * 3 / 4 + 1) { decoded, count in
            var (bits, held): (UInt32, UInt32) = (0, 0)
            numbers.withUnsafeBufferPointer { numbers in
                for character in text {
                    let value = numbers[Int(character)]
                    guard value < 64 else { return isEncoded = false }
                    bits = bits << 6 | UInt32(value)
                    held += 6
                    guard held >= 8 else { continue }
                    held -= 8
                    assert(count < decoded.count, "Four characters are three bytes.")
                    decoded[count] = UInt8(truncatingIfNeeded: bits >> held)
                    count += 1
                    bits &= 1 << held - 1
                }
            }
            if held >= 6 || bits != 0 { isEncoded = false }
        }
        return isEncoded ? decoded : nil
    }
}
