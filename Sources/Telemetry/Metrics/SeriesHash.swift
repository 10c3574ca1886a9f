// Hot: hashes attributes without ordering them, and compares them.

/// Hashes attributes so that their order makes no difference: the hashes of the single attributes are added up.
///
/// Each process has a secret of its own, so that nobody outside can make keys that collide.
struct SeriesHash: Sendable {
    private let secret: UInt64

    /// The secret of this process. Whoever needs it often keeps the value: a global costs a call each time.
    static let shared = SeriesHash(secret: RandomLanes.shared.number())

    /// The hash of attributes as they were written. Where a key stands twice or is empty it is one that no series has.
    @inline(__always)
    func hash(_ entries: SeriesEquality.Entries) -> UInt64 {
        var sum = UInt64(truncatingIfNeeded: entries.count)
        for index in entries.indices {
            let entry = entries.baseAddress.unsafelyUnwrapped + index
            sum &+= Self.fold(hash(entry.pointee.0) ^ Self.first, hash(entry.pointee.1))
        }
        return sum
    }

    /// The hash of attributes in their canonical form.
    func hash(of attributes: Attributes) -> UInt64 { attributes.withEntries { entries in hash(entries) } }

    @inline(__always)
    private func hash(_ value: AttributeValue) -> UInt64 {
        switch value {
        case .string(let text): hash(text)
        case .int(let number): UInt64(bitPattern: number) &* Self.second ^ secret
        case .bool(let truth): truth ? Self.first : Self.third
        case .double(let number): number.bitPattern &* Self.third ^ secret
        case .bytes, .array, .map, .empty: Self.hashOfNesting(value)
        }
    }

    @inline(never)
    private static func hashOfNesting(_ value: AttributeValue) -> UInt64 { UInt64(truncatingIfNeeded: value.hashValue) }

    @inline(__always)
    private func hash(_ text: String) -> UInt64 {
        text.utf8.withContiguousStorageIfAvailable { hash($0) } ?? hashOfForeign(text)
    }

    @inline(never)
    private func hashOfForeign(_ text: String) -> UInt64 { Array(text.utf8).withUnsafeBufferPointer { hash($0) } }

    @inline(__always)
    private func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        let count = bytes.count
        guard count > 0 else { return secret }
        let base = UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped)
        // Two loads that overlap cover every length between the size of one and of both.
        if count >= 8 {
            if count > 16 { return hashOfLong(base, count) }
            return mix(
                base.loadUnaligned(as: UInt64.self), base.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self), count)
        }
        if count >= 4 {
            return mix(
                UInt64(base.loadUnaligned(as: UInt32.self)),
                UInt64(base.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)), count)
        }
        let ends = UInt64(base.load(as: UInt8.self)) | UInt64(base.load(fromByteOffset: count &- 1, as: UInt8.self)) &<< 8
        return mix(ends, UInt64(base.load(fromByteOffset: count &>> 1, as: UInt8.self)), count)
    }

    @inline(never)
    private func hashOfLong(_ base: UnsafeRawPointer, _ count: Int) -> UInt64 {
        var state = secret
        var place = 0
        while place &+ 16 < count {
            state = Self.fold(
                base.loadUnaligned(fromByteOffset: place, as: UInt64.self) ^ Self.second,
                base.loadUnaligned(fromByteOffset: place &+ 8, as: UInt64.self) ^ state)
            place &+= 16
        }
        return mix(
            base.loadUnaligned(fromByteOffset: count &- 16, as: UInt64.self) ^ state,
            base.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self), count)
    }

    @inline(__always)
    private func mix(_ first: UInt64, _ second: UInt64, _ count: Int) -> UInt64 {
        Self.fold(first ^ secret, second ^ Self.second ^ UInt64(truncatingIfNeeded: count))
    }

    /// Both halves of the product: every bit of both numbers reaches every bit of the result.
    @inline(__always)
    private static func fold(_ first: UInt64, _ second: UInt64) -> UInt64 {
        let product = first.multipliedFullWidth(by: second)
        return product.high ^ product.low
    }

    // Odd numbers without a pattern: fractions of the roots of 2, 3 and 5.
    private static let first: UInt64 = 0x6A09_E667_F3BC_C909
    private static let second: UInt64 = 0xBB67_AE85_84CA_A73B
    private static let third: UInt64 = 0x3C6E_F372_FE94_F82B
}

/// Compares attributes by type and value, whatever their order.
enum SeriesEquality {
    typealias Entries = UnsafeBufferPointer<(String, AttributeValue)>

    /// Whether both hold the same attributes. In the first one no key stands twice, and none is empty; if they are as many and the
    /// second has them all, it is free of such keys, too.
    @inline(__always)
    static func areSame(_ left: Entries, _ right: Entries) -> Bool {
        guard left.count == right.count else { return false }
        for index in left.indices {
            let (one, other) = (left.baseAddress.unsafelyUnwrapped + index, right.baseAddress.unsafelyUnwrapped + index)
            if !isSame(one.pointee.0, other.pointee.0) || !isSame(one.pointee.1, other.pointee.1) {
                return areSameWithoutOrder(left, right)
            }
        }
        return true
    }

    @inline(never)
    private static func areSameWithoutOrder(_ left: Entries, _ right: Entries) -> Bool {
        guard left.count <= 16 else { return dictionary(left) == dictionary(right) }
        return left.allSatisfy { entry in right.contains { isSame($0.0, entry.0) && isSame($0.1, entry.1) } }
    }

    private static func dictionary(_ entries: Entries) -> [ExactText: AttributeValue] {
        Dictionary(entries.map { (ExactText($0.0), $0.1) }, uniquingKeysWith: { _, last in last })
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

    @inline(never)
    private static func isSameNesting(_ left: AttributeValue, _ right: AttributeValue) -> Bool { left == right }

    @inline(__always)
    private static func isSame(_ left: String, _ right: String) -> Bool {
        // The same bits are the same text: short texts lie in them, long ones are usually one object.
        let (one, other) = (unsafeBitCast(left, to: Bits.self), unsafeBitCast(right, to: Bits.self))
        if one.0 == other.0 && one.1 == other.1 { return true }
        return isSameElsewhere(left, right)
    }

    private typealias Bits = (UInt64, UInt64)

    @inline(never)
    private static func isSameElsewhere(_ left: String, _ right: String) -> Bool { left.hasSameBytes(as: right) }
}
