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

    private func get(_ path: String) async throws -> JSONValue {
        let response = try await transport.send("GET", collectorURL + path, headers: HTTPHeaders(), body: [])
        return try JSONValue(parsing: response.body)
    }

    private static func userAgent(of trace: JSONValue) -> String? {
        let root = trace["spans"]?.arrayValue?.first { $0["parentSpanId"] == .null }
        return root?["attributes"]?["user_agent.original"]?.stringValue
    }

    /// Returns the first problem of a trace; nil if it is a chain of exactly the expected spans.
    static func problem(of trace: JSONValue, expected: [DemoStep.ExpectedSpan]) -> String? {
        let spans = trace["spans"]?.arrayValue ?? []
        guard spans.count == expected.count else {
            return "it has \(spans.count) span\(spans.count == 1 ? "" : "s") instead of \(expected.count)"
        }
        var parent: JSONValue = .null
        for wanted in expected {
            guard let span = spans.first(where: { $0["parentSpanId"] == parent }) else {
                return "the span \"\(wanted.name)\" of \(wanted.service) is not where it belongs"
            }
            let found = DemoStep.ExpectedSpan(
                service: span["service"]?.stringValue ?? "", name: span["name"]?.stringValue ?? "", kind: span["kind"]?.stringValue ?? "")
            guard found == wanted else {
                return
                    "there is \(found.kind) \"\(found.name)\" of \(found.service) in place of \(wanted.kind) \"\(wanted.name)\" of \(wanted.service)"
            }
            parent = span["spanId"] ?? .null
        }
        return nil
    }
}
