// The encoding of bytes in JSON, of proxy credentials and of binary metadata.

/// Base64 with padding. (RFC 4648 §4.)
package enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Returns the encoded text.
    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        var encoded: [UInt8] = []
        append(bytes, to: &encoded)
        return String(decoding: encoded, as: UTF8.self)
    }

    /// Appends the encoded characters.
    static func append(_ bytes: some Collection<UInt8>, to encoded: inout [UInt8]) {
        // In another module a collection of any type would be asked for each byte.
        let done: Void? = bytes.withContiguousStorageIfAvailable { append($0, to: &encoded) }
        if done == nil { Array(bytes).withUnsafeBufferPointer { append($0, to: &encoded) } }
    }

    private static func append(_ bytes: UnsafeBufferPointer<UInt8>, to encoded: inout [UInt8]) {
        var bits: UInt32 = 0
        var held = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            held += 1
            guard held == 3 else { continue }
            append(bits, count: 4, to: &encoded)
            (bits, held) = (0, 0)
        }
        guard held > 0 else { return }
        append(bits << UInt32(8 * (3 - held)), count: held + 1, to: &encoded)
        encoded.append(contentsOf: repeatElement(UInt8(ascii: "="), count: 3 - held))
    }

    /// Decodes a text with padding or without; nil if it has other characters.
    static func decodeLeniently(_ text: some Collection<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3 + 3)
        var bits: UInt32 = 0
        var held = 0
        var isPadding = false
        for character in text {
            if character == UInt8(ascii: "=") {
                isPadding = true
                continue
            }
            guard !isPadding, let digit = digit(character) else { return nil }
            bits = bits << 6 | digit
            held += 6
            guard held >= 8 else { continue }
            held -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(held)))
        }
        return held < 6 ? bytes : nil
    }

    private static func digit(_ character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character) - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character) - 71
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character) + 4
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }

    private static func append(_ bits: UInt32, count: Int, to encoded: inout [UInt8]) {
        for place in 0..<count { encoded.append(alphabet[Int(bits >> UInt32(18 - 6 * place) & 63)]) }
    }
}
