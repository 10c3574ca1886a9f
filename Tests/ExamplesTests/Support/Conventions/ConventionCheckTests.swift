// Holds telemetry against the semantic conventions: each rule finds what breaks it, and nothing in what keeps it.

import Foundation
import Telemetry
import Testing

@testable import ExampleSupport

struct ConventionCheckTests {
    private typealias Signal = OTLPReceivedRequest.Signal

    private static let resource = """
        {"attributes":[{"key":"service.name","value":{"stringValue":"shop"}},{"key":"telemetry.sdk.name","value":{"stringValue":"swift-telemetry"}},
        {"key":"telemetry.sdk.language","value":{"stringValue":"swift"}},{"key":"telemetry.sdk.version","value":{"stringValue":"1.0"}}]}
        """

    private static func text(_ key: String, _ value: String) -> String { #"{"key":"\#(key)","value":{"stringValue":"\#(value)"}}"# }

    private static func number(_ key: String, _ value: Int) -> String { #"{"key":"\#(key)","value":{"intValue":"\#(value)"}}"# }

    private static func report(_ signal: Signal, _ items: String, resource: String = resource) throws -> ConventionReport {
        let (outer, inner, list) =
            switch signal {
            case .traces: ("resourceSpans", "scopeSpans", "spans")
            case .metrics: ("resourceMetrics", "scopeMetrics", "metrics")
            case .logs: ("resourceLogs", "scopeLogs", "logRecords")
            }
        let json = #"{"\#(outer)":[{"resource":\#(resource),"\#(inner)":[{"scope":{"name":"test"},"\#(list)":[\#(items)]}]}]}"#
        var report = ConventionReport()
        let request = try OTLPReceivedRequest.protobuf(ofJSON: Array(json.utf8), signal, maximumBytes: 1 << 24)
        ConventionCheck().check(request, signal, into: &report)
        return report
    }

    /// Returns what was found as `level rule subject`, in the order of the report.
    private static func found(_ report: ConventionReport, service: String = "shop") -> [String] {
        (report.services[service]?.findings ?? []).map { "\($0.finding.level) \($0.finding.rule.rawValue) \($0.finding.subject)" }
    }

    private static func span(_ name: String, kind: Int = 1, status: Int = 0, _ attributes: [String] = []) -> String {
        #"{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"00f067aa0ba902b7","name":"\#(name)","kind":\#(kind),"#
            + #""startTimeUnixNano":"1","endTimeUnixNano":"2","status":{"code":\#(status)},"attributes":[\#(attributes.joined(separator: ","))]}"#
    }

    private static func ofSpan(_ name: String, kind: Int = 1, status: Int = 0, _ attributes: [String] = []) throws -> [String] {
        found(try report(.traces, span(name, kind: kind, status: status, attributes)))
    }

    private static let server = [text("http.request.method", "GET"), text("url.path", "/users/7"), text("url.scheme", "http")]

    // MARK: The table

    @Test func tableHasTheConventionsOfThePinnedVersion() throws {
        let table = ConventionTable.current
        let method = try #require(table.attribute("http.request.method"))
        #expect(method.type == .string && method.stability == .stable && method.members.contains("GET") && method.replacements == nil)
        #expect(table.attribute("http.method")?.replacements == ["http.request.method"])
        #expect(table.attribute("http.request.header.content-type")?.type == .strings)
        #expect(table.attribute("http.request.header") == nil && table.attribute("shop.size") == nil)
        #expect(table.attribute("rpc.response.status_code")?.stability == .releaseCandidate)
        let duration = try #require(table.metric("http.server.request.duration"))
        #expect(duration.instrument == .histogram && duration.unit == "s" && duration.required == ["http.request.method", "url.scheme"])
        #expect(table.metric("db.client.connection.count")?.instrument == .upDownCounter)
        #expect(table.event("exception")?.stability == .stable)
        #expect(table.isReserved("http.foo") && !table.isReserved("shop.foo") && !table.isReserved("http"))
    }

    // MARK: Attributes

    @Test func cleanSpanHasNoFindings() throws {
        #expect(try Self.ofSpan("GET /users/{id}", kind: 2, Self.server + [Self.text("http.route", "/users/{id}")]) == [])
        #expect(try Self.ofSpan("place order") == [])
    }

    @Test func deprecatedAttributeNamesWhatReplacesIt() throws {
        let report = try Self.report(.traces, Self.span("work", [Self.text("http.method", "GET"), Self.text("http.target", "/")]))
        #expect(Self.found(report) == ["violation deprecated http.method", "violation deprecated http.target"])
        let messages = report.services["shop"]?.findings.map(\.finding.message)
        #expect(messages == ["deprecated; use http.request.method", "deprecated; use url.path, url.query"])
    }

    @Test func valueOfAnotherTypeIsAViolation() throws {
        let wrong = [Self.text("http.response.status_code", "200"), Self.number("error.type", 5), Self.text("process.command_args", "-v")]
        #expect(
            try Self.ofSpan("work", wrong) == [
                "violation type_mismatch error.type", "violation type_mismatch http.response.status_code",
                "violation type_mismatch process.command_args",
            ])
    }

    @Test func unknownNamesWeighByTheirNamespace() throws {
        let attributes = [
            Self.text("http.foo", ""), Self.text("shop.foo", ""), Self.text("userId", ""), Self.text("service.name.short", ""),
        ]
        #expect(
            try Self.ofSpan("work", attributes) == [
                "violation missing_attribute http.foo", "violation invalid_format userId", "violation illegal_namespace service.name.short",
                "improvement missing_namespace userId", "information missing_attribute shop.foo", "information missing_attribute userId",
            ])
    }

