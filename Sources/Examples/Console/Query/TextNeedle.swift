// Hot: finds a text in received bytes, whatever its case.

/// A text to look for. Letters of ASCII are found in either case, and so are others where bytes are text.
struct TextNeedle: Sendable {
    private let lower: [UInt8]
    private let text: String
    private let isASCII: Bool
    private let first: UInt8
    private let firstUpper: UInt8

    init(_ text: String) {
        self.text = text.lowercased()
        lower = Array(self.text.utf8)
        isASCII = lower.allSatisfy { $0 < 0x80 }
        first = lower.first ?? 0
        firstUpper = Self.isLower(first) ? first - 32 : first
    }

    /// True if the text may stand for a number.
    var mayBeNumber: Bool { lower.allSatisfy { ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")) || $0 == UInt8(ascii: "-") } }

    /// Returns whether bytes have the text.
    func isIn(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard isASCII else { return String(decoding: bytes, as: UTF8.self).lowercased().contains(text) }
        return hasASCII(bytes)
    }

    func isIn(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { isIn(UnsafeRawBufferPointer($0)) }
    }

    /// Returns false if no text in a message can have it, whatever fields the message has.
    func mayBeInTexts(of message: UnsafeRawBufferPointer) -> Bool { !isASCII || hasASCII(message) }

    private func hasASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard lower.count <= bytes.count else { return false }
        guard !lower.isEmpty else { return true }
        let last = bytes.count - lower.count
        var place = 0
        while place <= last {
            let byte = bytes[place]
            if byte == first || byte == firstUpper, hasASCII(bytes, at: place) { return true }
            place &+= 1
        }
        return false
    }

    private func hasASCII(_ bytes: UnsafeRawBufferPointer, at place: Int) -> Bool {
        for index in 1..<max(1, lower.count) {
            let byte = bytes[place + index]
            let folded = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte + 32 : byte
            if folded != lower[index] { return false }
        }
        return true
    }

    private static func isLower(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") }
}
