// The relay's contract over sockets: calls, their headers, and answers.

import ExampleSupport
import Synchronization
import Telemetry
import Testing

@testable import TraceContextRelay

struct RelayContractTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let parent = "00-\(trace)-b7ad6b7169203331-03"

    /// The received calls in order.
    private final class Calls: Sendable {
        private let received = Mutex<[ServiceRequest]>([])

        var all: [ServiceRequest] { received.withLock { $0 } }

        func record(_ request: ServiceRequest) { received.withLock { $0.append(request) } }
    }

    /// Runs a closure with a relay and a target that keeps the calls it receives.
    private func withRelay(_ body: (RunningTestService, String, Calls) async throws -> Void) async throws {
        let (memory, calls) = (InMemorySpanExporter(), Calls())
        let application = TraceContextRelayApp.application(
            try ServiceHarness.telemetry("trace-context-relay", memory), transport: SocketTransport(timeout: ServiceHarness.patience))
        let target: Handler = { request in
            calls.record(request)
            return .json("null", status: request.target == "/refused" ? 418 : 200)
        }
        try await ServiceHarness.listening(target) { url in
            try await ServiceHarness.listening({ await application.respond(to: $0) }) { relay in
                try await body(RunningTestService(url: relay, memory: memory), url, calls)
            }
        }
    }

    @Test func callsAreMadeInOrderWithOneClientSpanEach() async throws {
        try await withRelay { relay, url, calls in
            let nested = #"[{"url":"\#(url)/deeper","arguments":[]}]"#
            let body = #"[{"url":"\#(url)/1","arguments":\#(nested)},{"url":"\#(url)/refused"}]"#
            let headers: HTTPHeaders = ["traceparent": Self.parent, "tracestate": "foo=1, bar=2"]
            let answer = try await relay.send("POST", "/test", body, headers: headers)
            #expect(answer.status == 200)
            #expect(answer.headers["Content-Type"] == "application/json; charset=utf-8")
            #expect(answer.text == #"[{"url":"\#(url)/1","status":200},{"url":"\#(url)/refused","status":418}]"#)

            #expect(calls.all.map(\.target) == ["/1", "/refused"] && calls.all.map(\.method) == ["POST", "POST"])
            #expect(calls.all.map(\.text) == [nested, "[]"])
            #expect(calls.all.allSatisfy { $0.headers["tracestate"] == "foo=1,bar=2" })
            let spans = relay.memory.finishedSpans.filter { $0.kind == .client }
            #expect(calls.all.map { $0.headers["traceparent"] } == spans.map { "00-\(Self.trace)-\($0.spanID)-03" })
            #expect(Set(spans.map(\.spanID)).count == 2)
        }
    }

    @Test func tracestateFieldsAreForwardedAsOne() async throws {
        try await withRelay { relay, url, calls in
            var headers: HTTPHeaders = ["traceparent": Self.parent, "tracestate": "foo=1"]
            headers.add("tracestate", "bar=2")
            let answer = try await relay.send("POST", "/test", #"[{"url":"\#(url)/1"}]"#, headers: headers)
            #expect(answer.status == 200)
            #expect(calls.all.map { $0.headers.values(named: "tracestate") } == [["foo=1,bar=2"]])
        }
    }

    @Test func callsWithoutParentShareOneNewTrace() async throws {
        try await withRelay { relay, url, calls in
            let answer = try await relay.send("POST", "/test", #"[{"url":"\#(url)/1"},{"url":"\#(url)/2"}]"#)
            #expect(answer.status == 200)
            let parents = calls.all.compactMap { $0.headers["traceparent"] }
            #expect(parents.count == 2 && Set(parents.map { $0.prefix(35) }).count == 1 && Set(parents).count == 2)
        }
    }

    @Test func failedCallIsNullAndLaterCallsAreMade() async throws {
        try await withRelay { relay, url, calls in
            let answer = try await relay.send("POST", "/test", #"[{"url":"nowhere"},{"url":"\#(url)/2"}]"#)
            #expect(answer.text == #"[{"url":"nowhere","status":null},{"url":"\#(url)/2","status":200}]"#)
            #expect(calls.all.count == 1)
        }
    }

    @Test func getIs405WithAllowPost() async throws {
        try await withRelay { relay, _, _ in
            let answer = try await relay.send("GET", "/test")
            #expect(answer.status == 405 && answer.headers["Allow"] == "POST")
        }
    }

    @Test(arguments: ["", "{}", "[1]", #"[{"arguments":[]}]"#, "[", #"[{"url":5}]"#])
    func bodyThatIsNoListOfCallsIs400(body: String) async throws {
        try await withRelay { relay, _, calls in
            let refused = try await relay.send("POST", "/test", body)
            let accepted = try await relay.send("POST", "/test", "[]")
            #expect(refused.status == 400 && accepted.text == "[]")
            #expect(calls.all.isEmpty)
        }
    }
}
