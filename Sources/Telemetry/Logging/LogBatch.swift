// The batch that a log exporter gets.

/// The log records of one export: a sequence that decodes each record on demand.
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

    /// Iterates the records in the order of their observed times, across scopes.
    public struct Iterator: IteratorProtocol {
        private var items: OrderedLogRecords

        fileprivate init(_ items: ItemBatch) {
            self.items = OrderedLogRecords(items)
        }

        public mutating func next() -> ReadableLogRecord? { items.next().map { ReadableLogRecord($0) } }
    }
}
