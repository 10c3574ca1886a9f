// The guide to exporters: each of its examples stands here word for word and is run.

import Synchronization
import Testing

@testable import Telemetry

struct ExportersGuideTests {
    @Test func everyExampleOfTheGuideIsInThisFile() throws {
        let examples = try GuideExamples("Exporters.md")
        #expect(examples.blocks.count == 13)
        #expect(try examples.missing(in: #filePath) == [])
    }

    // MARK: The receivers of the examples

    enum ConnectionError: Error { case lost, refused }

    final class Connection: Sendable {
        private struct State {
            var lines: [String] = []
            var failures = 0
            var refusals = 0
            var attempts = 0
            var isClosed = false
        }

        private let state = Locked(State())
        let address = "lines://collector"

        var lines: [String] { state.withLock { $0.lines } }
        var attempts: Int { state.withLock { $0.attempts } }
        var isClosed: Bool { state.withLock { $0.isClosed } }
        /// How many of the next calls fail.
        var failures: Int {
            get { state.withLock { $0.failures } }
            set { state.withLock { $0.failures = newValue } }
        }
        /// How many of the next calls are refused for good.
        var refusals: Int {
            get { state.withLock { $0.refusals } }
            set { state.withLock { $0.refusals = newValue } }
        }

        func send(_ lines: [String], timeout: Duration) async throws {
            try state.withLock { state in
                state.attempts += 1
                if state.refusals > 0 {
                    state.refusals -= 1
                    throw ConnectionError.refused
                }
                if state.failures > 0 {
                    state.failures -= 1
                    throw ConnectionError.lost
                }
                state.lines += lines
            }
        }

        func close() async { state.withLock { $0.isClosed = true } }
    }

    private final class Lines: Sendable {
        private let storage = Locked<[String]>([])
        var all: [String] { storage.withLock { $0 } }
        var send: @Sendable (String) -> Void { { [self] line in storage.withLock { $0.append(line) } } }
        /// Takes a message, or refuses one that contains "refused".
        var page: @Sendable (String) async throws -> Void {
            { [self] message in
                if message.contains("refused") { throw ConnectionError.refused }
                send(message)
            }
        }
    }

    // MARK: The exporters

    final class LineExporter: SpanExporter {
        private let connection: Connection

        init(to connection: Connection) { self.connection = connection }

        func export(_ batch: SpanBatch, deadline: Deadline) async throws(ExportFailure) {
            let lines = batch.map { span in
                "\(span.resource.attributes["service.name"]?.stringValue ?? "-") \(span.traceID) \(span.spanID) \(span.name) \(span.duration)"
            }
            do {
                try await connection.send(lines, timeout: deadline.remaining)
            } catch {
                throw .retryable(after: nil, reason: "\(connection.address): \(error)")
            }
        }

        func shutdown(deadline: Deadline) async -> FlushResult {
            await connection.close()
            return .completed
        }
    }

    struct PagerExporter: LogExporter {
        let page: @Sendable (String) async throws -> Void

        func export(_ batch: LogBatch, deadline: Deadline) async throws(ExportFailure) {
            var refused = 0
            for record in batch where record.severity >= .error {
                do { try await page("\(record.body?.stringValue ?? "") (trace \(record.traceID))") } catch { refused += 1 }
            }
            if refused > 0 { throw .partiallyRejected(count: refused, reason: "the queue of the pager is full") }
        }
    }

    struct StatsDExporter: MetricExporter {
        let send: @Sendable (String) -> Void

        var temporality: TemporalityPreference { .delta }
        var defaultInterval: Duration { .seconds(10) }

        func export(_ batch: MetricBatch, deadline: Deadline) async throws(ExportFailure) {
            for metric in batch.metrics {
                switch metric.points {
                case .sum(let points, temporality: .delta, isMonotonic: _):
                    for point in points { send("\(metric.name):\(point.value)|c") }
                case .gauge(let points), .sum(let points, temporality: _, isMonotonic: _):
                    for point in points { send("\(metric.name):\(point.value)|g") }
                case .histogram(let points, temporality: _):
                    for point in points { send("\(metric.name).count:\(point.count)|c") }
                case .exponentialHistogram, .summary:
                    break
                }
            }
        }
    }

    final class RetryingExporter: SpanExporter {
        private let connection: Connection
        private let wait: @Sendable (Duration) async -> Void

