// The decoding of bytes in OTLP/JSON.

package import Telemetry

extension Base64 {
    /// Returns the decoded bytes; nil if the text is not padded Base64.
    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count.isMultiple(of: 4) else { return nil }
        var decoded: [UInt8] = []
        var bits: UInt32 = 0
        var (held, padding) = (0, 0)
        for byte in text {
            let value: UInt32
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = UInt32(byte - UInt8(ascii: "A"))
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = UInt32(byte - UInt8(ascii: "a")) + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = UInt32(byte - UInt8(ascii: "0")) + 52
            case UInt8(ascii: "+"): value = 62
            case UInt8(ascii: "/"): value = 63
            case UInt8(ascii: "="):
                padding += 1
                value = 0
            default: return nil
            }
            guard padding == 0 || byte == UInt8(ascii: "=") else { return nil }
            bits = bits << 6 | value
            held += 1
            guard held == 4 else { continue }
            guard padding < 3 else { return nil }
            for shift in [16, 8, 0].prefix(3 - padding) { decoded.append(UInt8(truncatingIfNeeded: bits >> UInt32(shift))) }
            (bits, held) = (0, 0)
        }
        return decoded
    }
}
