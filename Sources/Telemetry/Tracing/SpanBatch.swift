// The batch that a span exporter gets.

/// The finished spans of one export: a sequence that decodes each span on demand.
///
/// An exporter that sends OTLP takes the bytes as they are and decodes nothing. The spans come in no order, as each processor core has a
/// queue of its own.
public struct SpanBatch: Sendable {
    let items: ItemBatch

    init(items: ItemBatch) {
        self.items = items
    }

    /// How many spans there are.
    public var count: Int { items.itemCount }

    /// Whether there are none; exporters are given no such batch.
    public var isEmpty: Bool { count == 0 }

    /// The first in the order of the sequence.
    public var first: ReadableSpan? { first { _ in true } }

    /// The spans that the closure asks for. Unlike that of any sequence, it takes a batch that is borrowed.
    public func filter(_ isIncluded: (ReadableSpan) throws -> Bool) rethrows -> [ReadableSpan] {
        var kept: [ReadableSpan] = []
        for span in self { if try isIncluded(span) { kept.append(span) } }
        return kept
    }
}

extension SpanBatch: Sequence {
    public func makeIterator() -> Iterator { Iterator(items) }

    /// Goes through the spans by resource and scope.
    public struct Iterator: IteratorProtocol {
        private var items: EncodedItems

        fileprivate init(_ items: ItemBatch) {
            self.items = EncodedItems(items)
        }

        public mutating func next() -> ReadableSpan? { items.next().map { ReadableSpan($0) } }
    }
}
