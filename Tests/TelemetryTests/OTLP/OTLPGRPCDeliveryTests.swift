// Requests over gRPC, and the outcome of every kind of answer.

import ExampleSupport
import Testing

@testable import Telemetry

@Suite(.enabled(if: HTTP2Peer.isAvailable, "nghttp2 is installed."))
struct OTLPGRPCDeliveryTests {
    private static let sent: [(String, String)] = [
        (":method", "POST"), (":scheme", "http"), (":path", "/opentelemetry.proto.collector.trace.v1.TraceService/Export"),
        ("te", "trailers"), ("content-type", "application/grpc+proto"), ("x-token", "secret"),
    ]

    @Test func callHoldsEverySpanBehindItsPrefix() async throws {
        let receiver = try GRPCReceiver()
        let outcome = try await receiver.deliver(
            spans: 10, headers: ["X-Token": "secret", "Grpc-Status": "13", "TE": "gzip", "Connection": "close", "Host": "elsewhere"])
        #expect(outcome.result == .completed && outcome.health.exported == 10 && outcome.health.destination == receiver.url)
        let request = try #require(receiver.requests.first)
        #expect(receiver.requests.count == 1)
        for (name, value) in Self.sent { #expect(request.fields[name] == value) }
        #expect(request.fields[":authority"] == String(receiver.url.dropFirst("http://".count)))
        #expect(request.fields["user-agent"]?.hasPrefix("OTel-OTLP-Exporter-Swift/") == true)
        #expect(request.fields["grpc-timeout"]?.hasSuffix("m") == true && request.fields["grpc-encoding"] == nil)
        for name in ["grpc-status", "connection", "host", "content-encoding"] { #expect(request.fields[name] == nil) }
        #expect(request.body == GRPCMessage.prefix(count: request.message.count, isCompressed: false) + request.message)
        #expect(Set(try OTLPTraceRequest.decode(request.message).map(\.name)) == Set((0..<10).map { "span \($0)" }))
        receiver.stop()
    }

    @Test func compressedMessageIsMarkedAndHoldsEverySpan() async throws {
        let receiver = try GRPCReceiver()
        let outcome = try await receiver.deliver(spans: 500, compression: .gzip)
        #expect(outcome.result == .completed && outcome.health.exported == 500)
        let request = try #require(receiver.requests.first)
        #expect(request.fields["grpc-encoding"] == "gzip" && request.fields["content-encoding"] == nil && request.body.first == 1)
        #expect(try OTLPTraceRequest.decode(try Gzip.decompressed(request.message, maximumBytes: 1 << 20)).count == 500)
        receiver.stop()
    }

    @Test(.enabled(if: (try? ZstdLibrary.system.get()) != nil, "zstd is installed."))
    func messageCompressedWithZstdIsMarkedAndHoldsEverySpan() async throws {
        let receiver = try GRPCReceiver()
        let outcome = try await receiver.deliver(spans: 500, compression: .zstd)
        #expect(outcome.result == .completed && outcome.health.exported == 500)
        let request = try #require(receiver.requests.first)
        #expect(request.fields["grpc-encoding"] == "zstd" && request.fields["content-encoding"] == nil && request.body.first == 1)
        #expect(try OTLPTraceRequest.decode(try Zstd.decompressed(request.message, maximumBytes: 1 << 20)).count == 500)
        receiver.stop()
    }

    @Test(arguments: [1, 4, 10, 11, 14, 15], [true, false])
    func retryableStatusIsRetriedOnTheSameConnectionUntilDelivered(status: Int, isAlone: Bool) async throws {
        let refusing: GRPCReceiver.Answer = { peer, request in
            if isAlone { peer.refuse(request.stream, status) } else { peer.answer(request.stream, status) }
        }
        let receiver = try GRPCReceiver(refusing, refusing)
        let outcome = try await receiver.deliver()
        #expect(outcome.result == .completed && outcome.health.retries == 2 && receiver.connections == 1)
        #expect(receiver.requests.count == 3 && receiver.requests.allSatisfy { $0.body == receiver.requests[0].body })
        receiver.stop()
    }

    @Test(arguments: [2, 3, 5, 6, 7, 8, 9, 12, 13, 16, 77])
    func otherStatusIsNotRetried(status: Int) async throws {
        let receiver = try GRPCReceiver(GRPCReceiver.refusing(status, [("grpc-message", "sp%C3%A4ter%0A")]))
        let outcome = try await receiver.deliver(spans: 2)
        #expect(outcome.result == .failed && outcome.health.dropped == [.rejected: 2] && receiver.requests.count == 1)
        let message = try #require(outcome.health.lastFailure?.message)
        #expect(message.hasPrefix("\(receiver.url): the receiver answered with the gRPC status "))
        #expect(message.contains(GRPCStatus.Code(rawValue: status)?.name ?? "UNKNOWN") && message.contains(": später"))
        receiver.stop()
    }

    @Test func exhaustedResourcesAreRetriedAfterTheDelayOfRetryInfo() async throws {
        let receiver = try GRPCReceiver(GRPCReceiver.refusing(8, [("grpc-status-details-bin", GRPCStatusTests.retryNow)]))
        let outcome = try await receiver.deliver()
        #expect(outcome.result == .completed && outcome.health.retries == 1 && receiver.requests.count == 2)
        receiver.stop()
        // A delay beyond the time of the export: the request is given up, not repeated early.
        let slow = try GRPCReceiver(GRPCReceiver.refusing(14, [("grpc-status-details-bin", GRPCStatusTests.retryInAnHour)]))
        let given = try await slow.deliver()
        #expect(given.health.dropped == [.unreachable: 1] && slow.requests.count == 1)
        #expect(given.health.lastFailure?.message.contains("it asks to be left alone for 3600.0 seconds") == true)
        slow.stop()
    }

    @Test func retryInfoBecomesTheDelayOfTheOutcome() {
        var response = HTTP2Response()
        response.status = 200
        response.trailers.add("grpc-status", "8")
        response.trailers.add("grpc-status-details-bin", GRPCStatusTests.retryIn2500)
        guard case .retryable(let delay, _) = OTLPOutcome(response, to: .traces, maximumBytes: 1, now: 0) else {
            Issue.record("Exhausted resources with RetryInfo are retryable.")
            return
        }
        #expect(delay == .milliseconds(2_500))
    }

    @Test func partialSuccessIsNotRetriedAndRejectedSpansAreCounted() async throws {
        // ExportTraceServiceResponse { partial_success { rejected_spans: 1 error_message: "no" } }
        let receiver = try GRPCReceiver(GRPCReceiver.answering([0x0A, 6, 0x08, 1, 0x12, 2, 0x6E, 0x6F]))
        let outcome = try await receiver.deliver(spans: 3)
        #expect(outcome.health.exported == 2 && outcome.health.dropped == [.rejected: 1] && receiver.requests.count == 1)
        #expect(outcome.health.lastFailure?.message == "1 item was rejected: \(receiver.url): no")
        receiver.stop()
    }

    @Test func answersThatRepeatAreCountedEachTime() async throws {
        let partial = GRPCReceiver.answering([0x0A, 6, 0x08, 1, 0x12, 2, 0x6E, 0x6F])
        let receiver = try GRPCReceiver(
            GRPCReceiver.accepting, GRPCReceiver.accepting, partial, partial, GRPCReceiver.accepting, GRPCReceiver.refusing(14),
            GRPCReceiver.refusing(14), GRPCReceiver.accepting, GRPCReceiver.refusing(13), GRPCReceiver.refusing(13))
        let exporter = OTLPSpanExporter(
            endpoint: receiver.url, options: OTLPOptions(timeout: .patience, encoding: .grpc, retry: OTLPDelivering.quick))
        let outcome = try await OTLPDelivering.deliver(
            with: exporter, spans: 90, batch: BatchOptions(maxExportBatchSize: 10, scheduleDelay: .seconds(3600)))
        // Nine batches: two of them lose a span, two all of theirs, and one is sent three times.
        #expect(outcome.health.exported == 68 && outcome.health.dropped == [.rejected: 22] && outcome.health.retries == 2)
        #expect(receiver.requests.count == 11 && receiver.connections == 1)
        receiver.stop()
    }

    @Test(
        arguments: [
            ([], "its answer holds no message"), ([0, 0, 0, 0, 9], "its answer holds a message that is cut off"),
            ([0, 0, 0, 0, 1, 0xFF], "its answer cannot be read as an OTLP response"),
            ([1, 0, 0, 0, 1, 0xFF], "its answer is compressed in a way that cannot be read (unnamed)"),
            ([0, 0, 0, 0, 6, 0x0A, 4, 0x12, 2, 0x6E, 0x6F], "it says: no"),
        ] as [([UInt8], String)])
    func warningOrUnreadableSuccessIsDelivered(body: [UInt8], warning: String) {
        var response = HTTP2Response()
        response.body = body
        response.trailers.add("grpc-status", "0")
        #expect(OTLPOutcome(response, to: .traces, maximumBytes: 100, now: 0) == .deliveredWithWarning(warning))
    }

    @Test func batchesGoOverOneConnectionOneAfterAnother() async throws {
        let receiver = try GRPCReceiver()
        let exporter = OTLPSpanExporter(endpoint: receiver.url, options: OTLPOptions(timeout: .seconds(60), encoding: .grpc))
        let outcome = try await OTLPDelivering.deliver(
            with: exporter, spans: 200, batch: BatchOptions(maxExportBatchSize: 10, scheduleDelay: .seconds(3600)))
        #expect(outcome.result == .completed && outcome.health.exported == 200 && outcome.health.retries == 0)
        #expect(receiver.connections == 1 && Set(receiver.requests.map(\.stream)).count == receiver.requests.count)
        #expect(receiver.requests.count >= 20)
        receiver.stop()
    }

    @Test func requestAboveSizeLimitIsDroppedAndCounted() async throws {
        let receiver = try GRPCReceiver()
        let exporter = OTLPSpanExporter(
            endpoint: receiver.url, options: OTLPOptions(timeout: .patience, encoding: .grpc, maximumRequestBytes: 1_000))
        let outcome = try await OTLPDelivering.deliver(with: exporter, spans: 100)
        #expect(outcome.health.dropped == [.rejected: 100] && receiver.requests.isEmpty)
        receiver.stop()
    }

    @Test func spooledBatchIsTheSameMessage() async throws {
        let root = try TemporaryDirectory()
        let receiver = try GRPCReceiver(GRPCReceiver.refusing(14))
        let exporter = OTLPSpanExporter(
            endpoint: receiver.url,
            options: OTLPOptions(timeout: .patience, encoding: .grpc, retry: OTLPDelivering.quick, spool: .directory("\(root.path)/spool")))
        let outcome = try await OTLPDelivering.deliver(with: exporter, spans: 5)
        #expect(outcome.result == .completed && outcome.health.exported == 5)
        #expect(receiver.requests.count == 2 && receiver.requests[0].body == receiver.requests[1].body)
        receiver.stop()
    }
}
