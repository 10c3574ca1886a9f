// Requests of log records over HTTP, and the outcomes of responses.

import ExampleSupport
import Synchronization
import Testing

@testable import Telemetry

struct OTLPLogExporterTests {
    @Test func requestHoldsEveryRecordUnderItsScopeAndResource() async throws {
        let receiver = try ScriptedReceiver()
        let outcome = try await LogDelivering.deliver(to: receiver.url, records: 10, headers: ["X-Token": "secret"])
        #expect(outcome.result == .completed && outcome.health.exported == 10)
        #expect(outcome.health.destination == receiver.url + "/v1/logs")
        let request = try #require(receiver.requests.first)
        #expect(receiver.requests.count == 1)
        #expect(request.method == "POST" && request.path == "/v1/logs")
        #expect(request.headers["Content-Type"] == "application/x-protobuf" && request.headers["X-Token"] == "secret")
        #expect(request.headers["User-Agent"]?.hasPrefix("OTel-OTLP-Exporter-Swift/") == true)
        let records = try OTLPLogsRequest.decode(request.body)
        #expect(Set(records.map { $0.body ?? .empty }) == Set((0..<10).map { .string("record \($0)") }))
        #expect(records.allSatisfy { $0.severity == .info && $0.severityText == "INFO" })
        #expect(
            records.allSatisfy {
                $0.resource.attributes == ["service.name": "sender"] && $0.resource.schemaURL == "https://example.com/resource"
            })
        #expect(
            records.allSatisfy {
                $0.instrumentationScope.name == "scope \(($0.attributes["index"]?.intValue ?? 0) % 2)"
                    && $0.instrumentationScope.schemaURL == "https://example.com/scope"
            })
        await receiver.stop()
    }

    @Test(arguments: [OTLPCompression.uncompressed, .gzip])
    func jsonRequestHoldsEveryRecordUnderItsScopeAndResource(compression: OTLPCompression) async throws {
        let receiver = try ScriptedReceiver([HTTPResponse(status: 503)])
        let outcome = try await LogDelivering.deliver(to: receiver.url, records: 3, compression: compression, encoding: .json)
        #expect(outcome.result == .completed && outcome.health.exported == 3 && receiver.requests.count == 2)
        let request = try #require(receiver.requests.last)
        #expect(request.headers["Content-Type"] == "application/json" && request.body == receiver.requests.first?.body)
        let body = compression == .gzip ? try Gzip.decompressed(request.body, maximumBytes: 1 << 20) : request.body
        let resource = try JSONReader.value(of: body)["resourceLogs"]?.elements?.first
        #expect(resource?["schemaUrl"] == .string("https://example.com/resource"))
        #expect(resource?["resource"]?["attributes"]?.elements?.first?["value"]?["stringValue"] == .string("sender"))
        let scopes = resource?["scopeLogs"]?.elements ?? []
        #expect(Set(scopes.compactMap { $0["scope"]?["name"]?.text }) == ["scope 0", "scope 1"])
        #expect(scopes.allSatisfy { $0["schemaUrl"] == .string("https://example.com/scope") })
        let bodies = scopes.flatMap { $0["logRecords"]?.elements ?? [] }.compactMap { $0["body"]?["stringValue"]?.text }
        #expect(Set(bodies) == ["record 0", "record 1", "record 2"])
        await receiver.stop()
    }

    @Test func compressedRequestHasContentEncodingAndSameBody() async throws {
        let receiver = try ScriptedReceiver()
        let outcome = try await LogDelivering.deliver(to: receiver.url, records: 500, compression: .gzip)
        #expect(outcome.result == .completed && outcome.health.exported == 500)
        let request = try #require(receiver.requests.first)
        #expect(request.headers["Content-Encoding"] == "gzip" && request.headers["Content-Type"] == "application/x-protobuf")
        let body = try Gzip.decompressed(request.body, maximumBytes: 1 << 20)
        #expect(body.count > request.body.count)
        #expect(try OTLPLogsRequest.decode(body).count == 500)
        await receiver.stop()
    }

    @Test func partialSuccessIsNotRetriedAndRejectedRecordsAreCounted() async throws {
        // ExportLogsServiceResponse { partial_success { rejected_log_records: 1 error_message: "no" } }, and the same as JSON: as a
        // text, and as the number that some receivers write.
        let answers = [
            HTTPResponse(
                status: 200, headers: ["Content-Type": "application/x-protobuf"], body: LogDelivering.bytes("0a06080112026e6f")),
            HTTPResponse(
                status: 200, headers: ["Content-Type": "application/json"],
                body: Array(#"{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"no"}}"#.utf8)),
            HTTPResponse(
                status: 200, headers: ["Content-Type": "application/json"],
                body: Array(#"{"partialSuccess":{"rejectedLogRecords":1,"errorMessage":"no"}}"#.utf8)),
        ]
        for answer in answers {
            let receiver = try ScriptedReceiver([answer])
            let outcome = try await LogDelivering.deliver(to: receiver.url, records: 3)
            #expect(outcome.health.exported == 2 && outcome.health.dropped == [.rejected: 1])
            #expect(outcome.health.lastFailure?.message.hasSuffix("no") == true)
            #expect(receiver.requests.count == 1)
            await receiver.stop()
        }
    }

    @Test(arguments: [429, 502, 503, 504])
    func retryableStatusIsRetriedUntilDelivered(status: Int) async throws {
        let receiver = try ScriptedReceiver([HTTPResponse(status: status), HTTPResponse(status: status, headers: ["Retry-After": "0"])])
        let outcome = try await LogDelivering.deliver(to: receiver.url)
        #expect(outcome.result == .completed && outcome.health.exported == 1 && outcome.health.retries == 2)
        #expect(receiver.requests.count == 3 && receiver.requests.allSatisfy { $0.body == receiver.requests[0].body })
        await receiver.stop()
    }

    @Test(arguments: [400, 401, 403, 404, 408, 413, 500, 501])
    func otherStatusIsNotRetried(status: Int) async throws {
        let receiver = try ScriptedReceiver([HTTPResponse(status: status)])
        let outcome = try await LogDelivering.deliver(to: receiver.url, records: 2)
        #expect(outcome.result == .failed && outcome.health.dropped == [.rejected: 2] && receiver.requests.count == 1)
        await receiver.stop()
    }

    @Test func retryAfterBeyondDeadlineIsNotRetried() async throws {
        let receiver = try ScriptedReceiver([HTTPResponse(status: 503, headers: ["Retry-After": "3600"])])
        let outcome = try await LogDelivering.deliver(to: receiver.url)
        #expect(outcome.result == .failed && receiver.requests.count == 1)
        await receiver.stop()
    }

    @Test func refusalReportsAdviceForLogRecords() {
        #expect(OTLPOutcome.advice(forStatus: 413, .logs).contains("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE"))
        #expect(OTLPOutcome.advice(forStatus: 429, .logs).contains("log less (a higher minimum severity)"))
    }

    @Test func requestsAndResponsesAboveSizeLimitDropOnlyTheirRecords() async throws {
        let receiver = try ScriptedReceiver([HTTPResponse(status: 200, body: [UInt8](repeating: 0, count: 1_001))])
        let tooLarge = try await LogDelivering.deliver(to: receiver.url, records: 100, options: OTLPOptions(maximumRequestBytes: 1_000))
        #expect(tooLarge.result == .failed && tooLarge.health.dropped == [.rejected: 100] && receiver.requests.isEmpty)
        #expect(tooLarge.health.lastFailure?.message.contains("let batches hold fewer log records") == true)
        let answered = try await LogDelivering.deliver(to: receiver.url, records: 2, options: OTLPOptions(maximumResponseBytes: 1_000))
        #expect(answered.health.dropped == [.rejected: 2] && receiver.requests.count == 1)
        await receiver.stop()
    }

    @Test func configuredNumberOfRequestsIsInFlight() async throws {
        let state = Mutex((present: 0, most: 0))
        let server = try HTTPServer.start(host: "127.0.0.1", port: 0, options: .patient) { _ in
            state.withLock { state in
                state.present += 1
                state.most = max(state.most, state.present)
            }
            // No request is answered before three have arrived.
            _ = await eventually { state.withLock { $0.most } == 3 }
            state.withLock { $0.present -= 1 }
            return HTTPResponse(status: 200)
        }
        let exporter = OTLPLogExporter(
            endpoint: "http://127.0.0.1:\(server.port)", options: OTLPOptions(timeout: .seconds(60), maximumConcurrentRequests: 3))
        let outcome = try await LogDelivering.deliver(
            with: exporter, records: 60, batch: BatchOptions(maxExportBatchSize: 10, scheduleDelay: .seconds(3600)))
        #expect(outcome.result == .completed && outcome.health.exported == 60 && state.withLock { $0.most } == 3)
        await server.shutdown(within: .seconds(5))
    }

    @Test func everyDestinationGetsEveryRecordOnce() async throws {
        let (first, second) = (try ScriptedReceiver(), try ScriptedReceiver([HTTPResponse(status: 400)]))
        let patient = OTLPOptions(timeout: .patience)
        let processor: BatchLogProcessor = .batch(
            .otlp(endpoint: first.url, options: patient), .otlp(endpoint: second.url, options: patient),
            options: BatchOptions(scheduleDelay: .seconds(3600)))
        try processor.configure(EnvironmentReader([:]))
        let provider = LoggerProvider(resource: .empty, processors: [processor])
        for index in 0..<10 { provider.logger(InstrumentationScope(name: "x")).info("\(index)") }
        #expect(await provider.shutdown(deadline: .after(.seconds(60))) == .failed)
        #expect(provider.health.map(\.exported) == [10, 0] && provider.health.map(\.droppedCount) == [0, 10])
        #expect(first.requests.count == 1 && first.requests.first?.body == second.requests.first?.body)
        await first.stop()
        await second.stop()
    }

    @Test func exportAfterShutdownFails() async throws {
        let receiver = try ScriptedReceiver()
        let exporter = OTLPLogExporter(endpoint: receiver.url)
        #expect(await exporter.forceFlush(deadline: .after(.patience)) == .completed)
        #expect(await exporter.shutdown(deadline: .after(.patience)) == .completed)
        let outcome = try await LogDelivering.deliver(with: exporter, records: 2)
        #expect(outcome.health.dropped == [.alreadyShutDown: 2] && receiver.requests.isEmpty)
        await receiver.stop()
    }

    @Test func recordsAreStoredWhileReceiverIsUnavailable() async throws {
        let root = try TemporaryDirectory()
        let receiver = try ScriptedReceiver([HTTPResponse(status: 503, headers: ["Retry-After": "3600"])])
        func exporter(_ encoding: OTLPEncoding) -> OTLPLogExporter {
            OTLPLogExporter(
                endpoint: receiver.url,
                options: OTLPOptions(timeout: .patience, encoding: encoding, spool: .directory("\(root.path)/spool")))
        }
        // Spans and records have separate directories.
        let kept = try await LogDelivering.deliver(with: exporter(.protobuf), records: 20)
        #expect(kept.result == .failed && kept.health.spooled == 20 && kept.health.droppedCount == 0)
        #expect(root.files.allSatisfy { $0.hasPrefix("spool/logs-127.0.0.1") } && root.files.count == 2)
        // The next process sends the batches of the last one, and its own.
        let sent = try await LogDelivering.deliver(with: exporter(.json), records: 2)
        #expect(sent.result == .completed && receiver.requests.count == 3)
        let counts = try receiver.requests.dropFirst().map { request in
            let scopes = try JSONReader.value(of: request.body)["resourceLogs"]?.elements?.first?["scopeLogs"]?.elements ?? []
            return scopes.reduce(0) { $0 + ($1["logRecords"]?.elements?.count ?? 0) }
        }
        #expect(counts.sorted() == [2, 20])
        await receiver.stop()
    }

    @Test(
        arguments: [
            ("http://127.0.0.1:4318", .protobuf, "otlp_http_log_exporter", "127.0.0.1", 4318),
            ("http://collector", .json, "otlp_http_json_log_exporter", "collector", 80),
            ("unix:/run/otel.sock", .protobuf, "otlp_http_log_exporter", "/run/otel.sock", nil),
        ] as [(String, OTLPEncoding, String, String, Int?)])
    func componentTypeNamesProtocolAndReceiver(
        endpoint: String, encoding: OTLPEncoding, type: String, address: String, port: Int?
    ) throws {
        let exporter = OTLPLogExporter(endpoint: endpoint, options: OTLPOptions(encoding: encoding))
        try exporter.configure(EnvironmentReader([:]))
        #expect(exporter.component == ExporterComponent(type: type, serverAddress: address, serverPort: port))
    }
}