    @Test(arguments: ["a", "a.b", "a1.b_c", "a.1"]) func formatOfNamesIsAccepted(name: String) { #expect(ConventionRules.hasFormat(name)) }

    @Test(arguments: ["", "A", "1a", "a..b", "a.", ".a", "a_", "a__b", "a-b", "a b", "ä"])
    func formatOfNamesIsRefused(name: String) { #expect(!ConventionRules.hasFormat(name)) }

    @Test func unstableNamesAndUnknownMembersAreReportedMildly() throws {
        let attributes = [Self.text("messaging.system", "pigeons"), Self.text("network.transport", "pigeon")]
        #expect(
            try Self.ofSpan("work", attributes) == [
                "improvement not_stable messaging.system", "information undefined_enum_variant messaging.system",
                "information undefined_enum_variant network.transport",
            ])
    }

    @Test func resourceLacksWhatEveryResourceHas() throws {
        let report = try Self.report(.traces, Self.span("work"), resource: #"{"attributes":[]}"#)
        #expect(
            Self.found(report, service: "")
                == ["service.name", "telemetry.sdk.language", "telemetry.sdk.name", "telemetry.sdk.version"].map {
                    "violation entity_required_attribute_not_present \($0)"
                })
    }

    // MARK: Spans

    @Test func spansOfHTTPNeedKindNameStatusAndAttributes() throws {
        let path = Self.server + [Self.number("http.response.status_code", 404)]
        #expect(try Self.ofSpan("GET", kind: 2, path) == [])
        #expect(try Self.ofSpan("GET /users/7", kind: 2, path) == ["violation span_name GET {path}"])
        #expect(try Self.ofSpan("users", kind: 2, path) == ["improvement span_name users"])
        #expect(try Self.ofSpan("GET", kind: 1, path) == ["violation span_kind http.request.method"])
        #expect(
            try Self.ofSpan("GET", kind: 2, status: 2, path) == [
                "improvement span_status 404", "information conditionally_required_attribute_not_present error.type",
            ])
        let failed = Self.server + [Self.number("http.response.status_code", 503), Self.text("error.type", "503")]
        #expect(try Self.ofSpan("GET", kind: 2, failed) == ["violation span_status 503"])
        #expect(try Self.ofSpan("GET", kind: 2, status: 2, failed) == [])
        let client = [Self.text("http.request.method", "GET"), Self.text("url.full", "http://a/"), Self.text("server.address", "a")]
        #expect(try Self.ofSpan("GET", kind: 3, client) == ["violation required_attribute_not_present server.port"])
        let missing = client + [Self.number("server.port", 80), Self.number("http.response.status_code", 404)]
        #expect(try Self.ofSpan("GET", kind: 3, missing) == ["violation span_status 404"])
    }

