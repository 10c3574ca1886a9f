// One encoded item of a batch, decoded on demand.

/// The OTLP message of a span or a log record with its scope: on its own, or as part of a chunk that stays alive with it.
package struct EncodedItem: Sendable {
    private enum Storage: Sendable {
        case bytes([UInt8])
        case chunk(ChunkSlice, Range<Int>)
    }

    /// Own scopes are never freed; received ones live with their items.
    private enum Origin: Sendable {
        case own(ScopeReference)
        case received(RecordedScope)
    }

    private let storage: Storage
    private let origin: Origin

    init(bytes: [UInt8], scope: ScopeReference) {
        storage = .bytes(bytes)
        origin = .own(scope)
    }

    package init(bytes: [UInt8], received scope: RecordedScope) {
        storage = .bytes(bytes)
        origin = .received(scope)
    }

    init(_ slice: ChunkSlice, _ range: Range<Int>) {
        storage = .chunk(slice, range)
        origin = .own(slice.chunk.scope)
    }

    /// The same item with bytes of its own, so that it does not hold on to a whole chunk.
    var detached: EncodedItem {
        guard case .chunk(let slice, _) = storage else { return self }
        return EncodedItem(bytes: withMessage { Array($0) }, received: slice.chunk.retainedScope)
    }

    package func withMessage<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        switch storage {
        case .bytes(let bytes): bytes.withUnsafeBytes(body)
        case .chunk(let slice, let range):
            withExtendedLifetime(slice.chunk.buffer) { body(UnsafeRawBufferPointer(rebasing: slice.bytes[range])) }
        }
    }

    package var recordedScope: RecordedScope {
        switch origin {
        case .own(let reference): reference.scope
        case .received(let scope): scope
        }
    }

    /// The scope for a chunk, which keeps it alive; until then the item does.
    var scopeReference: ScopeReference {
        switch origin {
        case .own(let reference): reference
        case .received(let scope): ScopeReference(keptAlive: scope)
        }
    }

    /// Appends the item to the queue of a pipeline, as it is.
    func append(to pipeline: ExportPipeline) {
        // The item keeps the scope alive until the chunk retains it.
        withExtendedLifetime(self) {
            withMessage { message in
                let size = 1 + WireSize.lengthDelimited(message.count)
                pipeline.append(scopeReference, lane: ProcessorLane.anywhere.current, size: size) { cursor in
                    cursor.tag(OTLPSchema.AnySignal.items)
                    cursor.varint(UInt64(message.count))
                    cursor.copy(message)
                }
            }
        }
    }
}

extension EncodedItem {
    /// Calls the closure for each field with that number, in order.
    package func forEachField(_ known: OTLPField, _ body: (WireField) -> Void) {
        withMessage { message in
            var reader = WireReader(message)
            while let field = try? reader.next() {
                if field.number == known.number { body(field) }
            }
        }
    }

    /// Returns the value of the last field with that number, decoded by the closure.
    package func last<Value>(_ field: OTLPField, _ body: (WireField) -> Value) -> Value? {
        var value: Value?
        forEachField(field) { value = body($0) }
        return value
    }

    package func number(_ field: OTLPField) -> UInt64 { last(field, \.number64) ?? 0 }

    package func text(_ field: OTLPField) -> String { last(field, \.text) ?? "" }

    func attributes(_ field: OTLPField) -> Attributes {
        var pairs: [Attributes.Element] = []
        forEachField(field) { field in
            if let pair = try? WireReader.attribute(field.bytes) { pairs.append(pair) }
        }
        return Attributes(pairs)
    }

    func traceID(_ field: OTLPField) -> TraceID { last(field) { TraceID(bytes: $0.bytes) ?? .invalid } ?? .invalid }

    func spanID(_ field: OTLPField) -> SpanID { last(field) { SpanID(bytes: $0.bytes) ?? .invalid } ?? .invalid }
}

/// Goes through the items of a batch by resource and scope.
struct EncodedItems: Sequence, IteratorProtocol {
    private let slices: [ChunkSlice]
    private var slice = 0
    private var offset = 0

    init(_ batch: ItemBatch) {
        slices = batch.resources.flatMap { $0.scopes.flatMap(\.slices) }
    }

    mutating func next() -> EncodedItem? {
        while slice < slices.count {
            let bytes = slices[slice].bytes
            var reader = WireReader(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
            if let field = try? reader.next() {
                let end = offset + reader.position
                offset = end
                return EncodedItem(slices[slice], (end - field.bytes.count)..<end)
            }
            slice += 1
            offset = 0
        }
        return nil
    }
}
