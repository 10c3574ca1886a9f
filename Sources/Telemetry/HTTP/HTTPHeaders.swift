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
        get { fields.first { Self.isSame($0.name, name) }?.value }
        set {
            remove(name)
            if let newValue { add(name, newValue) }
        }
    }

    /// The values of all fields with that name, in order.
    package func values(named name: String) -> [String] {
        fields.filter { Self.isSame($0.name, name) }.map(\.value)
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
        fields.removeAll { Self.isSame($0.name, name) }
    }

    /// Whether one of the comma-separated words of a field is the given one, in any case.
    package func contains(_ word: String, in name: String) -> Bool {
        values(named: name).contains { value in
            value.split(separator: ",").contains { Self.isSame(String($0.trimmingSpaces()), word) }
        }
    }

    private static func isSame(_ left: String, _ right: String) -> Bool {
        let (left, right) = (left.utf8, right.utf8)
        return left.count == right.count && zip(left, right).allSatisfy { HTTPGrammar.lowercased($0) == HTTPGrammar.lowercased($1) }
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

    @inline(__always)
    static func lowercased(_ character: UInt8) -> UInt8 {
        character >= UInt8(ascii: "A") && character <= UInt8(ascii: "Z") ? character | 0x20 : character
    }
}
