// How much of an attribute's value is kept.

/// How much of an attribute's value is kept: its length and its nesting.
///
/// Length counts Unicode scalars of a text and bytes of a byte array, in arrays and maps for each value by itself.
/// (Specification: common, "Attribute Limits".)
struct AttributeValueLimits: Sendable, Hashable {
    let length: Int
    /// A value on its own has depth 1; arrays and maps below this depth become empty values.
    let depth: Int

    init(length: Int? = nil, depth: Int = 64) {
        self.length = length ?? .max
        self.depth = depth
    }

    /// Everything is kept, to a depth at which recursion is still safe.
    static let none = AttributeValueLimits(length: nil, depth: 128)

    /// How many bytes of a text are kept.
    @inline(__always)
    func keptBytes(of text: borrowing String) -> Int {
        let count = text.utf8.count
        // Each scalar takes a byte at least: a text of no more bytes than the limit holds no more scalars either.
        return count <= length ? count : Self.bytes(ofFirst: length, scalarsIn: text)
    }

    @inline(never)
    private static func bytes(ofFirst scalars: Int, scalarsIn text: borrowing String) -> Int {
        var left = scalars
        var bytes = 0
        for byte in text.utf8 {
            let beginsScalar = byte & 0xC0 != 0x80
            if beginsScalar {
                guard left > 0 else { break }
                left -= 1
            }
            bytes += 1
        }
        return bytes
    }
}
