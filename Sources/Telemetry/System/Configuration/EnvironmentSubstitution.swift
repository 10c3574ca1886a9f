// The substitution of environment variables in a configuration file.

/// Replaces `${NAME}`, `${env:NAME}` and `${NAME:-default}` in a text, and `$$` by `$`.
///
/// What comes from a variable or a default is taken as it is. (Specification: configuration data model, "Environment variable substitution".)
struct EnvironmentSubstitution {
    /// A reference that cannot be read: the reference without its default, which may be a secret, and what would be right.
    struct Failure: Error, Equatable {
        let reference: String
        let expected: String
    }

    let environment: EnvironmentReader

    /// Returns the text with its references replaced, and whether there was one.
    func apply(to text: String) throws(Failure) -> (text: String, isSubstituted: Bool) {
        guard text.utf8.contains(UInt8(ascii: "$")) else { return (text, false) }
        var result = ""
        var isSubstituted = false
        var rest = text[...]
        // A reference cannot contain an escape: the text between two of them is searched by itself.
        while let escape = rest.firstRange(of: "$$") {
            try appendSubstituted(rest[..<escape.lowerBound], to: &result, &isSubstituted)
            result += "$"
            rest = rest[escape.upperBound...]
        }
        try appendSubstituted(rest, to: &result, &isSubstituted)
        return (result, isSubstituted)
    }

    private func appendSubstituted(_ text: Substring, to result: inout String, _ isSubstituted: inout Bool) throws(Failure) {
        var rest = text
        while let start = rest.firstRange(of: "${") {
            result += rest[..<start.lowerBound]
            let content = rest[start.upperBound...]
            // Without an end nothing that follows is a reference either, and with nothing inside it is none.
            guard let end = content.utf8.firstIndex(of: UInt8(ascii: "}")) else {
                result += rest[start]
                rest = content
                break
            }
            guard end > content.startIndex else {
                result += rest[start]
                rest = content
                continue
            }
            result += try value(of: content[..<end])
            isSubstituted = true
            rest = content[content.index(after: end)...]
        }
        result += rest
    }

    private func value(of content: Substring) throws(Failure) -> String {
        let (prefix, reference) = Self.prefix(of: content)
        if let prefix, prefix != "env" {
            // What follows may be meant as a default, as other programs write it.
            throw Failure(
                reference: "${\(prefix):…}",
                expected: "only a name, or env: before it, and a default after :-, as in ${NAME}, ${env:NAME}, ${NAME:-8080}")
        }
        let end = reference.utf8.firstIndex { !Self.isNameByte($0) } ?? reference.endIndex
        let name = reference[..<end]
        let isName = name.utf8.first.map { !(0x30...0x39).contains($0) } ?? false
        let remainder = reference[end...]
        // What follows a name may be meant as a default, which may be a secret.
        func failure(_ expected: String) -> Failure {
            let shown = remainder.count > 1 ? "\(content[..<end])\(remainder.hasPrefix(":-") ? ":-" : remainder.prefix(1))…" : "\(content)"
            return Failure(reference: "${\(shown)}", expected: expected)
        }
        guard isName, remainder.isEmpty || remainder.hasPrefix(":-") else {
            throw failure("a name of letters, digits and _ that does not start with a digit, and a default after :-, as in ${NAME:-8080}")
        }
        let fallback = remainder.dropFirst(2)
        guard fallback.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else { throw failure("a default on one line") }
        return environment.exactText(String(name)) ?? String(fallback)
    }

    /// Splits `env:NAME`; `NAME:-default` has no prefix.
    private static func prefix(of content: Substring) -> (prefix: Substring?, rest: Substring) {
        guard let colon = content.firstIndex(of: ":"), colon > content.startIndex, content[..<colon].utf8.allSatisfy(isNameByte) else {
            return (nil, content)
        }
        let rest = content[content.index(after: colon)...]
        return rest.first == "-" ? (nil, content) : (content[..<colon], rest)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
