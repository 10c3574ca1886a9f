// Sample spans for the tests of the console, with times in microseconds since the start of the trace.

@testable import Telemetry

enum Samples {
    static let traceID = TraceID(high: 0x0af7_6519_16cd_43dd, low: 0x8448_eb21_1c80_319c)
    private static let origin: UInt64 = 1_000_000_000_000_000_000

    static func time(_ microseconds: UInt64) -> Timestamp {
        Timestamp(nanosecondsSinceEpoch: origin + microseconds * 1_000)
    }

    static func span(
        _ id: UInt64, in parent: UInt64 = 0, _ name: String, kind: SpanKind = .internal, from start: UInt64 = 0, to end: UInt64 = 100,
        status: SpanStatus = .unset, service: String = "", isRemote: Bool = false, trace: TraceID = traceID,
        _ attributes: Attributes = [:], events: [TraceTreeSpan.Event] = []
    ) -> TraceTreeSpan {
        TraceTreeSpan(
            traceID: trace, spanID: SpanID(id), parentSpanID: SpanID(parent), hasRemoteParent: isRemote, name: name, kind: kind,
            startTime: time(start), endTime: time(end), status: status, service: service, attributes: attributes, events: events)
    }

    /// A request that goes through two services and fails in the second.
    static let twoServices: [TraceTreeSpan] = [
        span(
            6, in: 4, "SELECT albums", kind: .client, from: 5_000, to: 10_500, status: .error("connection reset by peer"),
            service: "album-store", ["db.system.name": "postgresql", "db.query.text": "SELECT *\nFROM albums"]),
        span(
            5, in: 4, "look up cache", from: 2_700, to: 2_850, service: "album-store",
            events: [TraceTreeSpan.Event(name: "cache miss", time: time(2_840), attributes: ["cache.key": "albums:all"])]),
        span(4, in: 3, "GET /albums", kind: .server, from: 2_500, to: 11_000, status: .error(""), service: "album-store", isRemote: true),
        span(2, in: 1, "check token", from: 200, to: 1_400, service: "proxy"),
        span(3, in: 1, "GET", kind: .client, from: 1_600, to: 11_800, status: .error(""), service: "proxy"),
        span(1, "GET /albums", kind: .server, from: 0, to: 12_400, status: .error(""), service: "proxy"),
    ]
}
