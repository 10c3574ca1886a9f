// Hot: spans as they came, and the columns by which they are found.

package import ExampleSupport
import Telemetry

/// Spans in the bytes that they came in, with one row of numbers for each.
///
/// A query reads the columns it needs from one end to the other, which is quicker than to follow references from span to span; what the columns
/// do not have is decoded from the bytes when it is looked at.
package struct SpanBlock: ItemBlock {
    /// The duration of a span that has not ended.
    static let open = UInt64.max
    /// The bytes of one span in the columns, and those of one trace in the table of traces.
    private static let rowBytes = 53 + ItemPlaces.rowBytes
    private static let traceBytes = 48
    /// The bytes that a request takes beside its content.
    private static let requestBytes = 64

    package let run: Int
    package let firstNumber: Int
    private(set) var requests: [ReceivedBody] = []
    private(set) var origins = OriginTable()
    private(set) var names = TextTable()
    private(set) var places = ItemPlaces()
    /// The traces of the block, and when the first of each one's spans here started.
    private(set) var traces = TraceSlots()
    private(set) var traceStarts: [UInt64] = []
    /// The number of the trace among ``traces``.
    private(set) var trace: [UInt32] = []
    private(set) var spanID: [UInt64] = []
    private(set) var parent: [UInt64] = []
    private(set) var start: [UInt64] = []
    /// In nanoseconds; ``open`` for a span that has not ended, zero for one that ended before it started.
    private(set) var duration: [UInt64] = []
    private(set) var name: [UInt32] = []
    /// The kind in the lower four bits, the status in the upper four.
    private(set) var traits: [UInt8] = []
    /// How many spans this one stands for: the reciprocal of the probability by which it was sampled.
    private(set) var weight: [Float] = []
    private var requestByteCount = 0
    package private(set) var oldest = UInt64.max

    package init(run: Int, firstNumber: Int) {
        self.run = run
        self.firstNumber = firstNumber
    }

    package var count: Int { spanID.count }

    package var byteCount: Int {
        requestByteCount + count * Self.rowBytes + traces.count * Self.traceBytes + names.byteCount + origins.byteCount
    }

    package var evictableTraces: [UInt64] { trace.map { traces.keys[Int($0)].low } }

    package mutating func append(_ request: ReceivedBody) throws(OTLPRequestError) -> IndexedCount {
        let before = count
        var counts = IndexedCount()
        let number = UInt32(requests.count)
        do throws(OTLPRequestError) {
            try request.bytes.withUnsafeBytes { body -> Result<Void, OTLPRequestError> in
                do throws(OTLPRequestError) {
                    var origins = OriginTable()
                    swap(&origins, &self.origins)
                    defer { swap(&origins, &self.origins) }
                    try RequestOutline.forEachItem(of: body, &origins) { (place, scope) throws(OTLPRequestError) in
                        let span = try SpanIndex(body.part(place.lowerBound, place.count))
                        guard span.isValid else { return counts.rejected += 1 }
                        append(span, arrival: request.arrival)
                        places.append(request: number, place, scope: scope)
                        counts.accepted += 1
                    }
                    return .success(())
                } catch {
                    return .failure(error)
                }
            }.get()
        } catch {
            removeLast(count - before)
            throw error
        }
        if counts.accepted > 0 {
            requests.append(request)
            requestByteCount += request.bytes.count + Self.requestBytes
        }
        return counts
    }

    private mutating func append(_ span: borrowing SpanIndex, arrival: UInt64) {
        append(TraceKey(high: span.traceHigh, low: span.traceLow), start: Self.sortTime(span.start, arrival))
        spanID.append(span.spanID)
        parent.append(span.parent)
        start.append(span.start)
        duration.append(span.end == 0 ? Self.open : span.end > span.start ? span.end - span.start : 0)
        name.append(names.number(of: span.name))
        traits.append(span.kind | span.status << 4)
        weight.append(span.weight)
        oldest = min(oldest, span.start)
    }

    private mutating func append(_ key: TraceKey, start: UInt64) {
        let slot = traces.slot(key)
        if slot == traceStarts.count { traceStarts.append(start) } else if start < traceStarts[slot] { traceStarts[slot] = start }
        trace.append(UInt32(truncatingIfNeeded: slot))
    }

    /// Removes the spans of a request that cannot be kept whole.
    private mutating func removeLast(_ number: Int) {
        guard number > 0 else { return }
        let keys = trace.dropLast(number).map { traces.keys[Int($0)] }
        (traces, traceStarts, trace) = (TraceSlots(), [], [])
        for (row, key) in keys.enumerated() { append(key, start: sortTime(row)) }
        spanID.removeLast(number)
        parent.removeLast(number)
        start.removeLast(number)
        duration.removeLast(number)
        name.removeLast(number)
        traits.removeLast(number)
        weight.removeLast(number)
        places.removeLast(number)
    }
}

extension SpanBlock {
    /// The kind of a span as OTLP has it, 0 to 5.
    @inline(__always)
    func kind(_ row: Int) -> UInt8 { traits[row] & 15 }

    /// The status of a span as OTLP has it: 0 unset, 1 ok, 2 error.
    @inline(__always)
    func status(_ row: Int) -> UInt8 { traits[row] >> 4 }

    @inline(__always)
    func isError(_ row: Int) -> Bool { traits[row] >> 4 == 2 }

    @inline(__always)
    func traceKey(_ row: Int) -> TraceKey { traces.keys[Int(trace[row])] }

    func nameText(_ row: Int) -> String { names.texts[Int(name[row])] }

    func serviceNumber(_ row: Int) -> UInt32 { origins.serviceNumber(ofScope: places.scope[row]) }

    func serviceName(_ row: Int) -> String { origins.serviceName(ofScope: places.scope[row]) }

    func arrival(_ row: Int) -> UInt64 { requests[Int(places.request[row])].arrival }

    /// When a span counts as started among others: its start, but not after it came. A clock that is ahead would keep it on top for ever.
    func sortTime(_ row: Int) -> UInt64 { Self.sortTime(start[row], arrival(row)) }

    private static func sortTime(_ start: UInt64, _ arrival: UInt64) -> UInt64 { min(start, arrival) }

    /// Calls the closure with the OTLP message of a span.
    func withMessage<Result>(_ row: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        requests[Int(places.request[row])].bytes.withUnsafeBytes { bytes in
            body(bytes.part(Int(places.start[row]), Int(places.length[row])))
        }
    }
}
