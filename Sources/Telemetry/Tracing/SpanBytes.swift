// Hot: the growing OTLP bytes of one span: attributes, events and links in the order in which they came.

/// Encoded fields of a span under construction, in place until they outgrow it.
///
/// Most spans fit into the part that lies in the recorder itself, so that a span is one allocation.
struct SpanBytes: ~Copyable {
    /// What five to eight usual attributes take.
    private static let inlineCapacity = 320

    private var inline = InlineArray<40, UInt64>(repeating: 0)
    private var heap: UnsafeMutableRawPointer?
    private var capacity = SpanBytes.inlineCapacity
    private(set) var count = 0

    deinit {
        heap?.deallocate()
    }

    /// Appends bytes of a known size; `write` must write exactly that many.
    @inline(__always)
    mutating func append(_ size: Int, _ write: (inout WireCursor) -> Void) {
        if capacity &- count < size { grow(by: size) }
        let end = count
        count &+= size
        withBase { base in
            var cursor = WireCursor(base + end)
            write(&cursor)
        }
    }

    /// Replaces a range by as many bytes as `write` writes, which must be `size`.
    mutating func replace(_ range: Range<Int>, with size: Int, _ write: (inout WireCursor) -> Void) {
        let growth = size - range.count
        if capacity - count < growth { grow(by: growth) }
        let tail = count - range.upperBound
        withBase { base in
            // Both sides overlap; copyMemory allows that.
            (base + range.lowerBound + size).copyMemory(from: base + range.upperBound, byteCount: tail)
            var cursor = WireCursor(base + range.lowerBound)
            write(&cursor)
        }
        count += growth
    }

    @inline(__always)
    mutating func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let count = count
        return withBase { body(UnsafeRawBufferPointer(start: $0, count: count)) }
    }

    @inline(__always)
    private mutating func withBase<Result>(_ body: (UnsafeMutableRawPointer) -> Result) -> Result {
        if let heap { return body(heap) }
        return withUnsafeMutablePointer(to: &inline) { body(UnsafeMutableRawPointer($0)) }
    }

    @inline(never)
    private mutating func grow(by size: Int) {
        let larger = max(capacity * 2, count + size)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        let count = count
        withBase { memory.copyMemory(from: $0, byteCount: count) }
        heap?.deallocate()
        heap = memory
        capacity = larger
    }
}
