// The header fields of an HTTP message.

/// The header fields of an HTTP message, in order; names are compared without regard to case.
package struct HTTPHeaders: Sendable, ExpressibleByDictionaryLiteral {
    package typealias Element = (name: String, value: String)

    private var fields: [Element] = []

    package init() {}

    package init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { add(name, value) }
    }

    /// The value of the first field with that name. Setting replaces all of them, setting nil removes them.
    package subscript(name: String) -> String? {
        get { fields.first { HTTPGrammar.isSame($0.name, name) }?.value }
        set {
            remove(name)
            if let newValue { add(name, newValue) }
        }
    }

    /// The values of all fields with that name, in order.
    package func values(named name: String) -> [String] {
        guard self[name] != nil else { return [] }
        return fields.filter { HTTPGrammar.isSame($0.name, name) }.map(\.value)
    }

    /// Adds a field at the end. A name that is no token, or a value with a line break or NUL, would become another message:
    /// such a field is left out.
    package mutating func add(_ name: String, _ value: String) {
        guard HTTPGrammar.isToken(name.utf8), HTTPGrammar.isFieldValue(value.utf8) else { return }
        fields.append((name, value))
    }

    /// Adds a field whose name and value were checked when they were read.
    mutating func addChecked(_ name: String, _ value: String) {
        fields.append((name, value))
    }

    package mutating func remove(_ name: String) {
        fields.removeAll { HTTPGrammar.isSame($0.name, name) }
    }

    /// Whether one of the comma-separated words of a field is the given one, in any case.
    package func contains(_ word: String, in name: String) -> Bool {
        values(named: name).contains { value in
            value.utf8.split(separator: UInt8(ascii: ",")).contains { part in
                var part = part.drop(while: HTTPGrammar.isBlank)
                while let last = part.last, HTTPGrammar.isBlank(last) { part.removeLast() }
                return HTTPGrammar.isSame(part, word.utf8)
            }
        }
    }
}

extension HTTPHeaders: Sequence {
    package var count: Int { fields.count }

    package func makeIterator() -> some IteratorProtocol<(name: String, value: String)> { fields.makeIterator() }
}

/// The characters that HTTP allows where. (RFC 9110 §5.5 and §5.6.2.)
enum HTTPGrammar {
    /// For each ASCII character whether it may be part of a token.
    private static let tokenCharacters: [Bool] = (0..<128).map { code in
        let character = UInt8(code)
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
            return true
        default: return "!#$%&'*+-.^_`|~".utf8.contains(character)
        }
    }

    static func isToken(_ text: some Collection<UInt8>) -> Bool {
        !text.isEmpty && text.allSatisfy { $0 < 128 && tokenCharacters[Int($0)] }
    }

    /// Visible characters, spaces, tabs, and bytes above ASCII.
    static func isFieldValue(_ text: some Sequence<UInt8>) -> Bool {
        text.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }
    }

    static func isBlank(_ character: UInt8) -> Bool { character == 0x20 || character == 0x09 }

    static func isDigit(_ character: UInt8) -> Bool { character >= UInt8(ascii: "0") && character <= UInt8(ascii: "9") }

    /// Letters, digits and what else stands in names, addresses and ports; nothing that could be taken for another part of a URL.
    static func isHostCharacter(_ character: UInt8) -> Bool {
        character > 0x20 && character < 0x7F && !"/?#@\\,\"<>".utf8.contains(character)
    }

    /// Whether two texts are the same but for the case of ASCII letters. Others have no case here: a K of the Kelvin scale is no k.
    static func isSame(_ left: String, _ right: String) -> Bool { isSame(left.utf8, right.utf8) }

    static func isSame(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { $0 == $1 || lowercased($0) == lowercased($1) }
    }

    @inline(__always)
    private static func lowercased(_ character: UInt8) -> UInt8 {
        character >= UInt8(ascii: "A") && character <= UInt8(ascii: "Z") ? character | 0x20 : character
    }
}
