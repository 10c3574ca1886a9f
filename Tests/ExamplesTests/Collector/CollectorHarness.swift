// Builds OTLP requests and hands them to a collector.

import ExampleSupport
import Telemetry

@testable import Collector
@testable import TelemetryConsole

/// A collector without sockets.
struct CollectorHarness {
    let routes: CollectorRoutes
    let collection: TraceCollection

    static let protobuf: HTTPHeaders = ["Content-Type": "application/x-protobuf"]
    static let json: HTTPHeaders = ["Content-Type": "application/json"]
    static let traceID = "0af7651916cd43dd8448eb211c80319c"

    init(_ limits: CollectorLimits = CollectorLimits(), maximumRequestBytes: Int = OTLPIntake.maximumRequestBytes) {
        collection = TraceCollection(limits: limits, settle: .zero) { _ in }
        routes = CollectorRoutes(collection, maximumRequestBytes: maximumRequestBytes)
    }

    func post(_ path: String, _ body: [UInt8], _ headers: HTTPHeaders = protobuf) async -> ServiceResponse {
        await routes.respond(to: ServiceRequest(method: "POST", target: path, headers: headers, body: body))
    }

    func postJSON(_ path: String, _ body: String) async -> ServiceResponse { await post(path, Array(body.utf8), Self.json) }

    func get(_ path: String) async throws -> JSONValue {
        try JSONValue(parsing: await routes.respond(to: ServiceRequest(method: "GET", target: path)).body)
    }

    /// Sends one request with spans of a trace; the numbers are their identifiers, `members` the rest of each in JSON.
    func sendSpans(_ numbers: some Sequence<Int>, traceID: String = traceID, _ members: String = "") async -> ServiceResponse {
        await postJSON("/v1/traces", Self.request(numbers.map { Self.span($0, traceID: traceID, members) }.joined(separator: ",")))
    }

    static func span(_ number: Int, traceID: String = traceID, _ members: String = "") -> String {
        let digits = String(number, radix: 16)
        let id = String(repeating: "0", count: 16 - digits.count) + digits
        return #"{"traceId":"\#(traceID)","spanId":"\#(id)","name":"span \#(number)","startTimeUnixNano":"10","#
            + #""endTimeUnixNano":"20"\#(members.isEmpty ? "" : ",")\#(members)}"#
    }

    static func request(_ spans: String, resource: String = "{}", scope: String = "{}") -> String {
        #"{"resourceSpans":[{"resource":\#(resource),"scopeSpans":[{"scope":\#(scope),"spans":[\#(spans)]}]}]}"#
    }

    /// Returns a protobuf field with a length.
    static func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
        var length: [UInt8] = []
        var rest = content.count
        while rest >= 0x80 {
            length.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return [number << 3 | 2] + length + [UInt8(rest)] + content
    }

    /// Returns a trace request around the fields of one span.
    static func spanRequest(_ fields: [UInt8]) -> [UInt8] { field(1, field(2, field(2, fields))) }

    static func byte(_ text: String) -> [UInt8] { Array(text.utf8) }
}
