// What a sidecar records of the requests that it passes on.

import ExampleSupport
import Telemetry
import Testing

@testable import Sidecar

@Suite("ALB-14: sidecar as the entry point of traces") struct SidecarTelemetryTests {
    private static let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    /// Sends a request with a trace through a sidecar; returns its server and client span, and the head that the upstream got.
    private func spans(
        listener: String = "", headers: String = "traceparent: \(parent)\r\ntracestate: a=b\r\n",
        _ check: (RunningSidecar, ReadableSpan, ReadableSpan, String) async throws -> Void
    ) async throws {
        let heads = Notes<String>()
        let server = try ScriptedServer { connection in
            heads.add(connection.readHead())
            connection.send("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok")
        }
        try await RunningSidecar.before(server.port, listener: listener) { sidecar in
            _ = await sidecar.answer(to: "GET /albums?secret=1 HTTP/1.1\r\nHost: shop:80\r\nConnection: close\r\n\(headers)\r\n")
            let (servers, clients) = (await sidecar.finished(.server), await sidecar.finished(.client))
            try await check(sidecar, try #require(servers.first), try #require(clients.first), heads.all.first ?? "")
        }
    }

    @Test func traceOfTheClientIsContinued() async throws {
        try await spans { _, server, client, head in
            #expect(
                server.context.traceID.description == "0af7651916cd43dd8448eb211c80319c" && client.context.traceID == server.context.traceID
            )
            #expect(server.parentSpanID.description == "b7ad6b7169203331" && client.parentSpanID == server.context.spanID)
            #expect(head.contains("traceparent: 00-0af7651916cd43dd8448eb211c80319c-\(client.context.spanID)-"))
            #expect(head.contains("tracestate: a=b\r\n") && !head.contains("b7ad6b7169203331"))
        }
    }

    @Test func requestWithoutTraceBeginsOne() async throws {
        try await spans(headers: "") { _, server, client, head in
            #expect(!server.parentSpanID.isValid && client.parentSpanID == server.context.spanID)
            #expect(head.contains("traceparent: 00-\(server.context.traceID)-\(client.context.spanID)-"))
        }
    }

    @Test func untrustedTraceIsLeftOut() async throws {
        let headers = "traceparent: \(Self.parent)\r\ntracestate: a=b\r\nBaggage: user=7\r\n"
        try await spans(listener: ", trust_trace: false", headers: headers) { _, server, _, head in
            #expect(!server.parentSpanID.isValid && server.context.traceID.description != "0af7651916cd43dd8448eb211c80319c")
            #expect(!head.contains("0af7651916cd43dd8448eb211c80319c") && !head.contains("a=b") && !head.contains("user=7"))
        }
    }

    @Test func spansFollowTheConventions() async throws {
        try await spans { sidecar, server, client, _ in
            #expect(server.name == "GET /" && server.attributes["http.route"] == "/" && server.attributes["url.path"] == "/albums")
            #expect(server.attributes["http.response.status_code"] == 201 && server.attributes["client.address"] == "127.0.0.1")
            #expect(server.attributes["server.address"] == "shop")
            #expect(client.attributes["http.response.status_code"] == 201 && client.attributes["server.address"] == "127.0.0.1")
            // A peer without telemetry of its own has its place on the map by these.
            #expect(client.attributes["service.peer.name"] == "web" && client.attributes["network.peer.address"] == "127.0.0.1")
            #expect(server.status == .unset && client.status == .unset)
        }
    }

    @Test func rateErrorsAndDurationAreMetrics() async throws {
        try await spans { sidecar, _, _, _ in
            let request = ServiceRequest(method: "GET", target: "/metrics")
            let page = await sidecar.telemetry.metricsPage(for: request).text
            for series in [
                #"http_server_request_duration_seconds_count{http_request_method="GET",http_response_status_code="201",http_route="/""#,
                #"http_client_request_duration_seconds_count{http_request_method="GET",http_response_status_code="201""#,
                #"sidecar_connections{"#,
            ] { #expect(page.contains(series), "\(series)") }
        }
    }

    @Test func accessLogHasTheTrace() async throws {
        try await spans { sidecar, server, _, _ in
            let line = try #require(sidecar.logs.finishedRecords.first { $0.attributes["path"] == "/albums" })
            #expect(line.attributes["status"] == 201 && line.attributes["method"] == "GET" && line.attributes["upstream"] == "web")
            #expect(line.attributes["response_bytes"] == 2 && line.attributes["attempts"] == 1 && line.attributes["listener"] == "in")
            #expect(line.traceID == server.context.traceID && line.spanID == server.context.spanID)
        }
    }

    @Test func everyHopIsOneTraceFromTheEntryPointToTheService() async throws {
        let server = try ScriptedServer { connection in
            _ = connection.readHead()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        }
        try await RunningSidecar.before(server.port) { inner in
            try await RunningSidecar.before(inner.port, listener: ", trust_trace: false") { edge in
                _ = await edge.answer(to: "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                let root = try #require(await edge.finished(.server).first)
                let out = try #require(await edge.finished(.client).first)
                let next = try #require(await inner.finished(.server).first)
                let last = try #require(await inner.finished(.client).first)
                #expect(!root.parentSpanID.isValid && out.parentSpanID == root.context.spanID)
                #expect(next.parentSpanID == out.context.spanID && last.parentSpanID == next.context.spanID)
                #expect(Set([root, out, next, last].map(\.context.traceID)).count == 1)
            }
        }
    }
}
