// The batch that a log exporter gets.

/// Log records that are to be delivered together: a collection that decodes a record when it is looked at.
///
/// An exporter that sends OTLP takes the bytes as they are and decodes nothing.
public struct LogBatch: Sendable {
    let items: ItemBatch

    init(items: ItemBatch) {
        self.items = items
    }

    /// How many records there are.
    public var count: Int { items.itemCount }
}

extension LogBatch: Sequence {
    public func makeIterator() -> Iterator { Iterator(items) }

    /// Goes through the records in the order in which they were noticed, whatever their scopes.
    public struct Iterator: IteratorProtocol {
        private var items: OrderedLogRecords

        fileprivate init(_ items: ItemBatch) {
            self.items = OrderedLogRecords(items)
        }

        public mutating func next() -> ReadableLogRecord? { items.next().map { ReadableLogRecord($0) } }
    }
}
