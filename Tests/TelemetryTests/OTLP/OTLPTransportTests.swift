// Encodings, compression, size limits, concurrency, and unusual responses.

import ExampleSupport
import Synchronization
import Testing

@testable import Telemetry

struct OTLPTransportTests {
    private static func json(_ status: Int, _ text: String) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["Content-Type": "application/json"], body: Array(text.utf8))
    }

    @Test func compressedRequestHasContentEncodingAndSameBody() async throws {
        let receiver = try ScriptedReceiver()
        for _ in 0..<2 {
            let outcome = try await OTLPDelivering.deliver(to: receiver.url, spans: 500, compression: .gzip)
            #expect(outcome.result == .completed && outcome.health.exported == 500)
        }
        for request in receiver.requests {
            #expect(request.headers["Content-Encoding"] == "gzip" && request.headers["Content-Type"] == "application/x-protobuf")
            #expect(request.headers["Accept-Encoding"] == nil)
            let body = try Gzip.decompressed(request.body, maximumBytes: 1 << 20)
            #expect(body.count > request.body.count)
            #expect(try OTLPTraceRequest.decode(body).count == 500)
        }
        await receiver.stop()
    }

    @Test(.enabled(if: (try? ZstdLibrary.system.get()) != nil, "zstd is installed."))
    func zstdRequestHoldsEverySpan() async throws {
        let receiver = try ScriptedReceiver([HTTPResponse(status: 503), HTTPResponse(status: 415)])
        let first = try await OTLPDelivering.deliver(to: receiver.url, spans: 500, compression: .zstd)
        #expect(first.health.dropped == [.rejected: 500] && receiver.requests.count == 2)
        #expect(first.health.lastFailure?.message.contains("Most take gzip") == true, "\(String(describing: first.health.lastFailure))")
        for request in receiver.requests {
            #expect(request.headers["Content-Encoding"] == "zstd" && request.headers["Content-Type"] == "application/x-protobuf")
            #expect(try OTLPTraceRequest.decode(try Zstd.decompressed(request.body, maximumBytes: 1 << 20)).count == 500)
        }
        await receiver.stop()
    }

    @Test(arguments: [OTLPCompression.uncompressed, .gzip])
    func jsonRequestHoldsEverySpanUnderItsScopeAndResource(compression: OTLPCompression) async throws {
        let receiver = try ScriptedReceiver([HTTPResponse(status: 503)])
        let outcome = try await OTLPDelivering.deliver(to: receiver.url, spans: 3, compression: compression, encoding: .json)
        #expect(outcome.result == .completed && outcome.health.exported == 3 && receiver.requests.count == 2)
        let request = try #require(receiver.requests.last)
        #expect(request.headers["Content-Type"] == "application/json" && request.body == receiver.requests.first?.body)
        let body = compression == .gzip ? try Gzip.decompressed(request.body, maximumBytes: 1 << 20) : request.body
        let resource = try JSONReader.value(of: body)["resourceSpans"]?.elements?.first
        #expect(resource?["schemaUrl"] == .string("https://example.com/resource"))
        #expect(resource?["resource"]?["attributes"]?.elements?.first?["value"]?["stringValue"] == .string("sender"))
        let scopes = resource?["scopeSpans"]?.elements ?? []
        #expect(Set(scopes.compactMap { $0["scope"]?["name"]?.text }) == ["scope 0", "scope 1"])
        #expect(scopes.allSatisfy { $0["schemaUrl"] == .string("https://example.com/scope") })
        let names = scopes.flatMap { $0["spans"]?.elements ?? [] }.compactMap { $0["name"]?.text }
        #expect(Set(names) == ["span 0", "span 1", "span 2"])
        await receiver.stop()
    }

    @Test func jsonPartialSuccessIsCountedAndNotRetried() async throws {
        let answer = Self.json(200, #"{"partialSuccess":{"rejectedSpans":"2","errorMessage":"two are too old"}}"#)
        let receiver = try ScriptedReceiver([answer])
        let outcome = try await OTLPDelivering.deliver(to: receiver.url, spans: 5, encoding: .json)
        #expect(outcome.health.exported == 3 && outcome.health.dropped == [.rejected: 2] && receiver.requests.count == 1)
        #expect(outcome.health.lastFailure?.message.contains("two are too old") == true)
        await receiver.stop()
    }

    @Test(
        arguments: [
            (Self.json(200, #"{"partialSuccess":{"rejectedSpans":0,"errorMessage":"mind the gap"}}"#), "it says: mind the gap"),
            (Self.json(200, "{"), "its answer cannot be read as an OTLP response"),
            (Self.json(200, "[]"), "its answer cannot be read as an OTLP response"),
            (
                HTTPResponse(status: 200, headers: ["Content-Type": "application/x-protobuf"], body: [0xFF]),
                "its answer cannot be read as an OTLP response"
            ),
            (
                HTTPResponse(status: 200, headers: ["Content-Type": "text/html"], body: Array("<p>".utf8)),
                "it answered with content type text/html instead of application/x-protobuf or application/json"
            ),
            (
                HTTPResponse(status: 200, headers: ["Content-Type": "application/json", "Content-Encoding": "br"], body: [1]),
                "its answer is compressed (br), which nobody asked for"
            ),
        ])
    func warningOrUnreadableSuccessIsDelivered(answer: HTTPResponse, warning: String) {
        #expect(OTLPOutcome(answer, to: .traces, now: 0) == .deliveredWithWarning(warning))
    }

    @Test(arguments: ["{}", #"{"partialSuccess":{}}"#, #"{"partialSuccess":null}"#, #"{"new":1}"#])
    func emptyJSONResponseIsDelivered(text: String) {
        #expect(OTLPOutcome(Self.json(200, text), to: .traces, now: 0) == .delivered)
    }

    @Test func messageOfRPCStatusIsReported() {
        let protobuf: [UInt8] = [0x08, 3, 0x12, 2, 0x6E, 0x6F]
        #expect(
            OTLPOutcome(HTTPResponse(status: 400, headers: ["Content-Type": "application/x-protobuf"], body: protobuf), to: .traces, now: 0)
                == .rejected(reason: "the receiver answered with status 400: no"))
        #expect(
            OTLPOutcome(Self.json(400, #"{"code":3,"message":"bad\nspan","details":[]}"#), to: .traces, now: 0)
                == .rejected(reason: "the receiver answered with status 400: bad span"))
        #expect(OTLPOutcome(Self.json(500, "garbage"), to: .traces, now: 0) == .rejected(reason: "the receiver answered with status 500"))
    }

    @Test(arguments: [301, 302, 307, 308])
    func redirectIsNotFollowedAndItsLocationIsReported(status: Int) async throws {
        let other = try ScriptedReceiver()
        let location = other.url + "/elsewhere"
        let receiver = try ScriptedReceiver([HTTPResponse(status: status, headers: ["Location": location])])
        let outcome = try await OTLPDelivering.deliver(to: receiver.url, headers: ["Authorization": "secret"])
        #expect(outcome.health.dropped == [.rejected: 1] && receiver.requests.count == 1 && other.requests.isEmpty)
        #expect(outcome.health.lastFailure?.message.contains(location) == true)
        await receiver.stop()
        await other.stop()
    }

    @Test(
        arguments: [
            ("2", .seconds(2)), ("Thu, 01 Jan 1970 00:00:07 GMT", .seconds(7)), ("Thursday, 01-Jan-70 00:00:07 GMT", .seconds(7)),
            ("Thu Jan  1 00:00:07 1970", .seconds(7)), ("later", nil), (nil, nil),
        ] as [(String?, Duration?)])
    func retryAfterIsReadAsSecondsOrDate(text: String?, expected: Duration?) {
        for status in [429, 502, 503, 504] {
            var answer = HTTPResponse(status: status)
            answer.headers["Retry-After"] = text
            guard case .retryable(let wait, let reason) = OTLPOutcome(answer, to: .traces, now: 0) else {
                Issue.record("Status \(status) is retryable.")
                continue
            }
            #expect(wait == expected && reason.hasPrefix("the receiver answered with status \(status)"))
        }
    }

    @Test func requestAboveSizeLimitIsDroppedAndCounted() async throws {
        let receiver = try ScriptedReceiver()
        for (encoding, compression) in [(OTLPEncoding.protobuf, OTLPCompression.gzip), (.json, .gzip), (.json, .uncompressed)] {
            let options = OTLPOptions(maximumRequestBytes: 1_000)
            let outcome = try await OTLPDelivering.deliver(
                to: receiver.url, spans: 100, compression: compression, encoding: encoding, options: options)
            #expect(outcome.result == .failed && outcome.health.dropped == [.rejected: 100])
            #expect(outcome.health.lastFailure?.message.contains("1000 may be sent") == true, "The limit applies before compression.")
        }
        #expect(receiver.requests.isEmpty)
        await receiver.stop()
    }

    @Test func responseAboveSizeLimitIsRejectionAndNotRetried() async throws {
        let large = HTTPResponse(status: 200, body: [UInt8](repeating: 0, count: 10 << 20))
        let receiver = try ScriptedReceiver([large])
        let outcome = try await OTLPDelivering.deliver(to: receiver.url, spans: 2)
        #expect(outcome.health.dropped == [.rejected: 2] && receiver.requests.count == 1)
        #expect(outcome.health.lastFailure?.message.contains("larger than \(4 << 20) bytes") == true)
        let small = try ScriptedReceiver([HTTPResponse(status: 503, body: [1, 2, 3, 4, 5])])
        let limited = try await OTLPDelivering.deliver(to: small.url, options: OTLPOptions(maximumResponseBytes: 4))
        #expect(limited.health.dropped == [.rejected: 1] && small.requests.count == 1)
        await receiver.stop()
        await small.stop()
    }

    @Test func configuredNumberOfRequestsIsInFlight() async throws {
        let present = Mutex(0)
        let most = Mutex(0)
        let server = try HTTPServer.start(host: "127.0.0.1", port: 0, options: .patient) { _ in
            let count = present.withLock { present in
                present += 1
                return present
            }
            most.withLock { $0 = max($0, count) }
            // No request is answered before three have arrived.
            _ = await eventually { most.withLock { $0 } == 3 }
            present.withLock { $0 -= 1 }
            return HTTPResponse(status: 200)
        }
        let exporter = OTLPSpanExporter(
            endpoint: "http://127.0.0.1:\(server.port)", options: OTLPOptions(timeout: .seconds(60), maximumConcurrentRequests: 3))
        let outcome = try await OTLPDelivering.deliver(
            with: exporter, spans: 60, batch: BatchOptions(maxExportBatchSize: 10, scheduleDelay: .seconds(3600)))
        #expect(outcome.result == .completed && outcome.health.exported == 60 && outcome.health.droppedCount == 0)
        #expect(most.withLock { $0 } == 3)
        await server.shutdown(within: .seconds(5))
    }

    @Test(arguments: [(OTLPEncoding.protobuf, OTLPCompression.gzip), (.json, .uncompressed)])
    func concurrentRequestsCountEverySpanOnce(encoding: OTLPEncoding, compression: OTLPCompression) async throws {
        struct Tally {
            var random = SplitMix64(seed: 72)
            var acknowledged: UInt64 = 0
        }
        let tally = Mutex(Tally())
        let server = try HTTPServer.start(host: "127.0.0.1", port: 0, options: .patient) { request in
            let body = compression == .gzip ? (try? Gzip.decompressed(request.body, maximumBytes: 1 << 20)) ?? [] : request.body
            let text = String(decoding: body, as: UTF8.self)
            let spans = encoding == .json ? text.split(separator: "traceId").count - 1 : (try? OTLPTraceRequest.decode(body))?.count ?? 0
            return tally.withLock { tally in
                switch tally.random.next() % 8 {
                case 0: return HTTPResponse(status: 503, headers: ["Retry-After": "0"])
                case 1: return HTTPResponse(status: 400)
                case 2:
                    tally.acknowledged += UInt64(spans - 1)
                    return Self.json(200, #"{"partialSuccess":{"rejectedSpans":"1"}}"#)
                default:
                    tally.acknowledged += UInt64(spans)
                    return HTTPResponse(status: 200)
                }
            }
        }
        let exporter = OTLPSpanExporter(
            endpoint: "http://127.0.0.1:\(server.port)",
            options: OTLPOptions(
                timeout: .seconds(60), compression: compression, encoding: encoding, retry: OTLPDelivering.quick,
                maximumConcurrentRequests: 4))
        let outcome = try await OTLPDelivering.deliver(
            with: exporter, spans: 2_000, batch: BatchOptions(maxExportBatchSize: 10, scheduleDelay: .seconds(3600)))
        #expect(outcome.result == .failed && outcome.health.accepted == 2_000 && outcome.health.waiting == 0)
        #expect(outcome.health.exported + outcome.health.droppedCount == 2_000)
        #expect(outcome.health.exported == tally.withLock { $0.acknowledged } && outcome.health.retries > 0)
        await server.shutdown(within: .seconds(5))
    }

    @Test func exportRequestsAreNotTraced() async throws {
        let receiver = try ScriptedReceiver()
        let recording = Recording()
        let outcome = try await recording.tracer.withSpan("around", parent: .root) { _ in
            try await OTLPDelivering.deliver(to: receiver.url, spans: 2, compression: .gzip)
        }
        #expect(outcome.result == .completed && outcome.health.accepted == 2 && recording.spans.count == 1)
        #expect(receiver.requests.count == 1 && receiver.requests.allSatisfy { $0.headers["traceparent"] == nil })
        await receiver.stop()
    }

    @Test func exportAfterShutdownFails() async throws {
        let receiver = try ScriptedReceiver()
        let exporter = OTLPSpanExporter(endpoint: receiver.url)
        #expect(await exporter.forceFlush(deadline: .after(.patience)) == .completed)
        #expect(await exporter.shutdown(deadline: .after(.patience)) == .completed)
        let outcome = try await OTLPDelivering.deliver(with: exporter, spans: 2)
        #expect(outcome.health.dropped == [.alreadyShutDown: 2] && receiver.requests.isEmpty)
        await receiver.stop()
    }

    @Test func shutdownEndsWaitBetweenAttempts() async throws {
        let receiver = try ScriptedReceiver([HTTPResponse(status: 503, headers: ["Retry-After": "3000"])])
        let exporter = OTLPSpanExporter(endpoint: receiver.url, options: OTLPOptions(timeout: .seconds(3600)))
        try exporter.configure(EnvironmentReader([:]))
        let sending = Task { () -> ExportFailure? in
            do throws(ExportFailure) {
                try await exporter.export(SpanBatch(items: ItemBatch()), deadline: .never)
                return nil
            } catch {
                return error
            }
        }
        #expect(await eventually { receiver.requests.count == 1 })
        _ = await exporter.shutdown(deadline: .after(.seconds(60)))
        #expect(await sending.value == .shutDown)
        await receiver.stop()
    }
}
