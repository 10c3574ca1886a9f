// Hot: compares the attributes of a measurement with those of a series.

/// Compares attributes by type and value, in any order.
enum SeriesEquality {
    typealias Entries = UnsafeBufferPointer<(String, AttributeValue)>

    /// Reports whether both hold the same attributes.
    ///
    /// `left` must have neither duplicate nor empty keys; if `right` has as many entries and all of these, it has none either.
    @inline(__always)
    static func areSame(_ left: Entries, _ right: Entries) -> Bool {
        guard left.count == right.count else { return false }
        for index in left.indices {
            assert(left.baseAddress != nil && right.baseAddress != nil, "Entries that have an index have an address.")
            let (one, other) = (left.baseAddress.unsafelyUnwrapped + index, right.baseAddress.unsafelyUnwrapped + index)
            if !isSame(one.pointee.0, other.pointee.0) || !isSame(one.pointee.1, other.pointee.1) {
                return areSameWithoutOrder(left, right)
            }
        }
        return true
    }

    @inline(never)
    private static func areSameWithoutOrder(_ left: Entries, _ right: Entries) -> Bool {
        guard left.count > 16 else {
            return left.allSatisfy { entry in right.contains { isSame($0.0, entry.0) && isSame($0.1, entry.1) } }
        }
        let values = Dictionary(right.map { (ExactText($0.0), $0.1) }, uniquingKeysWith: { _, last in last })
        return left.allSatisfy { key, value in values[ExactText(key)].map { isSame(value, $0) } ?? false }
    }

    @inline(__always)
    private static func isSame(_ left: AttributeValue, _ right: AttributeValue) -> Bool {
        switch (left, right) {
        case (.string(let one), .string(let other)): isSame(one, other)
        case (.int(let one), .int(let other)): one == other
        case (.bool(let one), .bool(let other)): one == other
        case (.double(let one), .double(let other)): one.bitPattern == other.bitPattern
        default: isSameNesting(left, right)
        }
    }

    /// As for top-level values, NaN equals itself and strings are compared byte by byte.
    ///
    /// Otherwise a series with such a value would never be found again.
    @inline(never)
    private static func isSameNesting(_ left: AttributeValue, _ right: AttributeValue) -> Bool {
        switch (left, right) {
        case (.bytes(let one), .bytes(let other)): one == other
        case (.empty, .empty): true
        case (.array(let one), .array(let other)): one.count == other.count && zip(one, other).allSatisfy { isSame($0, $1) }
        case (.map(let one), .map(let other)):
            one.count == other.count
                && one.allSatisfy { key, value in
                    other.index(forKey: key).map { isSame(other[$0].key, key) && isSame(other[$0].value, value) } ?? false
                }
        default: false
        }
    }

    @inline(__always)
    private static func isSame(_ left: String, _ right: String) -> Bool {
        // Equal bits are equal strings: short strings lie in them, long ones usually share one object.
        let (one, other) = (ShortText.bits(of: left), ShortText.bits(of: right))
        if one.0 == other.0 && one.1 == other.1 { return true }
        return isSameElsewhere(left, right)
    }

    @inline(never)
    private static func isSameElsewhere(_ left: String, _ right: String) -> Bool { left.hasSameBytes(as: right) }
}
