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

    /// Whether there are none; exporters are given no such batch.
    public var isEmpty: Bool { count == 0 }

    /// The first in the order of the sequence.
    public var first: ReadableLogRecord? { first { _ in true } }

    /// The records that the closure asks for. Unlike that of any sequence, it takes a batch that is borrowed.
    public func filter(_ isIncluded: (ReadableLogRecord) throws -> Bool) rethrows -> [ReadableLogRecord] {
        var kept: [ReadableLogRecord] = []
        for record in self { if try isIncluded(record) { kept.append(record) } }
        return kept
    }
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
