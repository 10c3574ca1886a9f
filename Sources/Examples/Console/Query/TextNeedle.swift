// Hot: finds a text in received bytes, whatever its case.

/// A text to look for. Letters of ASCII are found in either case, and so are others where bytes are text.
struct TextNeedle: Sendable {
    private let lower: [UInt8]
    private let text: String
    private let isASCII: Bool
    /// The place of the byte that is looked for first, the one that is rarest in telemetry, and this byte in either case.
    private let pivot: Int
    private let pivotLower: UInt8
    private let pivotUpper: UInt8

    init(_ text: String) {
        self.text = text.lowercased()
        let lower = Array(self.text.utf8)
        self.lower = lower
        isASCII = lower.allSatisfy { $0 < 0x80 }
        let pivot = lower.indices.min { Self.frequency(lower[$0]) < Self.frequency(lower[$1]) } ?? 0
        self.pivot = pivot
        pivotLower = lower.isEmpty ? 0 : lower[pivot]
        pivotUpper = Self.isLower(pivotLower) ? pivotLower - 32 : pivotLower
    }

    /// Returns how often a byte is met, roughly: letters by their order in texts, what stands between words of paths often, all else seldom.
    private static func frequency(_ byte: UInt8) -> Int {
        if let place = Array("zqjxkvwybfgumplhdcnsroaite".utf8).firstIndex(of: byte) { return place }
        return "./_- 01".utf8.contains(byte) ? 20 : 0
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
        // Where the pivot can be.
        var place = pivot
        let end = bytes.count - (lower.count - 1 - pivot)
        let (small, large) = (SIMD32<UInt8>(repeating: pivotLower), SIMD32<UInt8>(repeating: pivotUpper))
        while place < end {
            // Thirty-two bytes without the pivot are passed at once.
            if bytes.count - place >= 32 {
                let part = bytes.loadUnaligned(fromByteOffset: place, as: SIMD32<UInt8>.self)
                if !any((part .== small) .| (part .== large)) {
                    place &+= 32
                    continue
                }
            }
            let limit = min(end, place &+ 32)
            while place < limit {
                let byte = bytes[place]
                if byte == pivotLower || byte == pivotUpper, hasASCII(bytes, at: place &- pivot) { return true }
                place &+= 1
            }
        }
        return false
    }

    private func hasASCII(_ bytes: UnsafeRawBufferPointer, at place: Int) -> Bool {
        for index in 0..<lower.count {
            let byte = bytes[place + index]
            let folded = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte + 32 : byte
            if folded != lower[index] { return false }
        }
        return true
    }

    private static func isLower(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") }
}
