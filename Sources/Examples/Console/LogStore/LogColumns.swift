// The numbers of the records of a shard, by which they are filtered without reading them.

import Telemetry

/// Time, severity and origin of each record of a shard, in the order in which they came.
struct LogColumns: Sendable, Equatable {
    /// The bytes of one record.
    private static let rowBytes = 11

    /// When each record counts as happened, in nanoseconds since 1970.
    private(set) var times = RowList<UInt64>()
    private(set) var severities = RowList<UInt8>()
    /// The number of the scope in the shard's table of origins.
    private(set) var origins = RowList<UInt16>()

    var count: Int { times.count }

    mutating func append(time: UInt64, severity: UInt8, origin: UInt16) {
        times.append(time)
        severities.append(severity)
        origins.append(origin)
    }

    init() {}

    /// Reads the columns from the bytes that the file has; nil if they are not such bytes.
    init?(_ bytes: [UInt8]) {
        guard bytes.count % Self.rowBytes == 0, bytes.count / Self.rowBytes <= LogShard.maximumRecords else { return nil }
        let count = bytes.count / Self.rowBytes
        bytes.withUnsafeBytes { bytes in
            times = RowList((0..<count).map { UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)) })
            severities = RowList(bytes[count * 8..<count * 9])
            origins = RowList(
                (0..<count).map { UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: count * 9 + $0 * 2, as: UInt16.self)) })
        }
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count * Self.rowBytes)
        for time in times { withUnsafeBytes(of: time.littleEndian) { bytes.append(contentsOf: $0) } }
        bytes.append(contentsOf: severities)
        for origin in origins { withUnsafeBytes(of: origin.littleEndian) { bytes.append(contentsOf: $0) } }
        return bytes
    }
}