    @Test func spansOfDatabasesNeedKindAndName() throws {
        let query = [Self.text("db.system.name", "postgresql"), Self.text("db.query.summary", "SELECT users")]
        #expect(try Self.ofSpan("SELECT users", kind: 3, query) == [])
        #expect(try Self.ofSpan("query 12345", kind: 3, query) == ["improvement span_name query {…}"])
        #expect(try Self.ofSpan("SELECT users", kind: 2, query) == ["violation span_kind db.system.name"])
        let command = [Self.text("db.system.name", "mysql"), Self.text("db.operation.name", "PING"), Self.text("db.namespace", "shop")]
        #expect(try Self.ofSpan("PING shop", kind: 3, command) == [])
        #expect(try Self.ofSpan("mysql", kind: 3, [Self.text("db.system.name", "mysql")]) == [])
    }

    @Test func spansOfRPCNeedNameCodeAndStatus() throws {
        func call(_ name: String, kind: Int, status: Int, _ code: String) throws -> [String] {
            let attributes = [
                Self.text("rpc.system.name", "grpc"), Self.text("rpc.method", "shop.Cart/Add"), Self.text("rpc.response.status_code", code),
                Self.text("server.address", "a"), Self.text("error.type", code),
            ]
            return try Self.ofSpan(name, kind: kind, status: status, attributes).filter { !$0.contains("not_stable") }
        }
        #expect(try call("shop.Cart/Add", kind: 2, status: 0, "NOT_FOUND") == [])
        #expect(try call("shop.Cart/Add", kind: 3, status: 2, "NOT_FOUND") == [])
        #expect(try call("shop.Cart/Add", kind: 3, status: 0, "NOT_FOUND") == ["violation span_status NOT_FOUND"])
        #expect(try call("shop.Cart/Add", kind: 2, status: 0, "INTERNAL") == ["violation span_status INTERNAL"])
        #expect(try call("Add", kind: 2, status: 0, "OK") == ["improvement span_name Add"])
        let bare = try Self.ofSpan("grpc", kind: 3, [Self.text("rpc.system.name", "grpc")]).filter { $0.hasPrefix("violation") }
        #expect(
            bare == ["rpc.method", "rpc.response.status_code", "server.address"].map { "violation required_attribute_not_present \($0)" })
    }

    @Test(arguments: [
        ("user 12345", "user {…}"), ("load 0af76519-16cd-43dd-8448-eb211c80319c now", "load {…} now"), ("cafe babe", nil),
        ("deadbeef", nil),
        ("deadbeef1", "{…}"), ("v2 of 12", nil), ("a/00f067aa0ba902b7/b", "a/{…}/b"), ("", nil),
    ])
    func namesWithIdentifiersHaveAShape(name: String, shape: String?) { #expect(SpanConventions.shape(of: name) == shape) }

    @Test func manyNamesOfOneServiceAreOneFinding() throws {
        let most = ConventionReport.maximumDistinctNames
        func spans(_ count: Int) -> String {
            (0..<count).map { Self.span("work \($0 / 26) \(["a", "b"][$0 % 2])\($0 % 26)") }.joined(separator: ",")
        }
        #expect(Self.found(try Self.report(.traces, spans(most))) == [])
        let report = try Self.report(.traces, spans(most + 200))
        #expect(Self.found(report) == ["improvement name_cardinality names"])
    }

    // MARK: Metrics and events

    private static func metric(_ name: String, unit: String, _ data: String, _ attributes: [String] = []) -> String {
        let point = #"{"startTimeUnixNano":"1","timeUnixNano":"2","attributes":[\#(attributes.joined(separator: ","))]"#
        let whole =
            switch data {
            case "histogram":
                #""histogram":{"aggregationTemporality":2,"dataPoints":[\#(point),"count":"1","sum":1,"bucketCounts":["1"]}]}"#
            case "exponential":
                #""exponentialHistogram":{"aggregationTemporality":2,"dataPoints":[\#(point),"count":"1","sum":1,"scale":0,"zeroCount":"1"}]}"#
            case "counter": #""sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[\#(point),"asInt":"1"}]}"#
            case "upDownCounter": #""sum":{"aggregationTemporality":2,"dataPoints":[\#(point),"asInt":"1"}]}"#
            case "summary": #""summary":{"dataPoints":[\#(point),"count":"1","sum":1}]}"#
            default: #""gauge":{"dataPoints":[\#(point),"asInt":"1"}]}"#
            }
        return #"{"name":"\#(name)","unit":"\#(unit)",\#(whole)}"#
    }

    private static func ofMetric(_ name: String, unit: String, _ data: String, _ attributes: [String] = []) throws -> [String] {
        found(try report(.metrics, metric(name, unit: unit, data, attributes)))
    }

    private static let points = [
        text("http.request.method", "GET"), text("url.scheme", "http"), text("network.protocol.version", "1.1"),
    ]

    @Test(arguments: ["histogram", "exponential"]) func metricAsTheConventionsHaveItIsClean(data: String) throws {
        #expect(try Self.ofMetric("http.server.request.duration", unit: "s", data, Self.points) == [])
    }

    @Test(arguments: ["counter", "upDownCounter", "gauge", "summary"]) func anotherInstrumentIsAViolation(data: String) throws {
        let name = "http.server.request.duration"
        #expect(try Self.ofMetric(name, unit: "s", data, Self.points) == ["violation unexpected_instrument \(name)"])
    }

    @Test func unitAndAttributesOfMetricsAreChecked() throws {
        let name = "http.server.request.duration"
        #expect(
            try Self.ofMetric(name, unit: "ms", "histogram", [Self.text("http.request.method", "GET")]) == [
                "violation unit_mismatch \(name)", "violation required_attribute_not_present url.scheme",
                "improvement recommended_attribute_not_present network.protocol.version",
            ])
        // A series that stands for those beyond the limit has no attributes of its own.
        let overflow = [#"{"key":"otel.metric.overflow","value":{"boolValue":true}}"#]
        #expect(try Self.ofMetric(name, unit: "s", "histogram", overflow) == [])
    }

    @Test func deprecatedUnknownAndUnstableMetricsAreReported() throws {
        #expect(try Self.ofMetric("http.server.duration", unit: "ms", "histogram").contains { $0.hasPrefix("violation") })
        #expect(try Self.ofMetric("http.server.stuff", unit: "1", "gauge") == ["violation missing_metric http.server.stuff"])
        #expect(try Self.ofMetric("shop_orders", unit: "1", "counter") == ["information missing_metric shop_orders"])
        #expect(try Self.ofMetric("process.uptime", unit: "s", "gauge") == ["improvement not_stable process.uptime"])
        #expect(try Self.ofMetric("rpc.server.duration", unit: "ms", "histogram") == ["violation deprecated rpc.server.duration"])
    }

    @Test func eventsAreCheckedByTheirName() throws {
        func record(_ event: String, _ attributes: String = "") -> String {
            #"{"timeUnixNano":"1","eventName":"\#(event)","attributes":[\#(attributes)]}"#
        }
        #expect(try Self.found(Self.report(.logs, record("") + "," + record("exception"))) == [])
        #expect(
            try Self.found(Self.report(.logs, record("session.start"))) == [
                "violation required_attribute_not_present session.id", "improvement not_stable session.start",
            ])
        #expect(try Self.found(Self.report(.logs, record("order.placed"))) == ["information missing_event order.placed"])
    }

    // MARK: Bounds

    @Test func findingsOfServicesAndTheirNumberAreBounded() throws {
        var report = ConventionReport()
        for service in 0..<300 {
            let resource = #"{"attributes":[\#(Self.text("service.name", "s\(service)"))]}"#
            report.merge(try Self.report(.traces, Self.span("work"), resource: resource))
        }
        #expect(report.services.count == 200 && report.leftOut > 0)
        let many = (0..<900).map { Self.text("shop.a\($0)", "") }
        let one = try Self.report(.traces, Self.span("work", many))
        #expect(one.services["shop"]?.findings.count == 500 && one.leftOut == 400)
    }

    @Test func damagedRequestsEndTheCheckAndNothingElse() throws {
        let json = #"{"resourceSpans":[{"resource":\#(Self.resource),"scopeSpans":[{"spans":[\#(Self.span("a", Self.server))]}]}]}"#
        let request = try OTLPReceivedRequest.protobuf(ofJSON: Array(json.utf8), .traces, maximumBytes: 1 << 24)
        var random = SplitMix64(seed: 42)
        for _ in 0..<3_000 {
            var bytes = request
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
            for signal in [Signal.traces, .metrics, .logs] {
                var report = ConventionReport()
                ConventionCheck().check(bytes, signal, into: &report)
                #expect(report.services.count <= 2)
            }
        }
    }
}
