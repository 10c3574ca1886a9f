// Syntax and equality of instrument names.

/// An instrument name, compared without regard to case.
///
/// (Specification: metrics API, "Instrument name syntax".)
struct InstrumentName: Sendable, Hashable {
    /// The largest length that the syntax allows.
    static let maximumLength = 255
    static let rule =
        "A name starts with a letter, goes on with letters, digits, \"_\", \".\", \"-\" and \"/\", and has at most 255 characters, all ASCII."

    private let lowerCase: ExactText

    init(_ name: String) {
        lowerCase = ExactText(String(decoding: name.utf8.map(Self.lowerCase), as: UTF8.self))
    }

    /// The name in lower case; characters outside of ASCII, which no valid name has, are unchanged.
    var text: String { lowerCase.text }

    /// Reports whether a name follows the syntax.
    static func isValid(_ name: String) -> Bool {
        guard let first = name.utf8.first, isLetter(first), name.utf8.count <= maximumLength else { return false }
        return name.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == 0x5f || (0x2d...0x2f).contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(lowerCase(byte)) }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func lowerCase(_ byte: UInt8) -> UInt8 { (0x41...0x5a).contains(byte) ? byte | 0x20 : byte }
}
