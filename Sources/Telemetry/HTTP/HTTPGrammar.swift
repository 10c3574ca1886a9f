// Which characters may stand in which part of a message.

/// Classifies the characters of messages. (RFC 9110 §5.5 and §5.6.2.)
package enum HTTPGrammar {
    package static func isToken(_ text: some Collection<UInt8>) -> Bool {
        !text.isEmpty && text.allSatisfy(TokenCharacters.contains)
    }

    /// Returns whether a text has only visible characters, spaces, tabs, and bytes above ASCII.
    static func isFieldValue(_ text: some Sequence<UInt8>) -> Bool {
        text.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }
    }

    static func isBlank(_ character: UInt8) -> Bool { character == 0x20 || character == 0x09 }

    static func isDigit(_ character: UInt8) -> Bool { character >= UInt8(ascii: "0") && character <= UInt8(ascii: "9") }

    /// Returns whether a character may be part of a host and port: none that delimits another part of a URL.
    static func isHostCharacter(_ character: UInt8) -> Bool {
        character > 0x20 && character < 0x7F && !"/?#@\\,\"<>".utf8.contains(character)
    }

    /// Returns whether two strings are equal except for the case of ASCII letters: the Kelvin sign is not equal to k.
    package static func isSame(_ left: String, _ right: String) -> Bool { isSame(left.utf8, right.utf8) }

    static func isSame(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { $0 == $1 || lowercased($0) == lowercased($1) }
    }

    @inline(__always)
    private static func lowercased(_ character: UInt8) -> UInt8 {
        character >= UInt8(ascii: "A") && character <= UInt8(ascii: "Z") ? character | 0x20 : character
    }
}
