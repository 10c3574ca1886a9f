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
