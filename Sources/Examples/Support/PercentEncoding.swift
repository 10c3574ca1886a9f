// Decodes paths and queries; the router and requests share it.

/// Percent-encoding of URLs. (RFC 3986, section 2.1.)
enum PercentEncoding {
    /// Returns the text with `%XX` decoded; the text itself if it is malformed or no UTF-8.
    static func decoded(_ text: Substring) -> String {
        guard text.contains("%") else { return String(text) }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2).compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
            guard digits.count == 2 else { return String(text) }
            rest = rest.dropFirst(2)
            bytes.append(UInt8(digits[0] << 4 | digits[1]))
        }
        return String(validating: bytes, as: UTF8.self) ?? String(text)
    }
}
