// A console without sockets, and the requests that tests send to it.

import ExampleSupport
import Telemetry

@testable import TelemetryConsole

/// A console, and short forms of what is sent to it and asked of it.
struct ConsoleHarness {
    static let traceID = "0af7651916cd43dd8448eb211c80319c"
    /// A time that is past: 2023-11-14T22:13:20Z.
    static let time: UInt64 = 1_700_000_000_000_000_000

    let stores: SignalStores
    let console: Console

    init(_ limits: ConsoleLimits = ConsoleLimits(), access: ConsoleAccess = ConsoleAccess(), logStore: LogStore? = nil) {
        stores = SignalStores(limits)
        // A query looks for as long as a busy machine takes.
        console = Console(stores, access: access, logStore: logStore, queryTime: ServiceHarness.patience)
    }

    init(_ console: Console) {
        stores = console.stores
        self.console = console
    }

    func send(_ method: String, _ target: String, _ headers: HTTPHeaders = [:], _ body: [UInt8] = []) async -> ServiceResponse {
        await console.respond(to: ServiceRequest(method: method, target: target, headers: headers, body: body))
    }

    func post(_ path: String, json: String) async -> ServiceResponse {
        await send("POST", path, ["Content-Type": "application/json"], Array(json.utf8))
    }

    func get(_ target: String) async throws -> JSONValue { try JSONValue(parsing: await send("GET", target).body) }

    /// Sends spans of one service.
    @discardableResult
    func sendSpans(_ spans: [Span], service: String = "shop") async -> ServiceResponse {
        await post("/v1/traces", json: Self.request(spans, service: service))
    }

    /// Sends log records of one service.
    @discardableResult
    func sendLogs(_ records: [Record], service: String = "shop", resource attributes: String = "") async -> ServiceResponse {
        let resource = Self.resource(service, attributes)
        let list = records.map(\.json).joined(separator: ",")
        return await post(
            "/v1/logs",
            json: #"{"resourceLogs":[{"resource":\#(resource),"scopeLogs":[{"scope":{"name":"test"},"logRecords":[\#(list)]}]}]}"#)
    }

    static func request(_ spans: [Span], service: String = "shop") -> String {
        let list = spans.map(\.json).joined(separator: ",")
        return
            #"{"resourceSpans":[{"resource":\#(resource(service)),"scopeSpans":[{"scope":{"name":"test","version":"1.2"},"spans":[\#(list)]}]}]}"#
    }

    /// The protobuf bytes of a request with spans.
    static func protobuf(_ spans: [Span], service: String = "shop") throws -> [UInt8] {
        try OTLPReceivedRequest.protobuf(ofJSON: Array(request(spans, service: service).utf8), .traces, maximumBytes: 1 << 24)
    }

    private static func resource(_ service: String, _ attributes: String = "") -> String {
        #"{"attributes":[{"key":"service.name","value":{"stringValue":"\#(service)"}},{"key":"host.name","value":{"stringValue":"h1"}}"#
            + (attributes.isEmpty ? "" : ",\(attributes)") + "]}"
    }

    /// A span to send.
    struct Span {
        var trace = ConsoleHarness.traceID
        var id: Int
        var parent = 0
        var name = "work"
        var kind = 1
        /// Nanoseconds after ``ConsoleHarness/time``.
        var start: UInt64 = 0
        var duration: UInt64 = 1_000_000
        var isOpen = false
        var isError = false
        var traceState = ""
        /// Attributes in OTLP/JSON, and further members.
        var attributes = ""
        var more = ""

        var json: String {
            let (from, to) = (ConsoleHarness.time + start, isOpen ? 0 : ConsoleHarness.time + start + duration)
            var text = #"{"traceId":"\#(trace)","spanId":"\#(Self.id(id))","parentSpanId":"\#(parent == 0 ? "" : Self.id(parent))","#
            text += #""name":"\#(name)","kind":\#(kind),"startTimeUnixNano":"\#(from)","endTimeUnixNano":"\#(to)","#
            text += #""status":{"code":\#(isError ? 2 : 0)},"traceState":"\#(traceState)","attributes":[\#(attributes)]\#(more)}"#
            return text
        }

        static func id(_ number: Int) -> String {
            let digits = String(number, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
    }

    /// A log record to send.
    struct Record {
        var body = "hello"
        var severity = 9
        /// Nanoseconds after ``ConsoleHarness/time``.
        var time: UInt64 = 0
        var trace = ""
        var attributes = ""
        var more = ""

        var json: String {
            #"{"timeUnixNano":"\#(ConsoleHarness.time + time)","severityNumber":\#(severity),"body":{"stringValue":"\#(body)"},"#
                + #""traceId":"\#(trace)","attributes":[\#(attributes)]\#(more)}"#
        }
    }

    static func attribute(_ key: String, _ text: String) -> String { #"{"key":"\#(key)","value":{"stringValue":"\#(text)"}}"# }

    static func attribute(_ key: String, _ number: Int) -> String { #"{"key":"\#(key)","value":{"intValue":"\#(number)"}}"# }

    /// The identifier of a trace by number.
    static func trace(_ number: Int) -> String { String(repeating: "0", count: 16) + Span.id(number) }
}
