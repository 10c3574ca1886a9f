// The choice of a member for a trace that is stable when members come and go.

/// Rendezvous hashing (highest random weight): each key belongs to the member that has the highest score with it.
///
/// Thaler and Ravishankar, "A Name-Based Mapping Scheme for Rendezvous". The scores are the same in every process and version.
enum RendezvousHash {
    /// Returns the hash of a member's name: FNV-1a with 64 bits.
    static func member(_ name: String) -> UInt64 {
        name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    /// Returns the key of a trace identifier; any other number of bytes gives a key too.
    static func key(_ traceID: UnsafeRawBufferPointer) -> UInt64 {
        guard traceID.count == 16 else { return traceID.reduce(0) { mix($0 &+ UInt64($1)) } }
        let high = UInt64(bigEndian: traceID.loadUnaligned(as: UInt64.self))
        let low = UInt64(bigEndian: traceID.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        return mix(high) ^ low
    }

    static func score(_ member: UInt64, _ key: UInt64) -> UInt64 { mix(member ^ mix(key)) }

    /// The finalizer of SplitMix64: each bit of the argument changes half of the bits of the result.
    private static func mix(_ number: UInt64) -> UInt64 {
        var value = number &+ 0x9E37_79B9_7F4A_7C15
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
