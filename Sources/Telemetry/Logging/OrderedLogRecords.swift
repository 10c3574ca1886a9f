// The order of log records within a batch.

/// Iterates the records of a batch in the order of their observed times, which line-oriented tools expect.
///
/// In a batch they stand by scope and by the processor that they were emitted on. Each such run is in order already, so that the runs need
/// only be merged; a record that was given an earlier time by hand stays behind the one before it.
struct OrderedLogRecords: IteratorProtocol {
    /// The rest of a slice, which is not empty.
    private struct Run {
        let slice: ChunkSlice
        /// The bytes of the slice, which is kept with them.
        let bytes: UnsafeRawBufferPointer
        /// The message of its first record.
        var message: Range<Int>
        /// Its observed time; zero if there is one run only, which needs no comparison.
        var time: UInt64 = 0
    }

    private var runs: [Run]

    init(_ batch: ItemBatch) {
        let slices = batch.resources.flatMap { $0.scopes.flatMap(\.slices) }
        runs = slices.compactMap { slice in
            withExtendedLifetime(slice) {
                let bytes = slice.bytes
                return Self.message(from: 0, in: bytes).map { Run(slice: slice, bytes: bytes, message: $0) }
            }
        }
        if runs.count > 1 { for index in runs.indices { noteTime(index) } }
    }

    mutating func next() -> EncodedItem? {
        guard let first = indexOfFirst else { return nil }
        let item = EncodedItem(runs[first].slice, runs[first].message)
        advance(first)
        return item
    }

    /// Calls the closure with the scope and the message of the next record, where it lies; returns false at the end.
    ///
    /// An item counts nine references more. The closure must not keep the message: the run keeps it only until its end.
    @inline(__always)
    mutating func withNext(_ body: (ScopeReference, UnsafeRawBufferPointer) -> Void) -> Bool {
        guard let first = indexOfFirst else { return false }
        let message = UnsafeRawBufferPointer(rebasing: runs[first].bytes[runs[first].message])
        withExtendedLifetime(runs) { body(runs[first].slice.chunk.scope, message) }
        advance(first)
        return true
    }

    /// Of the same time the earlier run comes first: it may be the same thread's.
    private var indexOfFirst: Int? {
        guard var first = runs.indices.first else { return nil }
        for index in runs.indices.dropFirst() where runs[index].time < runs[first].time { first = index }
        return first
    }

    private mutating func noteTime(_ index: Int) {
        let message = UnsafeRawBufferPointer(rebasing: runs[index].bytes[runs[index].message])
        runs[index].time = withExtendedLifetime(runs) { Self.time(of: message) }
    }

    private mutating func advance(_ index: Int) {
        if let message = withExtendedLifetime(runs, { Self.message(from: runs[index].message.upperBound, in: runs[index].bytes) }) {
            runs[index].message = message
            if runs.count > 1 { noteTime(index) }
        } else {
            runs.remove(at: index)
        }
    }

    /// Returns the range of the message whose tag is at an offset; nil at the end, or before invalid bytes.
    private static func message(from offset: Int, in bytes: UnsafeRawBufferPointer) -> Range<Int>? {
        var reader = WireReader(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
        guard let field = reader.nextRaw() else { return nil }
        let end = offset + reader.position
        return end - field.bytes.count..<end
    }

    /// Returns the observed time of a message; the caller keeps its memory.
    private static func time(of message: UnsafeRawBufferPointer) -> UInt64 {
        var reader = WireReader(message)
        while let field = reader.nextRaw() {
            if field.number == OTLPSchema.LogRecord.observedTime.number { return field.number64 }
        }
        return 0
    }
}
