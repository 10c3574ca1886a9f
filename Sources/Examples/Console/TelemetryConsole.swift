// The console in a program of one's own.

import ExampleSupport
public import Telemetry

/// A console for the telemetry of this process: its traces, metrics and logs in a browser.
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

    /// Starts a console.
    ///
    /// - Parameter port: 0 lets the system choose one.
    /// - Throws: ``Failure`` if the port is taken, or an option cannot be used.
    public static func start(port: Int = 7070, options: Options = Options()) throws(Failure) -> TelemetryConsole {
        do throws(StartFailure) { return try TelemetryConsole(port, options) } catch { throw Failure(description: error.description) }
    }

    private init(_ port: Int, _ options: Options) throws(StartFailure) {
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
        let console = Console(SignalStores(limits), access: access)
        self.console = console
        var server = HTTPServerOptions()
        server.limits.body = OTLPIntake.maximumRequestBytes
        server.refusal = { OTLPAnswer.refusal(of: $0, $1) }
        listener = try ServiceListener.start(host: options.host, port: port, options: server) { await console.respond(to: $0) }
        url = "http://\(options.host.contains(":") ? "[\(options.host)]" : options.host):\(listener.port)/"
    }

    /// Keeps the spans of this process; for `.batch`.
    public var spans: any SpanExporter { StoreExporter(stores: console.stores) }

    /// Keeps the metrics of this process; for `.periodic`.
    public var metrics: any MetricExporter { StoreExporter(stores: console.stores) }

    /// Keeps the log records of this process; for `.batch`.
    public var logs: any LogExporter { StoreExporter(stores: console.stores) }

    /// Ends the console and frees its port.
    public func stop(within duration: Duration = .seconds(1)) async {
        console.stop()
        await listener.stop(within: duration)
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
