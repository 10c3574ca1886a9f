// The values that the records of a shard have of one attribute, each value kept once.

import Telemetry

/// For each record of a shard the code of its value; 0 stands for a record without the attribute, 1 for one whose value is not in the column.
struct AttributeColumn: Sendable, Equatable {
    static let (none, unknown): (UInt16, UInt16) = (0, 1)
    /// Codes before those of values.
    static let firstCode = 2
    /// Values that are told apart; a record with another one has to be looked at.
    static let maximumValues = 4_096
    static let maximumValueBytes = 256
    /// The bytes that a value takes beside its own.
    private static let entryBytes = 64

    /// The values, as OTLP has them; the first one has the code 2.
    private(set) var values: [[UInt8]] = []
    /// By the row; rows beyond the last one have no value.
    private(set) var codes = RowList<UInt16>()
    /// Codes by the hashes of values.
    private var known: [UInt64: UInt16] = [:]

    init() {}

    static func == (left: Self, right: Self) -> Bool { left.values == right.values && left.codes == right.codes }

    /// Takes the value of a row, which is none before the last one.
    ///
    /// - Parameter room: the bytes that are left for values.
    mutating func set(_ value: UnsafeRawBufferPointer, row: Int, room: inout Int) {
        assert(row >= codes.count - 1, "Rows come in their order.")
        guard row >= codes.count else {
            // A record may have an attribute twice, and then each of its values counts.
            codes.replaceLast(Self.unknown)
            return
        }
        while codes.count < row { codes.append(Self.none) }
        codes.append(code(of: value, &room))
    }

    private mutating func code(of value: UnsafeRawBufferPointer, _ room: inout Int) -> UInt16 {
        guard value.count <= Self.maximumValueBytes else { return Self.unknown }
        let hash = ByteHash.hash(value)
        if let code = known[hash] {
            return ByteEquality.holds(value, values[Int(code) - Self.firstCode]) ? code : Self.unknown
        }
        guard values.count < Self.maximumValues, room >= value.count + Self.entryBytes else { return Self.unknown }
        room -= value.count + Self.entryBytes
        let code = UInt16(values.count + Self.firstCode)
        values.append(Array(value))
        known[hash] = code
        return code
    }
}

extension AttributeColumn {
    /// Reads a column that the file has; nil if the bytes are none.
    init?(values: [UInt8], codes: [UInt8]) {
        guard values.first == Self.form else { return nil }
        var place = 1
        while place < values.count {
            guard place + 2 <= values.count else { return nil }
            let length = Int(values[place]) | Int(values[place + 1]) << 8
            guard place + 2 + length <= values.count, self.values.count < Self.maximumValues else { return nil }
            self.values.append(Array(values[(place + 2)..<(place + 2 + length)]))
            place += 2 + length
        }
        guard let width = codes.first, width == 1 || (width == 2 && codes.count % 2 == 1),
            (codes.count - 1) / Int(width) <= LogShard.maximumRecords
        else { return nil }
        if width == 1 {
            self.codes = RowList(codes.dropFirst().map(UInt16.init))
        } else {
            self.codes = codes.withUnsafeBytes { bytes in
                RowList(
                    (0..<bytes.count / 2).map { UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 1 + $0 * 2, as: UInt16.self)) })
            }
        }
        guard Int(self.codes.max() ?? 0) < self.values.count + Self.firstCode else { return nil }
    }

    /// The first byte of values in the file.
    private static let form: UInt8 = 1

    /// The values as the file has them, each after its length in two bytes.
    var valueBytes: [UInt8] {
        [Self.form] + values.flatMap { [UInt8(truncatingIfNeeded: $0.count), UInt8(truncatingIfNeeded: $0.count >> 8)] + $0 }
    }

    /// The codes as the file has them, after the number of bytes that each takes.
    var codeBytes: [UInt8] {
        if values.count + Self.firstCode <= 256 { return [1] + codes.map { UInt8(truncatingIfNeeded: $0) } }
        var bytes: [UInt8] = [2]
        bytes.reserveCapacity(1 + codes.count * 2)
        for code in codes {
            bytes.append(UInt8(truncatingIfNeeded: code))
            bytes.append(UInt8(truncatingIfNeeded: code >> 8))
        }
        return bytes
    }
}
