// The format of a file of the spool, and the check that it is undamaged.

/// The format of a file: a header of fixed size, then the request in protobuf, not compressed.
///
/// | bytes | content, little-endian |
/// | --- | --- |
/// | 4 | `TSPL` |
/// | 2, 2 | version of the format, 1; nothing |
/// | 8 | time of writing, in milliseconds since 1970 |
/// | 8 | length of the request |
/// | 4 | number of items |
/// | 4 | CRC-32C of the request |
/// | 4 | CRC-32C of all the above |
enum SpoolFile {
    static let headerSize = 36
    private static let magic: UInt32 = 0x4C50_5354
    private static let version: UInt32 = 1

    static func header(created: UInt64, itemCount: Int, pieces: [UnsafeRawBufferPointer]) -> [UInt8] {
        var check = CRC32C()
        for piece in pieces { check.add(piece) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(headerSize)
        append(magic, to: &bytes)
        append(version, to: &bytes)
        append(created, to: &bytes)
        append(UInt64(pieces.reduce(0) { $0 + $1.count }), to: &bytes)
        append(UInt32(clamping: itemCount), to: &bytes)
        append(check.value, to: &bytes)
        append(Self.check(bytes[...]), to: &bytes)
        return bytes
    }

    /// Returns the range of the request in a file's bytes; nil if they are not what was written for the entry.
    static func request(in bytes: [UInt8], of entry: SpoolEntry) -> Range<Int>? {
        guard bytes.count >= headerSize, number(bytes, at: 32) == check(bytes[..<32]), number(bytes, at: 0) == magic,
            number(bytes, at: 4) == version, number(bytes, at: 16) == UInt64(bytes.count - headerSize),
            number(bytes, at: 24) == UInt32(clamping: entry.itemCount), number(bytes, at: 28) == check(bytes[headerSize...])
        else { return nil }
        return headerSize..<bytes.count
    }

    private static func check(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var check = CRC32C()
        bytes.withUnsafeBytes { check.add($0) }
        return check.value
    }

    private static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
    }

    private static func number<Number: FixedWidthInteger>(_ bytes: [UInt8], at offset: Int) -> Number {
        assert(offset + MemoryLayout<Number>.size <= bytes.count, "A number lies in the bytes that it is read from.")
        return bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self)) }
    }
}
