// Hot: texts that many items share, each kept once.

/// Texts by number. A text beyond the limit is cut, and its end says so.
struct TextTable: Sendable {
    /// The bytes of a text that are kept.
    static let maximumTextBytes = 1_024
    /// The bytes that an entry takes beside its text, which is there as it came and as a string.
    private static let entryBytes = 96

    private(set) var texts: [String] = []
    private(set) var byteCount = 0
    private var hashes: [UInt64] = []
    /// The bytes of all texts as they came, but for those that were cut, and where each ends.
    private var arena: [UInt8] = []
    private var ends: [Int] = []
    /// The numbers of texts by hash, with open addressing; -1 for a free place.
    private var places: [Int32] = []

    /// Returns the number of a text, a new one unless it is known.
    mutating func number(of bytes: UnsafeRawBufferPointer) -> UInt32 {
        let hash = ByteHash.hash(bytes)
        if texts.count * 2 >= places.count { grow() }
        var place = Int(truncatingIfNeeded: hash) & (places.count - 1)
        while places[place] >= 0 {
            let known = Int(places[place])
            if hashes[known] == hash, isSame(known, bytes) { return UInt32(known) }
            place = (place + 1) & (places.count - 1)
        }
        places[place] = Int32(texts.count)
        return add(bytes, hash)
    }

    @inline(never)
    private mutating func add(_ bytes: UnsafeRawBufferPointer, _ hash: UInt64) -> UInt32 {
        let text = Self.text(of: bytes)
        texts.append(text)
        hashes.append(hash)
        if bytes.count <= Self.maximumTextBytes { arena.append(contentsOf: bytes) }
        ends.append(arena.count)
        byteCount += 2 * text.utf8.count + Self.entryBytes
        return UInt32(texts.count - 1)
    }

    private static func text(of bytes: UnsafeRawBufferPointer) -> String {
        guard bytes.count > maximumTextBytes else { return String(decoding: bytes, as: UTF8.self) }
        return Untrusted.text(bytes, limit: maximumTextBytes)
    }

    /// Returns whether a text was made of these bytes; those with the same hash nearly always were.
    private func isSame(_ number: Int, _ bytes: UnsafeRawBufferPointer) -> Bool {
        // Cut texts are compared by what they become.
        guard bytes.count <= Self.maximumTextBytes else { return texts[number] == Self.text(of: bytes) }
        let start = number == 0 ? 0 : ends[number - 1]
        guard ends[number] - start == bytes.count else { return false }
        return arena.withUnsafeBytes { ByteEquality.holds($0.part(start, bytes.count), bytes) }
    }

    private mutating func grow() {
        places = [Int32](repeating: -1, count: max(64, places.count * 2))
        for (number, hash) in hashes.enumerated() {
            var place = Int(truncatingIfNeeded: hash) & (places.count - 1)
            while places[place] >= 0 { place = (place + 1) & (places.count - 1) }
            places[place] = Int32(number)
        }
    }
}

/// Compares bytes, eight at a time.
enum ByteEquality {
    @inline(__always)
    static func holds(_ left: UnsafeRawBufferPointer, _ right: [UInt8]) -> Bool {
        left.count == right.count && right.withUnsafeBytes { holds(left, $0) }
    }

    static func holds(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else { return false }
        var place = 0
        while left.count - place >= 8 {
            let isEqual =
                left.loadUnaligned(fromByteOffset: place, as: UInt64.self) == right.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            guard isEqual else { return false }
            place += 8
        }
        while place < left.count {
            guard left[place] == right[place] else { return false }
            place += 1
        }
        return true
    }
}

/// A quick hash of bytes with a seed of the process, so that senders cannot aim at one place of a table.
enum ByteHash {
    private static let seed = UInt64.random(in: .min ... .max)
    private static let first: UInt64 = 0x9E37_79B9_7F4A_7C15
    private static let second: UInt64 = 0xE703_7ED1_A0B4_28DB

    static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash = seed ^ UInt64(bytes.count)
        var place = 0
        while bytes.count - place >= 8 {
            hash = mix(hash ^ bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self), first)
            place += 8
        }
        var rest: UInt64 = 0
        while place < bytes.count {
            rest = rest << 8 | UInt64(bytes[place])
            place += 1
        }
        return mix(hash ^ rest, second)
    }

    /// Returns the hash of a number that is random already.
    @inline(__always)
    static func hash(_ number: UInt64) -> UInt64 { mix(number ^ seed, first) }

    @inline(__always)
    private static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}
