// The demo's comparison of a trace with the expected spans.

import ExampleSupport
import Testing

@testable import Demo

struct TraceCheckTests {
    private static let expected = ExpectedSpan.server("proxy-service", "/albums GET", .client("proxy-service", "HTTP GET"))

    private func span(_ id: String, parent: JSONValue, name: String, kind: String) -> JSONValue {
        ["spanId": .string(id), "parentSpanId": parent, "service": "proxy-service", "name": .string(name), "kind": .string(kind)]
    }

    @Test func expectedSpansHaveNoProblemInAnyOrder() {
        let (server, client) = (
            span("a", parent: .null, name: "/albums GET", kind: "server"), span("b", parent: "a", name: "HTTP GET", kind: "client")
        )
        #expect(TraceCheck.problem(of: ["spans": [server, client]], expected: Self.expected) == nil)
        #expect(TraceCheck.problem(of: ["spans": [client, server]], expected: Self.expected) == nil)
    }

    @Test func missingMisplacedAndDifferentSpansAreNamed() {
        let server = span("a", parent: .null, name: "/albums GET", kind: "server")
        let problems = [
            [server],
            [server, span("b", parent: .null, name: "HTTP GET", kind: "client")],
            [server, span("b", parent: "a", name: "HTTP POST", kind: "client")],
        ].map { TraceCheck.problem(of: ["spans": .array($0)], expected: Self.expected) }
        #expect(
            problems == [
                "it has 1 span instead of 2", "the span \"HTTP GET\" of proxy-service is not where it belongs",
                "there is client \"HTTP POST\" of proxy-service in place of client \"HTTP GET\" of proxy-service",
            ])
    }

    @Test func spansBelowOneParentAreFoundInAnyOrder() {
        let root = span("a", parent: .null, name: "/albums GET", kind: "server")
        let children = [span("b", parent: "a", name: "one", kind: "client"), span("c", parent: "a", name: "two", kind: "internal")]
        let expected = ExpectedSpan.server(
            "proxy-service", "/albums GET", .internal("proxy-service", "two"), .client("proxy-service", "one"))
        #expect(TraceCheck.problem(of: ["spans": .array([root] + children)], expected: expected) == nil)
        let twice = ExpectedSpan.server("proxy-service", "/albums GET", .client("proxy-service", "one"), .client("proxy-service", "one"))
        #expect(
            TraceCheck.problem(of: ["spans": .array([root] + children)], expected: twice)
                == "there is internal \"two\" of proxy-service in place of client \"one\" of proxy-service")
    }
}
