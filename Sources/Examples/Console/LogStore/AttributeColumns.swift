// The attributes of a shard's records by column, so that conditions and counts need not read the records.

import Telemetry

/// The columns of the shard that takes records; those of a sealed shard are in the file.
struct AttributeColumns: Sendable {
    /// Keys that have a column; a condition on another one looks at the records.
    static let maximumKeys = 64
    private static let maximumKeyBytes = 256
    /// Bytes of the values of all columns.
    private static let maximumBytes = 4 << 20

    private(set) var keys: [[UInt8]] = []
    private(set) var columns: [AttributeColumn] = []
    /// The patterns of messages.
    private(set) var messages = AttributeColumn()
    /// True if each attribute of each record has a column.
    private(set) var isComplete = true
    private var room = Self.maximumBytes

    /// Takes the attributes of a record, an OTLP message; rows come in their order.
    mutating func append(_ message: UnsafeRawBufferPointer, row: Int) {
        // Records of one place in a program have their attributes in one order.
        var next = 0
        var walker = WireWalker(message)
        while (try? walker.next()) == true {
            guard walker.hasContent else { continue }
            if walker.number == OTLPSchema.LogRecord.attributes.number {
                let (key, value) = AttributeWalk.pair(walker.content)
                guard let place = place(of: key, from: next) else {
                    isComplete = false
                    continue
                }
                columns[place].set(value, row: row, room: &room)
                next = place + 1
            } else if walker.number == OTLPSchema.LogRecord.body.number, case .text(let text) = AttributeWalk.value(walker.content) {
                MessagePattern.of(text).withUnsafeBytes { messages.set($0, row: row, room: &room) }
            }
        }
    }

    func column(of key: String) -> AttributeColumn? {
        let key = Array(key.utf8)
        return keys.firstIndex(of: key).map { columns[$0] }
    }

    private mutating func place(of key: UnsafeRawBufferPointer, from next: Int) -> Int? {
        for place in next..<max(next, keys.count) where ByteEquality.holds(key, keys[place]) { return place }
        for place in 0..<min(next, keys.count) where ByteEquality.holds(key, keys[place]) { return place }
        guard keys.count < Self.maximumKeys, 1...Self.maximumKeyBytes ~= key.count else { return nil }
        keys.append(Array(key))
        columns.append(AttributeColumn())
        return keys.count - 1
    }
}
