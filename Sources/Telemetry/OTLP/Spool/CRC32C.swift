// The checksum that finds damaged files of a spool.

/// The cyclic redundancy check of 32 bits with Castagnoli's polynomial. (RFC 3720 §12.1, and its test vectors in §B.4.)
struct CRC32C {
    /// Eight tables of 256 entries: the effect of a byte on the check if zero to seven others follow it.
    private static let tables: [UInt32] = {
        var tables: [UInt32] = []
        tables.reserveCapacity(8 * 256)
        for byte in UInt32(0)..<256 {
            tables.append((0..<8).reduce(byte) { check, _ in check & 1 == 1 ? (check >> 1) ^ 0x82F6_3B78 : check >> 1 })
        }
        for index in 256..<(8 * 256) {
            let before = tables[index - 256]
            tables.append((before >> 8) ^ tables[Int(before & 0xFF)])
        }
        return tables
    }()

    private var check: UInt32 = .max

    /// The check of all bytes so far.
    var value: UInt32 { ~check }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        check = Self.tables.withUnsafeBufferPointer { tables in
            assert(tables.count == 8 * 256, "Each of eight tables has an entry for every byte.")
            var check = check
            var index = 0
            while bytes.count - index >= 8 {
                let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)) ^ UInt64(check)
                check = 0
                for position in 0..<8 {
                    check ^= tables[(7 - position) * 256 + Int((word >> (8 * UInt64(position))) & 0xFF)]
                }
                index += 8
            }
            while index < bytes.count {
                check = (check >> 8) ^ tables[Int((check ^ UInt32(bytes[index])) & 0xFF)]
                index += 1
            }
            return check
        }
    }
}
