// Frames of HTTP/2 as bytes, for peers that send exactly what a test wants.

/// Writes frames. (RFC 9113 §6.)
enum HTTP2Frame {
    private static func bytes(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }

    /// A frame of any type.
    static func frame(_ type: UInt8, flags: UInt8 = 0, stream: Int32 = 0, _ payload: [UInt8]) -> [UInt8] {
        bytes(UInt32(payload.count))[1...] + [type, flags] + bytes(UInt32(bitPattern: stream)) + payload
    }

    static func data(_ stream: Int32, _ content: [UInt8], isLast: Bool = false) -> [UInt8] {
        frame(0, flags: isLast ? 1 : 0, stream: stream, content)
    }

    /// A whole block of fields, each as literal without an index. (RFC 7541 §6.2.2.)
    static func headers(_ stream: Int32, _ fields: [(String, String)], isLast: Bool = false) -> [UInt8] {
        frame(1, flags: isLast ? 5 : 4, stream: stream, fields.flatMap { [0] + literal($0.0) + literal($0.1) })
    }

    private static func literal(_ text: String) -> [UInt8] {
        let content = Array(text.utf8)
        guard content.count >= 127 else { return [UInt8(content.count)] + content }
        var length: [UInt8] = [127]
        var rest = content.count - 127
        while rest >= 128 {
            length.append(UInt8(rest % 128 + 128))
            rest /= 128
        }
        return length + [UInt8(rest)] + content
    }

    static func reset(_ stream: Int32, code: UInt32) -> [UInt8] { frame(3, stream: stream, bytes(code)) }

    static func settings(_ settings: [(UInt16, UInt32)] = []) -> [UInt8] {
        frame(4, settings.flatMap { [UInt8($0.0 >> 8), UInt8($0.0 & 255)] + bytes($0.1) })
    }

    static func ping(_ content: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]) -> [UInt8] { frame(6, content) }

    static func goAway(last: Int32, code: UInt32, _ text: String = "") -> [UInt8] {
        frame(7, bytes(UInt32(bitPattern: last)) + bytes(code) + text.utf8)
    }
}