        /// - Parameter wait: passes the time before the next attempt; tests let it return at once.
        init(to connection: Connection, wait: @escaping @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) }) {
            self.connection = connection
            self.wait = wait
        }

        func export(_ batch: SpanBatch, deadline: Deadline) async throws(ExportFailure) {
            let lines = batch.map { "\($0.traceID) \($0.name)" }
            var delay = Duration.milliseconds(10)
            while true {
                do {
                    return try await connection.send(lines, timeout: deadline.remaining)
                } catch ConnectionError.refused {
                    throw .rejected(reason: "\(connection.address) refuses the lines")
                } catch {
                    let pause = delay * Double.random(in: 0.5...1)
                    guard deadline.remaining > pause, !Task.isCancelled else { throw .retryable(after: nil, reason: "\(error)") }
                    await wait(pause)
                    delay = min(delay * 2, .seconds(5))
                }
            }
        }
    }

    final class RelayExporter: SpanExporter, EnvironmentConfigurable, ReportingExporter {
        private struct State {
            var host = "localhost"
            var port = 7070
            var retries: UInt64 = 0
        }

        private let connection: Connection
        private let state = Mutex(State())

        init(through connection: Connection) { self.connection = connection }

        func configure(_ environment: EnvironmentReader) throws(ConfigurationError) {
            guard let host = environment.text("RELAY_HOST") else {
                throw ConfigurationError(setting: "RELAY_HOST", value: "", expected: "the host of the relay")
            }
            let port = environment.integer("RELAY_PORT", in: 1...65_535) ?? 7070
            state.withLock { ($0.host, $0.port) = (host, port) }
        }

        var destinationName: String { state.withLock { "relay://\($0.host):\($0.port)" } }

        var component: ExporterComponent {
            state.withLock { ExporterComponent(type: "relay_span_exporter", serverAddress: $0.host, serverPort: $0.port) }
        }

        var status: ExporterStatus { state.withLock { ExporterStatus(retries: $0.retries) } }

        func export(_ batch: SpanBatch, deadline: Deadline) async throws(ExportFailure) {
            let lines = batch.map { "\($0.traceID) \($0.name)" }
            do {
                return try await connection.send(lines, timeout: deadline.remaining / 2)
            } catch {
                state.withLock { $0.retries += 1 }
            }
            do {
                try await connection.send(lines, timeout: deadline.remaining)
            } catch {
                throw .retryable(after: nil, reason: "\(destinationName): \(error)")
            }
        }
    }

    struct SlowSpans: SpanProcessor, EnvironmentConfigurable {
        let next: any SpanProcessor
        let threshold: Duration

        func onStart(_ span: TraceSpan, parent: Context) { next.onStart(span, parent: parent) }

        func onEnd(_ span: ReadableSpan) {
            if span.duration >= threshold { next.onEnd(span) }
        }

        func forceFlush(deadline: Deadline) async -> FlushResult { await next.forceFlush(deadline: deadline) }
        func shutdown(deadline: Deadline) async -> FlushResult { await next.shutdown(deadline: deadline) }

        func configure(_ environment: EnvironmentReader) throws(ConfigurationError) {
            try (next as? any EnvironmentConfigurable)?.configure(environment)
        }
    }

    private func slowSpans() throws {
        let telemetry = try TelemetrySystem.start(spans: [SlowSpans(next: .batch(.otlp()), threshold: .milliseconds(100))])
        _ = telemetry
    }

    // MARK: Spans

    @Test func spanExporterIsTestedWithItsReceiver() async throws {
        let connection = Connection()
        let telemetry = try TelemetrySystem.start(
            resource: .service("shop"), spans: [.batch(LineExporter(to: connection))], metrics: [], logs: [], environment: [:])
        telemetry.tracer("test").startSpan("place order").end()

        #expect(await telemetry.forceFlush() == .completed)
        #expect(connection.lines.count == 1 && connection.lines[0].contains("place order"))

        connection.failures = 1
        telemetry.tracer("test").startSpan("lost").end()

        #expect(await telemetry.forceFlush() == .failed)
        let health = try #require(telemetry.health.pipelines.first)
        #expect(health.exported == 1 && health.dropped == [.unreachable: 1] && health.waiting == 0)

        #expect(health.lastFailure?.message == "lines://collector: lost")
        await telemetry.shutdown()
        #expect(connection.isClosed)
    }

    @Test func retryingExporterSendsAgainUntilTheReceiverTakesTheBatch() async throws {
        let connection = Connection()
        connection.failures = 2
        let waits = Mutex<[Duration]>([])
        let exporter = RetryingExporter(to: connection) { pause in waits.withLock { $0.append(pause) } }
        let telemetry = try TelemetrySystem.start(
            spans: [.batch(exporter)], metrics: [], logs: [], environment: [:])
        telemetry.tracer("test").startSpan("place order").end()
        #expect(await telemetry.forceFlush() == .completed)
        #expect(connection.attempts == 3 && connection.lines.count == 1)
        let pauses = waits.withLock { $0 }
        #expect(pauses.count == 2 && pauses[0] <= .milliseconds(10) && pauses[1] >= .milliseconds(10))
        await telemetry.shutdown()
    }

    @Test func retryingExporterGivesUpAtOnceWhatIsRefused() async throws {
        let connection = Connection()
        connection.refusals = 1
        let telemetry = try TelemetrySystem.start(
            spans: [.batch(RetryingExporter(to: connection))], metrics: [], logs: [], environment: [:])
        telemetry.tracer("test").startSpan("place order").end()
        #expect(await telemetry.forceFlush() == .failed)
        #expect(connection.attempts == 1)
        #expect(telemetry.health.pipelines.first?.dropped == [.rejected: 1])
        await telemetry.shutdown()
    }

    @Test func exporterWithSettingsIsConfiguredAndReportsItsReceiver() async throws {
        let connection = Connection()
        connection.failures = 3
        let telemetry = try TelemetrySystem.start(
            spans: [.batch(RelayExporter(through: connection))], metrics: [], logs: [],
            environment: ["RELAY_HOST": "relay.example", "RELAY_PORT": "7071"])
        telemetry.tracer("test").startSpan("lost").end()
        #expect(await telemetry.forceFlush() == .failed)
        telemetry.tracer("test").startSpan("sent again").end()
        #expect(await telemetry.forceFlush() == .completed)
        let health = try #require(telemetry.health.pipelines.first)
        #expect(health.destination == "relay://relay.example:7071" && health.retries == 2)
        #expect(health.exported == 1 && health.dropped == [.unreachable: 1])
        #expect(health.lastFailure?.message == "relay://relay.example:7071: lost")
        await telemetry.shutdown()
    }

    @Test func exporterWithoutARequiredSettingRefusesTheStart() {
        let error = #expect(throws: ConfigurationError.self) {
            try TelemetrySystem.start(
                spans: [.batch(RelayExporter(through: Connection()))], metrics: [], logs: [], environment: [:])
        }
        #expect(error?.description == "RELAY_HOST: \"\" cannot be used; expected the host of the relay.")
    }

    @Test func processorInFrontDropsSpansBelowItsThreshold() async throws {
        let (memory, clock) = (InMemorySpanExporter(), ManualClock())
        let telemetry = try TelemetrySystem.start(
            spans: [SlowSpans(next: memory, threshold: .seconds(1))], metrics: [], logs: [], clock: .manual(clock), environment: [:])
        for (name, duration) in [("fast", Duration.milliseconds(1)), ("slow", .seconds(2))] {
            let span = telemetry.tracer("test").startSpan(name)
            clock.advance(by: duration)
            span.end()
        }
        #expect(memory.finishedSpans.map(\.name) == ["slow"])
        await telemetry.shutdown()
    }

    // MARK: Log records

    @Test func logExporterCountsRefusedRecordsAsRejected() async throws {
        let lines = Lines()
        let telemetry = try TelemetrySystem.start(
            spans: [], metrics: [], logs: [.batch(PagerExporter(page: lines.page))], environment: [:])
        let log = telemetry.logger("test")
        log.info("not severe enough")
        log.error("disk full")
        log.error("refused")
        #expect(await telemetry.forceFlush() == .failed)
        #expect(lines.all == ["disk full (trace \(TraceID.invalid))"])
        let health = try #require(telemetry.health.pipelines.first)
        #expect(health.exported == 2 && health.dropped == [.rejected: 1])
        await telemetry.shutdown()
    }

    // MARK: Metrics

    @Test func metricExporterIsTestedWithAnInstrument() async throws {
        let lines = Lines()
        let telemetry = try TelemetrySystem.start(
            spans: [], metrics: [.periodic(StatsDExporter(send: lines.send))], logs: [], environment: [:])
        let meter = telemetry.meter("test")
        meter.counter("orders").add(2)
        meter.upDownCounter("open").add(3)
        meter.histogram("latency").record(0.5)
        #expect(await telemetry.forceFlush() == .completed)
        #expect(Set(lines.all) == ["orders:2|c", "open:3|g", "latency.count:1|c"])
        await telemetry.shutdown()
    }

    @Test func metricExporterIsTestedWithABatchMadeByHand() async throws {
        let lines = Lines()
        let exporter = StatsDExporter(send: lines.send)
        let (start, end) = (Timestamp(nanosecondsSinceEpoch: 1), Timestamp(nanosecondsSinceEpoch: 2))
        let point = NumberPoint(attributes: ["tier": "paid"], startTime: start, time: end, value: 2)
        let metric = MetricData(name: "orders", points: .sum([point], temporality: .delta, isMonotonic: true))
        let scope = ScopeMetrics(instrumentationScope: InstrumentationScope(name: "shop"), metrics: [metric])
        try await exporter.export(MetricBatch(resource: .empty, scopes: [scope]), deadline: .after(.seconds(1)))
        #expect(lines.all == ["orders:2|c"])
    }

    // MARK: Examples that start the telemetry of the process: compiled, and not run

    private struct Pager { let page: @Sendable (String) async throws -> Void }
    private struct Socket { let send: @Sendable (String) -> Void }

    private func starting(_ connection: Connection, _ pager: Pager, _ socket: Socket) throws {
        do {
            let telemetry = try TelemetrySystem.start(resource: .service("album-store"), spans: [.batch(LineExporter(to: connection))])
            _ = telemetry
        }
        do {
            let telemetry = try TelemetrySystem.start(logs: [.batch(.otlp()), .simple(PagerExporter(page: pager.page))])
            _ = telemetry
        }
        do {
            let telemetry = try TelemetrySystem.start(metrics: [.periodic(StatsDExporter(send: socket.send))])
            _ = telemetry
        }
    }
}
