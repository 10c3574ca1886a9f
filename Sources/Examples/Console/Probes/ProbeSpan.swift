// The spans of probes.

import ExampleSupport
import Telemetry

/// A client span of a probe, which the server's span continues.
struct ProbeSpan: Sendable {
    let trace: TraceID
    let id: SpanID
    /// Nil for the root of the trace.
    let parent: SpanID?
    let name: String
    let start: UInt64
    var end: UInt64 = 0
    var attributes: [JSONObject.Member] = []
    /// Why the span failed.
    var error: String?

    init(_ trace: TraceID, parent: SpanID?, name: String) {
        self.trace = trace
        id = SpanID(bytes: Self.random(8)) ?? .invalid
        self.parent = parent
        self.name = name
        start = Timestamp.now.nanosecondsSinceEpoch
    }

    static func newTrace() -> TraceID { TraceID(bytes: random(16)) ?? .invalid }

    /// Returns random bytes of which one is not zero.
    private static func random(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return [UInt8.random(in: 1...255, using: &generator)] + (1..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    /// The value of the header by which the server continues the trace. (W3C Trace Context §3.2; the second flag says that it is random.)
    var traceParent: String { "00-\(trace)-\(id)-03" }

    mutating func finish() { end = max(start, Timestamp.now.nanosecondsSinceEpoch) }

    mutating func set(_ name: String, _ value: JSONValue) { attributes.append(.init(key: name, value: value)) }

    /// Returns the request of OTLP with the spans of a probe. (trace.proto.)
    static func request(_ spans: [ProbeSpan]) -> [UInt8] {
        var writer = NestedWireWriter()
        let resource = writer.begin(OTLPSchema.AnySignal.resources.number)
        let message = writer.begin(OTLPSchema.AnySignal.resource.number)
        for (key, value) in [
            ("service.name", "probes"), ("telemetry.sdk.language", "swift"), ("telemetry.sdk.name", "swift-telemetry"),
            ("telemetry.sdk.version", SDK.version),
        ] { LogLine.keyValue(1, .init(key: key, value: .string(value)), to: &writer) }
        writer.end(message)
        let scopes = writer.begin(OTLPSchema.AnySignal.scopes.number)
        let scope = writer.begin(1)
        LogLine.text(1, "telemetry.probes", to: &writer)
        LogLine.text(2, SDK.version, to: &writer)
        writer.end(scope)
        for span in spans { span.write(to: &writer) }
        writer.end(scopes)
        writer.end(resource)
        return writer.bytes
    }

    private func write(to writer: inout NestedWireWriter) {
        func bytes(_ field: Int, _ bytes: [UInt8]) {
            let mark = writer.begin(field)
            writer.append(bytes)
            writer.end(mark)
        }
        let mark = writer.begin(2)
        bytes(1, trace.bytes)
        bytes(2, id.bytes)
        if let parent { bytes(4, parent.bytes) }
        bytes(5, Array(name.utf8))
        writer.field(6, varint: 3)
        writer.field(7, fixed64: start)
        writer.field(8, fixed64: max(start, end))
        for attribute in attributes { LogLine.keyValue(9, attribute, to: &writer) }
        if let error {
            let status = writer.begin(15)
            LogLine.text(2, error, to: &writer)
            writer.field(3, varint: 2)
            writer.end(status)
        }
        writer.field(16, fixed32: 0x103)
        writer.end(mark)
    }
}
