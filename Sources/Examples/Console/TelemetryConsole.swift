// The console in a program of one's own.

import ExampleSupport
public import Telemetry

/// A console for the telemetry of this process: its traces, metrics and logs in a browser.
///
/// ```swift
/// let telemetry = try TelemetrySystem.start()
/// let console = try TelemetryConsole.start(port: 7070, for: telemetry)
/// ```
///
/// This shows what the system exports anyway, just before it is delivered. A system that exports nothing else is given the exporters of a console:
///
/// ```swift
/// let console = try TelemetryConsole.start(port: 7070)
/// let telemetry = try TelemetrySystem.start(
///     spans: [.batch(console.spans)], metrics: [.periodic(console.metrics, every: .seconds(5))], logs: [.batch(console.logs)])
/// ```
///
/// It is reachable from this machine only, unless options say otherwise, and also receives OTLP of other programs on the same port.
public final class TelemetryConsole: Sendable {
    /// The bytes that a console keeps, and its access settings.
    public struct Options: Sendable {
        /// A name or address of this machine. Another one than that of the loopback needs a ``token``.
        public var host = "localhost"
        /// What readers must know: `Authorization: Bearer …`, or `/?token=…` once in a browser.
        public var token: String?
        /// Names by which browsers may call the console, beside those of this machine.
        public var allowedHosts: [String] = []
        /// The origins of pages that may send telemetry, such as `https://shop.example`.
        public var allowedOrigins: [String] = []
        /// The bytes of spans that are kept; the oldest make room.
        public var traceBytes = 128 << 20
        /// The bytes of metrics that are kept.
        public var metricBytes = 64 << 20
        /// The bytes of log records that are kept.
        public var logBytes = 64 << 20

        public init() {}
    }

    /// Why a console cannot start.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// The address for a browser.
    public let url: String
    private let console: Console
    private let listener: ServiceListener
    /// What feeds the console with the telemetry of a system that was started before it.
    private let observation: ExportObservation?

    /// Starts a console for a system that runs.
    ///
    /// It sees what the first batch processor of spans, that of log records, and the first periodic metric reader export: as often as they do, and
    /// without what their queues drop. Spans that are not sampled are not shown. A system has one console at a time, the one that was started last.
    ///
    /// - Parameter port: 0 lets the system choose one.
    /// - Throws: ``Failure`` if the port is taken, an option cannot be used, or the system exports no signal in batches.
    public static func start(
        port: Int = 7070, for telemetry: TelemetrySystem, options: Options = Options()
    ) throws(Failure) -> TelemetryConsole {
        do throws(StartFailure) { return try TelemetryConsole(port, options, showing: telemetry) } catch {
            throw Failure(description: error.description)
        }
    }

    /// Starts a console.
    ///
    /// - Parameter port: 0 lets the system choose one.
    /// - Throws: ``Failure`` if the port is taken, or an option cannot be used.
    public static func start(port: Int = 7070, options: Options = Options()) throws(Failure) -> TelemetryConsole {
        do throws(StartFailure) { return try TelemetryConsole(port, options, showing: nil) } catch {
            throw Failure(description: error.description)
        }
    }

    private init(_ port: Int, _ options: Options, showing telemetry: TelemetrySystem?) throws(StartFailure) {
        var access = ConsoleAccess()
        access.host = options.host
        access.token = options.token
        access.allowedHosts = options.allowedHosts
        access.allowedOrigins = options.allowedOrigins
        try access.check()
        var limits = ConsoleLimits()
        limits.traceBytes = max(1 << 20, options.traceBytes)
        limits.metricBytes = max(1 << 20, options.metricBytes)
        limits.logBytes = max(1 << 20, options.logBytes)
        let stores = SignalStores(limits)
        let console = Console(stores, access: access)
        self.console = console
        var server = HTTPServerOptions()
        server.limits.body = OTLPIntake.maximumRequestBytes
        server.http2Directions = "this port takes OTLP over HTTP alone: the protocol is http/protobuf or http/json"
        server.refusal = { OTLPAnswer.refusal(of: $0, $1) }
        observation = try telemetry.map { (system) throws(StartFailure) in try Self.observe(system, stores) }
        do throws(StartFailure) {
            listener = try ServiceListener.start(host: options.host, port: port, options: server) { await console.respond(to: $0) }
        } catch {
            observation?.end()
            throw error
        }
        url = "http://\(options.host.contains(":") ? "[\(options.host)]" : options.host):\(listener.port)/"
    }

    private static func observe(_ system: TelemetrySystem, _ stores: SignalStores) throws(StartFailure) -> ExportObservation {
        let observation = ExportObservation(
            of: system, spans: { stores.keep($0.otlpRequest, .traces) }, metrics: { stores.keep($0.otlpRequest, .metrics) },
            logs: { stores.keep($0.otlpRequest, .logs) })
        guard let observation else {
            throw StartFailure(
                .configuration,
                "This telemetry exports nothing in batches that a console could show; give TelemetrySystem.start the exporters of a "
                    + "console, as in spans: [.batch(console.spans)].")
        }
        return observation
    }

    /// Keeps the spans of this process; for `.batch`.
    public var spans: any SpanExporter { StoreExporter(stores: console.stores) }

    /// Keeps the metrics of this process; for `.periodic`.
    public var metrics: any MetricExporter { StoreExporter(stores: console.stores) }

    /// Keeps the log records of this process; for `.batch`.
    public var logs: any LogExporter { StoreExporter(stores: console.stores) }

    /// Ends the console and frees its port.
    public func stop(within duration: Duration = .seconds(1)) async {
        observation?.end()
        console.stop()
        await listener.stop(within: duration)
    }
}

extension SignalStores {
    /// Keeps what this process has encoded itself, so that it can be read.
    fileprivate func keep(_ request: [UInt8], _ signal: OTLPReceivedRequest.Signal) {
        _ = try? receive(request, signal, maximumBytes: .max)
    }
}

/// Hands batches to the stores of a console in the bytes in which they would be sent.
private struct StoreExporter: SpanExporter, MetricExporter, LogExporter {
    let stores: SignalStores

    func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) {
        try keep(batch.otlpRequest, .traces)
    }

    func export(_ batch: borrowing MetricBatch, deadline: Deadline) async throws(ExportFailure) {
        try keep(batch.otlpRequest, .metrics)
    }

    func export(_ batch: borrowing LogBatch, deadline: Deadline) async throws(ExportFailure) {
        try keep(batch.otlpRequest, .logs)
    }

    private func keep(_ request: [UInt8], _ signal: OTLPReceivedRequest.Signal) throws(ExportFailure) {
        let result: (count: IndexedCount, reason: String)
        do throws(OTLPRequestError) { result = try stores.receive(request, signal, maximumBytes: .max) } catch {
            throw .rejected(reason: error.description)
        }
        if result.count.rejected > 0 { throw .partiallyRejected(count: result.count.rejected, reason: result.reason) }
    }

    func forceFlush(deadline: Deadline) async -> FlushResult { .completed }

    func shutdown(deadline: Deadline) async -> FlushResult { .completed }
}
