// Bytes as text of 64 characters.

/// Base64 with padding. (RFC 4648 §4.)
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: some Collection<UInt8>) -> String {
        var encoded: [UInt8] = []
        encoded.reserveCapacity((bytes.count + 2) / 3 * 4)
        var rest = bytes[...]
        while !rest.isEmpty {
            let group = rest.prefix(3)
            var bits: UInt32 = 0
            for byte in group { bits = bits << 8 | UInt32(byte) }
            bits <<= UInt32(8 * (3 - group.count))
            for place in 0..<4 {
                let character = alphabet[Int(bits >> UInt32(18 - 6 * place) & 63)]
                encoded.append(place <= group.count ? character : UInt8(ascii: "="))
            }
            rest = rest.dropFirst(3)
        }
        return String(decoding: encoded, as: UTF8.self)
    }
}
