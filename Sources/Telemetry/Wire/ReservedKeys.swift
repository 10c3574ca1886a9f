// The keys that attributes of a JSON object must not take.

/// The keys that an object has besides those of attributes, and the replacements for attributes with such keys.
struct ReservedKeys: Sendable {
    /// A bit for each hash, by its lowest digits: nearly all other keys have a bit that is not set.
    private let bits: UInt64
    private let hashes: [UInt64]
    private let replacements: [ExactText: ExactText]

    /// - Parameter prefix: text that is put before the key of such an attribute, repeatedly if necessary.
    init(_ keys: [String], prefix: String) {
        let reserved = Set(keys.map(ExactText.init))
        hashes = reserved.map { key in Array(key.text.utf8).withUnsafeBytes { $0.keyHash.hash } }
        bits = hashes.reduce(0) { $0 | 1 << ($1 & 63) }
        var replacements: [ExactText: ExactText] = [:]
        for key in reserved {
            var replacement = ExactText(prefix + key.text)
            while reserved.contains(replacement) { replacement = ExactText(prefix + replacement.text) }
            replacements[key] = replacement
        }
        self.replacements = replacements
    }

    func mayContain(_ hash: UInt64) -> Bool { bits >> (hash & 63) & 1 != 0 && hashes.contains(hash) }

    func replacement(for key: ExactText) -> ExactText? { replacements[key] }
}

extension UnsafeRawBufferPointer {
    /// A hash of the bytes, and whether all of them are ASCII.
    var keyHash: (hash: UInt64, isASCII: Bool) {
        let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15
        var hash = UInt64(count)
        var all: UInt64 = 0
        var place = 0
        while count &- place >= 8 {
            let word = loadUnaligned(fromByteOffset: place, as: UInt64.self)
            all |= word
            hash = (hash ^ word) &* multiplier
            hash ^= hash >> 32
            place &+= 8
        }
        var rest: UInt64 = 0
        if place < count {
            if count >= 8 {
                // The last bytes together with some before them.
                rest = loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
            } else if count >= 4 {
                let low = loadUnaligned(as: UInt32.self)
                rest = UInt64(low) | UInt64(loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)) << 32
            } else {
                rest = UInt64(self[0]) | UInt64(self[count >> 1]) << 8 | UInt64(self[count &- 1]) << 16
            }
        }
        all |= rest
        hash = (hash ^ rest) &* multiplier
        return (hash ^ hash >> 32, all & 0x8080_8080_8080_8080 == 0)
    }
}
