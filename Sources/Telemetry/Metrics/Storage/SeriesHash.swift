// Hot: the hash that finds the series of a measurement.

/// Hashes attributes in any order: the hashes of single attributes are added up.
///
/// Each process has its own secret, so that no outsider can construct colliding keys.
struct SeriesHash: Sendable {
    private let secret: UInt64

    /// The hash of this process. Frequent users keep a copy, since a global costs a call each time.
    static let shared = SeriesHash(secret: RandomLanes.shared.number())

    /// Returns the hash of attributes as written. Duplicate or empty keys give a hash that no series has.
    @inline(__always)
    func hash(_ entries: SeriesEquality.Entries) -> UInt64 {
        var sum = UInt64(truncatingIfNeeded: entries.count)
        for index in entries.indices {
            assert(entries.baseAddress != nil, "Entries that have an index have an address.")
            let entry = entries.baseAddress.unsafelyUnwrapped + index
            sum &+= Self.fold(hash(entry.pointee.0) ^ Self.first, hash(entry.pointee.1))
        }
        return sum
    }

    /// Returns the hash of attributes in canonical form.
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
        let bits = ShortText.bits(of: text)
        // Short strings lie in these two words: no load from memory is needed.
        if let count = ShortText.count(bits) { return mix(bits.0, bits.1 & ShortText.contentMask, count) }
        return text.utf8.withContiguousStorageIfAvailable { hash($0) } ?? hashOfForeign(text)
    }

    @inline(never)
    private func hashOfForeign(_ text: String) -> UInt64 { Array(text.utf8).withUnsafeBufferPointer { hash($0) } }

    /// Returns the hash of bytes elsewhere, equal to that of the same bytes in a short string.
    @inline(__always)
    private func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        let count = bytes.count
        guard count >= 16, let base = UnsafeRawPointer(bytes.baseAddress) else { return hashOfShort(bytes) }
        if count > 32 { return hashOfLong(base, count) }
        // Two overlapping pairs of loads cover every length from 16 to 32.
        let end = base + (count &- 16)
        return mix(base.loadUnaligned(as: UInt64.self), end.loadUnaligned(as: UInt64.self), count)
            ^ Self.fold(
                base.loadUnaligned(fromByteOffset: 8, as: UInt64.self) ^ Self.third,
                end.loadUnaligned(fromByteOffset: 8, as: UInt64.self) ^ secret)
    }

    @inline(never)
    private func hashOfShort(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        assert(bytes.count < 16, "The bytes fit into two words.")
        var words: (UInt64, UInt64) = (0, 0)
        for (place, byte) in bytes.enumerated() {
            if place < 8 { words.0 |= UInt64(byte) << (8 * place) } else { words.1 |= UInt64(byte) << (8 * (place - 8)) }
        }
        return mix(words.0, words.1, bytes.count)
    }

    @inline(never)
    private func hashOfLong(_ base: UnsafeRawPointer, _ count: Int) -> UInt64 {
        assert(count > 32, "All loads lie within the text.")
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
        Self.fold(first ^ secret, second ^ Self.second ^ UInt64(truncatingIfNeeded: count) &<< 56)
    }

    /// Combines both halves of the product, so that every input bit affects every output bit.
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
