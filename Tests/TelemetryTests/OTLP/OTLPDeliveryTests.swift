// Requests of spans over HTTP, and the outcome of every kind of response.

import ExampleSupport
import Testing

@testable import Telemetry

struct OTLPDeliveryTests {
    @Test func requestHoldsEverySpanUnderItsScopeAndResource() async throws {
        let receiver = try ScriptedReceiver()
        let outcome = try await OTLPDelivering.deliver(to: receiver.url, spans: 10, headers: ["X-Token": "secret"])
        #expect(outcome.result == .completed && outcome.health.exported == 10)
        let request = try #require(receiver.requests.first)
        #expect(receiver.requests.count == 1)
        #expect(request.method == "POST" && request.path == "/v1/traces")
        #expect(request.headers["Content-Type"] == "application/x-protobuf")
        #expect(request.headers["User-Agent"]?.hasPrefix("OTel-OTLP-Exporter-Swift/") == true)
        #expect(request.headers["X-Token"] == "secret")
        let spans = try OTLPTraceRequest.decode(request.body)
        #expect(Set(spans.map(\.name)) == Set((0..<10).map { "span \($0)" }))
        #expect(
            spans.allSatisfy {
                $0.resource.attributes == ["service.name": "sender"] && $0.resource.schemaURL == "https://example.com/resource"
            })
        #expect(
            spans.allSatisfy {
                $0.instrumentationScope.name == "scope \(($0.attributes["index"]?.intValue ?? 0) % 2)"
                    && $0.instrumentationScope.schemaURL == "https://example.com/scope"
            })
        await receiver.stop()
    }

    @Test func requestMatchesProtocolBytes() throws {
        let resource = RecordedResource(Resource(attributes: ["a": "b"], schemaURL: "r"))
        let scope = ScopeReference(
            immortal: RecordedScope(InstrumentationScope(name: "s", version: "v", schemaURL: "u"), resource: resource))
        var chunk = Chunk(scope: scope, buffer: ChunkBuffer(capacity: 64))
        var cursor = chunk.addItem(ofSize: 4)
        for byte: UInt8 in [0x12, 2, 0x2A, 0] { cursor.byte(byte) }
        var batch = ItemBatch()
        batch.add(ChunkSlice(chunk))
        let body = OTLPRequestBody(batch, of: .traces)
        let bytes = body.withPieces { $0.flatMap { Array($0) } }
        let expected: [UInt8] =
            [0x0A, 34] + [0x0A, 10, 0x0A, 8, 0x0A, 1, 0x61, 0x12, 3, 0x0A, 1, 0x62]
            + [0x12, 15, 0x0A, 6, 0x0A, 1, 0x73, 0x12, 1, 0x76, 0x12, 2, 0x2A, 0, 0x1A, 1, 0x75] + [0x1A, 1, 0x72]
        #expect(bytes.count == body.byteCount)
        #expect(bytes == [expected[0], UInt8(expected.count - 2)] + expected.dropFirst(2))
    }

    @Test(arguments: [429, 502, 503, 504])
    func retryableStatusIsRetriedUntilDelivered(status: Int) async throws {
        let receiver = try ScriptedReceiver([HTTPResponse(status: status), HTTPResponse(status: status, headers: ["Retry-After": "0"])])
        let outcome = try await OTLPDelivering.deliver(to: receiver.url)
        #expect(outcome.result == .completed)
        #expect(receiver.requests.count == 3 && outcome.health.retries == 2)
        #expect(outcome.health.destination == receiver.url + "/v1/traces")
        #expect(receiver.requests.allSatisfy { $0.body == receiver.requests[0].body })
        await receiver.stop()
    }

    @Test(arguments: [400, 401, 403, 404, 408, 413, 500, 501])
    func otherStatusIsNotRetried(status: Int) async throws {
        let receiver = try ScriptedReceiver([HTTPResponse(status: status)])
        let outcome = try await OTLPDelivering.deliver(to: receiver.url, spans: 2)
        #expect(outcome.result == .failed && outcome.health.droppedCount == 2)
        #expect(receiver.requests.count == 1)
        await receiver.stop()
    }

    @Test func partialSuccessIsNotRetriedAndRejectedSpansAreCounted() async throws {
        // ExportTraceServiceResponse { partial_success { rejected_spans: 1 error_message: "no" } }
        let body: [UInt8] = [0x0A, 6, 0x08, 1, 0x12, 2, 0x6E, 0x6F]
        let receiver = try ScriptedReceiver([HTTPResponse(status: 200, headers: ["Content-Type": "application/x-protobuf"], body: body)])
        let outcome = try await OTLPDelivering.deliver(to: receiver.url, spans: 3)
        #expect(outcome.health.exported == 2 && outcome.health.droppedCount == 1)
        #expect(receiver.requests.count == 1)
        await receiver.stop()
    }

    @Test func unreadableSuccessIsDelivered() async throws {
        let receiver = try ScriptedReceiver([HTTPResponse(status: 200, headers: ["Content-Type": "text/html"], body: Array("<p>".utf8))])
        let outcome = try await OTLPDelivering.deliver(to: receiver.url)
        #expect(outcome.result == .completed && outcome.health.exported == 1)
        await receiver.stop()
    }

    @Test func retryAfterBeyondDeadlineFailsAtOnce() async throws {
        let receiver = try ScriptedReceiver([HTTPResponse(status: 503, headers: ["Retry-After": "3600"])])
        let limit = Deadline.after(.patience)
        let outcome = try await OTLPDelivering.deliver(to: receiver.url, timeout: .seconds(1800))
        #expect(outcome.result == .failed && receiver.requests.count == 1)
        #expect(!limit.hasPassed)
        await receiver.stop()
    }

    @Test func missingReceiverFailsWithinTimeout() async throws {
        let outcome = try await OTLPDelivering.deliver(to: "http://127.0.0.1:1", timeout: .milliseconds(50))
        #expect(outcome.result == .failed && outcome.health.droppedCount == 1)
    }

    @Test func shutdownWithUnresponsiveReceiverEndsAtDeadline() async throws {
        // The port listens, but never answers.
        let address = try #require(try SocketAddress.resolve(host: "127.0.0.1", port: 0).get().first)
        let silent = try Socket.listening(on: address)
        let port = try #require(silent.localAddress).hostAndPort.port
        let processor = BatchSpanProcessor(
            OTLPSpanExporter(endpoint: "http://127.0.0.1:\(port)", options: OTLPOptions(timeout: .seconds(3600))))
        let provider = TracerProvider(
            resource: .empty, sampler: .alwaysOn, limits: SpanLimits(), processors: [processor], idGenerator: nil, clock: .system)
        provider.tracer(InstrumentationScope(name: "x")).startSpan("lost", parent: .root).end()
        let limit = Deadline.after(.patience)
        #expect(await provider.shutdown(deadline: .after(.milliseconds(100))) == .timedOut)
        #expect(!limit.hasPassed)
        // The worker is interrupted and ends; the spans that it held are counted.
        #expect(await eventually { processor.health.droppedCount == 1 })
    }

    @Test func retryDelayGrowsToItsLimitWithJitter() {
        let policy = RetryPolicy(initialDelay: .milliseconds(100), maximumDelay: .seconds(1), multiplier: 2)
        #expect(policy.delay(afterAttempt: 1, requested: nil, fraction: 1) == .milliseconds(100))
        #expect(policy.delay(afterAttempt: 1, requested: nil, fraction: 0) == .milliseconds(50))
        #expect(policy.delay(afterAttempt: 3, requested: nil, fraction: 1) == .milliseconds(400))
        #expect(policy.delay(afterAttempt: 1_000_000, requested: nil, fraction: 1) == .seconds(1))
        #expect(policy.delay(afterAttempt: 1, requested: .seconds(9), fraction: 0) >= .seconds(9))
    }
}
