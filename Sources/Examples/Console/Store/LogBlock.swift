// Log records as they came, and the columns by which they are found.

package import ExampleSupport
import Telemetry

/// Log records in the bytes that they came in, with one row of numbers for each.
package struct LogBlock: ItemBlock {
    /// The bytes of one record in the columns.
    private static let rowBytes = 41 + ItemPlaces.rowBytes
    /// The bytes that a request takes beside its content.
    private static let requestBytes = 64

    package let run: Int
    package let firstNumber: Int
    private(set) var requests: [ReceivedBody] = []
    private(set) var origins = OriginTable()
    private(set) var places = ItemPlaces()
    private(set) var traceHigh: [UInt64] = []
    private(set) var traceLow: [UInt64] = []
    private(set) var spanID: [UInt64] = []
    /// When it happened; when it was observed, or when it came, if the record does not say.
    private(set) var time: [UInt64] = []
    /// When it counts as happened among others: not after it came. A clock that is ahead would keep it on top for ever.
    private(set) var sortTime: [UInt64] = []
    /// The number of its severity, 0 to 24.
    private(set) var severity: [UInt8] = []
    private var requestByteCount = 0
    package private(set) var oldest = UInt64.max

    package init(run: Int, firstNumber: Int) {
        self.run = run
        self.firstNumber = firstNumber
    }

    package var count: Int { spanID.count }

    package var byteCount: Int { requestByteCount + count * Self.rowBytes + origins.byteCount }

    package var evictableTraces: [UInt64] { [] }

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
                        append(try LogIndex(body.part(place.lowerBound, place.count)), arrival: request.arrival)
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

    private mutating func append(_ record: LogIndex, arrival: UInt64) {
        let happened = record.time > 0 ? record.time : record.observed > 0 ? record.observed : arrival
        traceHigh.append(record.traceHigh)
        traceLow.append(record.traceLow)
        spanID.append(record.spanID)
        time.append(happened)
        sortTime.append(min(happened, arrival))
        severity.append(record.severity)
        oldest = min(oldest, happened)
    }

    private mutating func removeLast(_ number: Int) {
        guard number > 0 else { return }
        traceHigh.removeLast(number)
        traceLow.removeLast(number)
        spanID.removeLast(number)
        time.removeLast(number)
        sortTime.removeLast(number)
        severity.removeLast(number)
        places.removeLast(number)
    }
}

extension LogBlock {
    func traceKey(_ row: Int) -> TraceKey { TraceKey(high: traceHigh[row], low: traceLow[row]) }

    func serviceName(_ row: Int) -> String { origins.serviceName(ofScope: places.scope[row]) }

    /// Calls the closure with the OTLP message of a record.
    func withMessage<Result>(_ row: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        requests[Int(places.request[row])].bytes.withUnsafeBytes { bytes in
            body(bytes.part(Int(places.start[row]), Int(places.length[row])))
        }
    }
}
