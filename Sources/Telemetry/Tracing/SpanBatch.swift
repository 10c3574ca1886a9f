// What one export of spans delivers.

/// Finished spans that are to be delivered together: a collection that decodes a span when it is looked at.
///
/// An exporter that sends OTLP takes the bytes as they are and decodes nothing.
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
        private var slices: [ChunkSlice]
        private var slice = 0
        private var offset = 0

        fileprivate init(_ items: ItemBatch) {
            slices = items.resources.flatMap { $0.scopes.flatMap(\.slices) }
        }

        public mutating func next() -> FinishedSpan? {
            while slice < slices.count {
                let bytes = slices[slice].bytes
                var reader = WireReader(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
                if let field = try? reader.next() {
                    let end = offset + reader.position
                    offset = end
                    return FinishedSpan(slices[slice], (end - field.bytes.count)..<end)
                }
                slice += 1
                offset = 0
            }
            return nil
        }
    }
}
