// How much of an attribute's value is kept.

/// How much of an attribute's value is kept: its length and its nesting.
///
/// An array or a map nested too deeply becomes the empty value, as the specification has it. Length counts Unicode scalars of a text and bytes of a byte array, in arrays and maps for each value by itself.
/// (Specification: common, "Attribute Limits".)
struct AttributeValueLimits: Sendable, Hashable {
    let length: Int
    /// A value on its own has depth 1; arrays and maps below this depth become empty values.
    let depth: Int
    /// Protobuf messages that may lie in one another below the value's own.
    let messages: Int

    static let defaultDepth = 64

    init(length: Int? = nil, depth: Int = defaultDepth, messages: Int = .max) {
        self.length = length ?? .max
        self.depth = depth
        self.messages = messages
    }

    /// The limits of the body of a log record: no length, and the default depth.
    static let body = AttributeValueLimits()

    /// The limits of what has none but those of receivers: attributes of resources, scopes and metric points.
    ///
    /// They are encoded for requests only. An attribute of an exemplar, which lies deepest, is the eighth message in a request.
    static let request = AttributeValueLimits(depth: .max, messages: ReceiverLimits.nestedMessages - 8)

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
