// The encoding of bytes in JSON and of proxy credentials.

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

    private static func append(_ bits: UInt32, count: Int, to encoded: inout [UInt8]) {
        for place in 0..<count { encoded.append(alphabet[Int(bits >> UInt32(18 - 6 * place) & 63)]) }
    }
}
