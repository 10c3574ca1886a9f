// Attribute limits of the specification, and the nesting that receivers can decode.

/// The limits of an attribute value: its length and its nesting.
///
/// An array or a map that is nested too deeply becomes the empty value, as the specification requires. Length counts the Unicode scalars of
/// a string and the bytes of a byte array, for each value in arrays and maps separately.
/// (Specification: common, "Attribute Limits".)
struct AttributeValueLimits: Sendable, Hashable {
    let length: Int
    /// A value on its own has depth 1; arrays and maps below this depth become empty values.
    let depth: Int
    /// How deeply protobuf messages may be nested below the value's own.
    let messages: Int

    static let defaultDepth = 64

    init(length: Int? = nil, depth: Int = defaultDepth, messages: Int = .max) {
        self.length = length ?? .max
        self.depth = depth
        self.messages = messages
    }

    /// The depths that code may set.
    static let depths = 1...128

    /// Takes limits from code; the nearest valid ones in place of others.
    init(nearestTo length: Int?, depth: Int) {
        self.init(length: length.map { max(0, $0) }, depth: min(max(depth, Self.depths.lowerBound), Self.depths.upperBound))
    }

    /// Returns what is wrong with limits from code.
    ///
    /// - Parameters:
    ///   - type: the type that has them, as it is written in code.
    ///   - counts: the limits of numbers and lengths by name.
    static func problem(of type: String, depth: Int, counts: KeyValuePairs<String, Int>) -> ConfigurationError? {
        if let (name, count) = counts.first(where: { $0.value < 0 }) {
            return ConfigurationError(setting: "\(type).\(name)", value: "\(count)", expected: "0 or more")
        }
        guard !depths.contains(depth) else { return nil }
        return ConfigurationError(
            setting: "\(type).attributeValueDepth", value: "\(depth)",
            expected: "a depth from \(depths.lowerBound) to \(depths.upperBound)")
    }

    /// The limits of the body of a log record: no length limit, and the default depth.
    static let body = AttributeValueLimits()

    /// The limits of attributes of resources, scopes and metric points, which only receivers limit.
    ///
    /// An attribute of an exemplar is nested deepest: it is the eighth message in a request.
    static let request = AttributeValueLimits(depth: .max, messages: ReceiverLimits.nestedMessages - 8)

    /// Returns how many bytes of a string are within the limit.
    @inline(__always)
    func keptBytes(of text: borrowing String) -> Int {
        let count = text.utf8.count
        // Each scalar takes at least one byte: a string with no more bytes than the limit has no more scalars either.
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
