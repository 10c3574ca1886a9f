// Sanitising and escaping of names.

/// The character sets of names, and the conversions to them.
package enum PrometheusText {
    /// Returns a name of the form `[a-zA-Z_:][a-zA-Z0-9_:]*`; each run of other characters and `_` becomes one `_`.
    package static func metricName(_ name: String) -> String { sanitised(name, allowsColon: true) }

    /// Returns a name of the form `[a-zA-Z_][a-zA-Z0-9_]*` in the same way.
    package static func labelName(_ key: String) -> String { sanitised(key, allowsColon: false) }

    private static func sanitised(_ text: String, allowsColon: Bool) -> String {
        // A run of other bytes becomes one `_`, so characters need not be decoded.
        String(unsafeUninitializedCapacity: text.utf8.count + 1) { result in
            var count = 0
            for byte in text.utf8 {
                if isLegacy(byte, allowsColon: allowsColon) && byte != UInt8(ascii: "_") {
                    if count == 0 && HTTPGrammar.isDigit(byte) {
                        result[0] = UInt8(ascii: "_")
                        count = 1
                    }
                    result[count] = byte
                    count += 1
                } else if count == 0 || result[count - 1] != UInt8(ascii: "_") {
                    result[count] = UInt8(ascii: "_")
                    count += 1
                }
            }
            assert(count <= text.utf8.count + 1, "Each byte gives at most one, and a digit at the beginning one more.")
            return count
        }
    }

    /// Returns whether a byte is allowed in legacy names; digits are not allowed at the beginning.
    private static func isLegacy(_ byte: UInt8, allowsColon: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"):
            true
        case UInt8(ascii: ":"): allowsColon
        default: false
        }
    }

    /// Returns whether a name is valid in all formats.
    static func isLegacyName(_ name: String, allowsColon: Bool) -> Bool {
        guard let first = name.utf8.first, !HTTPGrammar.isDigit(first) else { return false }
        return name.utf8.allSatisfy { isLegacy($0, allowsColon: allowsColon) }
    }

    /// Escapes a name; readers can restore it from some of the schemes. (Prometheus: "UTF-8 escaping schemes".)
    static func escaped(_ name: String, _ scheme: PrometheusEscaping, allowsColon: Bool) -> String {
        if scheme == .allowUTF8 || (scheme != .dots && isLegacyName(name, allowsColon: allowsColon)) { return name }
        var result = scheme == .values ? "U__" : ""
        var isFirst = true
        for scalar in name.unicodeScalars {
            let byte = scalar.isASCII ? UInt8(scalar.value) : 0
            let isKept = isLegacy(byte, allowsColon: allowsColon) && !(isFirst && HTTPGrammar.isDigit(byte))
            isFirst = false
            switch (scheme, scalar) {
            case (.dots, "_"), (.values, "_"): result += "__"
            case (.dots, "."): result += "_dot_"
            // The specification's example has capitals; Prometheus and its client libraries write small letters, and names are compared by bytes.
            case (.values, _) where !isKept: result += "_\(String(scalar.value, radix: 16))_"
            default: result.unicodeScalars.append(isKept ? scalar : "_")
            }
        }
        return result
    }

    /// Returns the text without a suffix; nil if it has another end or would become empty.
    static func removing(_ suffix: String, from text: String) -> String? {
        guard text.utf8.count > suffix.utf8.count, ends(text, with: suffix) else { return nil }
        return String(decoding: text.utf8.dropLast(suffix.utf8.count), as: UTF8.self)
    }

    /// Returns whether the text ends with the bytes of a suffix, regardless of grapheme clusters.
    static func ends(_ text: String, with suffix: String) -> Bool { text.utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8) }

    /// Joins both with exactly one `_`.
    static func joined(_ text: String, _ suffix: String) -> String { ends(text, with: "_") ? text + suffix : text + "_" + suffix }

    /// Removes `_` from both ends.
    static func trimmed(_ text: String) -> String {
        var rest = Substring(text)
        while rest.first == "_" { rest.removeFirst() }
        while rest.last == "_" { rest.removeLast() }
        return String(rest)
    }
}
