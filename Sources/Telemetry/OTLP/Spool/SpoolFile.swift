// One batch on disk: what its name tells, and how its bytes are known to be whole.

/// One batch that waits on disk. Its name tells all that has to be known without reading it.
struct SpoolEntry: Hashable, Sendable {
    /// Its place in the order.
    var sequence: UInt64
    /// When it was written, in milliseconds since 1970.
    var created: UInt64
    let itemCount: Int
    /// The bytes of the whole file.
    let byteCount: Int
    /// Whether an earlier process has written it.
    var isRecovered = false

    private static let suffix = ".batch"
    /// What a damaged file is renamed to.
    static let damagedSuffix = ".corrupt"

    /// As `01763712000123456789-1763712000123-512.batch`: the names sort as the batches do.
    var name: String {
        let digits = String(sequence)
        return "\(String(repeating: "0", count: 20 - digits.utf8.count))\(digits)-\(created)-\(itemCount)\(Self.suffix)"
    }

    /// The bytes of disk that it takes, names and the rest of its last block included.
    var diskBytes: Int { Self.diskBytes(byteCount) }

    static func diskBytes(_ byteCount: Int) -> Int { (byteCount / 4096 + 1) * 4096 }

    init(sequence: UInt64, created: UInt64, itemCount: Int, byteCount: Int, isRecovered: Bool = false) {
        self.sequence = sequence
        self.created = created
        self.itemCount = itemCount
        self.byteCount = byteCount
        self.isRecovered = isRecovered
    }

    /// Reads a name; nil when it is not one that ``name`` gives.
    init?(name: String, byteCount: Int) {
        guard name.hasSuffix(Self.suffix) else { return nil }
        let parts = name.dropLast(Self.suffix.utf8.count).split(separator: "-", omittingEmptySubsequences: false)
        // Numbers at the end of their range would leave no room behind them.
        guard parts.count == 3, let sequence = UInt64(parts[0]), sequence < .max / 2, let created = UInt64(parts[1]), created < .max / 2,
            let itemCount = UInt32(parts[2])
        else { return nil }
        self.init(sequence: sequence, created: created, itemCount: Int(itemCount), byteCount: byteCount, isRecovered: true)
        guard self.name == name else { return nil }
    }
}

/// The bytes of a file: a header of fixed size, then the request as it is sent, in protobuf and not compressed.
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

    /// Where the request lies in a file's bytes; nil when they are not what was written for the entry.
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
        bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self)) }
    }
}
