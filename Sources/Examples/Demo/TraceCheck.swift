// Finds and verifies the traces of the demo's requests.

import ExampleSupport
import Telemetry

/// Queries the collector for traces and compares them with the expected spans.
struct TraceCheck: Sendable {
    let transport: any Transport
    let collectorURL: String

    /// Waits for the drawn trace whose root span has this user agent, and returns it; nil when the time is over.
    func trace(ofUserAgent agent: String, within duration: Duration) async throws -> JSONValue? {
        let deadline = ContinuousClock.now + duration
        while ContinuousClock.now < deadline, !StopSignal.hasCome {
            let list = try await get("/traces")
            for summary in (list.arrayValue ?? []).reversed().prefix(20) where summary["complete"] == true {
                let trace = try await get("/traces/\(summary["traceId"]?.stringValue ?? "")")
                if Self.userAgent(of: trace) == agent { return trace }
            }
            try await Task.sleep(for: .milliseconds(25))
        }
        return nil
    }

    func get(_ path: String) async throws -> JSONValue {
        let response = try await transport.send("GET", collectorURL + path, headers: HTTPHeaders(), body: [])
        return try JSONValue(parsing: response.body)
    }

    private static func userAgent(of trace: JSONValue) -> String? {
        let root = trace["spans"]?.arrayValue?.first { $0["parentSpanId"] == .null }
        return root?["attributes"]?["user_agent.original"]?.stringValue
    }

    /// Returns the first problem of a trace; nil if it is a tree of exactly the expected spans.
    static func problem(of trace: JSONValue, expected root: ExpectedSpan) -> String? {
        let spans = trace["spans"]?.arrayValue ?? []
        guard spans.count == root.count else {
            return "it has \(spans.count) span\(spans.count == 1 ? "" : "s") instead of \(root.count)"
        }
        return problem(of: [root], below: .null, in: spans)
    }

    private static func problem(of expected: [ExpectedSpan], below parent: JSONValue, in spans: [JSONValue]) -> String? {
        var found = spans.filter { $0["parentSpanId"] == parent }
        for wanted in expected {
            guard let place = found.firstIndex(where: { isSame($0, wanted) }) else {
                guard let other = found.first(where: { span in !expected.contains { isSame(span, $0) } }) else {
                    return "the span \"\(wanted.name)\" of \(wanted.service) is not where it belongs"
                }
                let text = { (member: String) in other[member]?.stringValue ?? "" }
                return
                    "there is \(text("kind")) \"\(text("name"))\" of \(text("service")) in place of \(wanted.kind) \"\(wanted.name)\" of \(wanted.service)"
            }
            let span = found.remove(at: place)
            if let problem = problem(of: wanted.children, below: span["spanId"] ?? .null, in: spans) { return problem }
        }
        return nil
    }

    private static func isSame(_ span: JSONValue, _ wanted: ExpectedSpan) -> Bool {
        span["service"]?.stringValue == wanted.service && span["name"]?.stringValue == wanted.name
            && span["kind"]?.stringValue == wanted.kind
    }
}
