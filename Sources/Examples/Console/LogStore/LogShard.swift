// A part of the log store that is searched, and at last removed, as one.

import Telemetry

/// Up to 131,072 records that came one after another, with an index of their own.
struct LogShard: Sendable {
    /// The bits that number a record within its shard.
    static let rowBits = 17
    static let maximumRecords = 1 << rowBits
    /// Resources with their scopes that a shard tells apart; another one begins the next shard.
    static let maximumOrigins = 4_096
    /// The bits of a time that the index does not have: it orders records by steps of 65.5 µs, and those of one step as they came.
    private static let timeBits = 16

    let number: Int
    /// When the shard was begun, in nanoseconds since 1970.
    let began: UInt64
    private(set) var columns = LogColumns()
    private(set) var origins = OriginTable()
    /// The columns of attributes while the shard takes records; those of a sealed one are in the file.
    private(set) var attributes: AttributeColumns?
    /// The bytes of records, without the index.
    private(set) var byteCount = 0
    private(set) var oldest = UInt64.max
    private(set) var newest = UInt64.min

    init(number: Int, began: UInt64) {
        self.number = number
        self.began = began
        attributes = AttributeColumns()
    }

    var count: Int { columns.count }

    /// Takes what the columns have of a record, an OTLP message; the number of the record is ``count`` before.
    mutating func append(time: UInt64, severity: UInt8, origin: UInt16, _ message: UnsafeRawBufferPointer) {
        let row = count
        attributes?.append(message, row: row)
        columns.append(time: time, severity: severity, origin: origin)
        byteCount += message.count
        oldest = min(oldest, time)
        newest = max(newest, time)
    }

    /// Returns the number of a scope of another table in this shard's own, which takes it in.
    mutating func origin(_ scope: OriginTable.Scope, of table: OriginTable) -> UInt16 {
        let resource = table.resources[Int(scope.resource)]
        return origin(resource.bytes, resource.schemaURL, scope.bytes, scope.schemaURL)
    }

    mutating func origin(_ resource: [UInt8], _ resourceSchema: String, _ scope: [UInt8], _ scopeSchema: String) -> UInt16 {
        let number = resource.withUnsafeBytes { message in
            Array(resourceSchema.utf8).withUnsafeBytes { origins.resource(message, schemaURL: $0) }
        }
        let own = scope.withUnsafeBytes { message in
            Array(scopeSchema.utf8).withUnsafeBytes { origins.scope(message, schemaURL: $0, resource: number) }
        }
        return UInt16(clamping: own)
    }

    /// Returns the number of a record in the whole store.
    static func id(shard: Int, row: Int) -> Int64 { Int64(shard) << rowBits | Int64(row) }

    static func shard(of id: Int64) -> Int { Int(id >> rowBits) }

    static func row(of id: Int64) -> Int { Int(id) & (maximumRecords - 1) }

    /// Returns the step of a time in the order of the index.
    static func step(of time: UInt64) -> Int64 { Int64(min(time, 1 << 62 - 1) >> UInt64(timeBits)) }

    /// Returns the number of a record in the index, which grows with its time.
    static func entry(time: UInt64, row: Int) -> Int64 { step(of: time) << rowBits | Int64(row) }

    static func step(ofEntry entry: Int64) -> Int64 { entry >> rowBits }

    static func row(ofEntry entry: Int64) -> Int { Int(entry) & (maximumRecords - 1) }
}

extension LogShard {
    /// Takes back the columns that a file has kept of a sealed shard, whose origins were taken back before.
    mutating func restore(_ columns: LogColumns, bytes: Int) {
        self.columns = columns
        attributes = nil
        byteCount = bytes
        oldest = columns.times.min() ?? .max
        newest = columns.times.max() ?? .min
    }
}
