// The one encoder and decoder of `%XX` for settings, URLs and headers.

/// Percent-encoding: a byte as `%` and two hexadecimal digits. (RFC 3986 §2.1.)
package enum PercentEncoding {
    private static let percent = UInt8(ascii: "%")

    /// Decodes each `%XX`; nil when a `%` is not followed by two digits or the result is not UTF-8.
    package static func decode(_ text: Substring) -> String? {
        decodedBytes(text.utf8, keepsMalformed: false).flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// Decodes each `%XX`; a `%` without two digits stays, and bytes that are not UTF-8 become U+FFFD.
    static func decodeLeniently(_ text: some Collection<UInt8>) -> String {
        guard text.contains(percent), let bytes = decodedBytes(text, keepsMalformed: true) else {
            return String(decoding: text, as: UTF8.self)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Decodes a name or a value of a form, in which `+` stands for a space. (WHATWG URL, section 5.1.)
    ///
    /// Where a `%` is not followed by two digits, or the result is not UTF-8, nothing but `+` is decoded.
    ///
    /// - Parameter text: UTF-8, up to a `&` or `=`.
    package static func decodeField(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> String {
        guard text.contains(where: { $0 == percent || $0 == UInt8(ascii: "+") }) else { return String(decoding: text, as: UTF8.self) }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: text.count) { decoded in
            if let count = decodeField(text, into: decoded),
                let field = String(validating: UnsafeBufferPointer(rebasing: decoded[..<count]), as: UTF8.self)
            {
                return field
            }
            return String(decoding: text.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
        }
    }

    /// Returns the number of decoded bytes; nil when a `%` is not followed by two digits.
    private static func decodeField(_ text: Slice<UnsafeBufferPointer<UInt8>>, into decoded: UnsafeMutableBufferPointer<UInt8>) -> Int? {
        assert(decoded.count >= text.count, "A decoded text is no longer.")
        var (position, count) = (text.startIndex, 0)
        while position < text.endIndex {
            var byte = text[position]
            position += 1
            if byte == UInt8(ascii: "+") {
                byte = UInt8(ascii: " ")
            } else if byte == percent {
                guard let (encoded, end) = encodedByte(in: text, at: position) else { return nil }
                (byte, position) = (encoded, end)
            }
            decoded.initializeElement(at: count, to: byte)
            count += 1
        }
        return count
    }

    private static func decodedBytes(_ text: some Collection<UInt8>, keepsMalformed: Bool) -> [UInt8]? {
        var bytes: [UInt8] = []
        var position = text.startIndex
        while position < text.endIndex {
            let byte = text[position]
            text.formIndex(after: &position)
            if byte != percent {
                bytes.append(byte)
            } else if let (decoded, end) = encodedByte(in: text, at: position) {
                bytes.append(decoded)
                position = end
            } else if keepsMalformed {
                bytes.append(byte)
            } else {
                return nil
            }
        }
        return bytes
    }

    /// Returns the byte that two digits stand for, and the position after them; nil unless both are digits.
    private static func encodedByte<Text: Collection<UInt8>>(in text: Text, at position: Text.Index) -> (byte: UInt8, end: Text.Index)? {
        guard position < text.endIndex, let high = Hexadecimal.value(of: text[position]) else { return nil }
        let second = text.index(after: position)
        guard second < text.endIndex, let low = Hexadecimal.value(of: text[second]) else { return nil }
        return (high << 4 | low, text.index(after: second))
    }

    /// Encodes everything but letters, digits and `-._~`, as in a value in the query of a URL.
    package static func encode(_ text: String) -> String {
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                encoded.append(byte)
            default: append(byte, to: &encoded)
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// Appends `%XX`, with upper-case digits, for a byte.
    static func append(_ byte: UInt8, to encoded: inout [UInt8]) {
        encoded.append(percent)
        encoded.append(upperCaseDigit(byte >> 4))
        encoded.append(upperCaseDigit(byte & 15))
    }

    private static func upperCaseDigit(_ value: UInt8) -> UInt8 {
        assert(value < 16, "A digit stands for a value below 16.")
        return value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }
}
