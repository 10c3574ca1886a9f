// The routes of the collector beside those of the console: JSON and text for queries from a terminal.

import ExampleSupport
import Telemetry
import TelemetryConsole

/// The handlers of the collector.
struct CollectorRoutes: Sendable {
    let console: Console

    /// - Parameter access: the settings by which requests are admitted.
    init(
        _ collection: TraceCollection, stores: SignalStores = SignalStores(), access: ConsoleAccess = ConsoleAccess(),
        maximumRequestBytes: Int = OTLPIntake.maximumRequestBytes, archive: RunArchive? = nil, logStore: LogStore? = nil,
        forwarder: Forwarder? = nil, alerts: AlertManager? = nil, scraper: Scraper? = nil, probes: Probes? = nil
    ) {
        let router = Self.router(collection, stores)
        console = Console(
            stores, access: access, maximumRequestBytes: maximumRequestBytes, archive: archive, logStore: logStore, forwarder: forwarder,
            alerts: alerts, scraper: scraper, probes: probes,
            observers: [
                { request, signal, items in collection.take(request, signal, items: items, maximumBytes: maximumRequestBytes) }
            ],
            others: [{ await router.respond(to: $0) }])
    }

    private static func router(_ collection: TraceCollection, _ stores: SignalStores) -> Router {
        var router = Router(redirectsTrailingSlash: false)
        router.on("GET", "/traces") { _ in .json(.array(collection.archive.traces.map(\.summary))) }
        router.on("GET", "/traces/:id") { show($0, collection) }
        router.on("GET", "/metrics") { _ in .json(.array(collection.metrics.metrics.map(\.summary))) }
        router.on("GET", "/metrics/:name") { showMetric($0, collection) }
        router.on("GET", "/status") { _ in .json(status(of: collection, stores)) }
        return router
    }

    /// Answers a request; the collector records no telemetry of its own.
    func respond(to request: ServiceRequest) async -> ServiceResponse { await console.respond(to: request) }

    /// What was received is counted by the console, which takes what is not decoded for the terminal too.
    private static func status(of collection: TraceCollection, _ stores: SignalStores) -> JSONValue {
        let (archive, metrics) = (collection.archive, collection.metrics)
        return [
            "status": "OK", "spans": count(stores.spans.receivedCount), "traces": count(archive.traceCount + archive.forgottenTraceCount),
            "logs": count(stores.logs.receivedCount), "points": count(stores.metrics.statistics.received),
            "kept": [
                "traces": count(archive.traceCount), "metrics": count(metrics.metricCount),
                "bytes": count(archive.byteCount + metrics.byteCount), "maximumBytes": count(archive.limits.bytes),
            ],
            "leftOut": [
                "forgottenTraces": count(archive.forgottenTraceCount), "forgottenMetrics": count(metrics.forgottenMetricCount),
                "droppedSpans": count(archive.droppedSpanCount), "duplicateSpans": count(archive.duplicateSpanCount),
                "invalidSpans": count(archive.invalidSpanCount), "undrawnItems": count(collection.undrawnItemCount),
            ],
        ]
    }

    private static func count(_ count: Int) -> JSONValue { .integer(Int64(count)) }

    private static func show(_ request: ServiceRequest, _ collection: TraceCollection) -> ServiceResponse {
        let archive = collection.archive
        guard let id = TraceID(hexadecimal: request.parameters["id"] ?? "") else { return noSuchTrace }
        let logs = archive.logs(of: id)
        // Log records may arrive long before the spans, and without any if the trace was not sampled.
        guard let trace = archive[id] ?? (logs.records.isEmpty ? nil : TraceArchive.Trace(id: id)) else { return noSuchTrace }
        return wantsText(request) ? .text(collection.plainText(of: trace)) : .json(trace.json(with: logs))
    }

    private static func wantsText(_ request: ServiceRequest) -> Bool {
        request.query == "format=text" || (request.headers["accept"] ?? "").contains("text/plain")
    }

    /// Answers with the last export of a metric by each service, in OTLP/JSON.
    private static func showMetric(_ request: ServiceRequest, _ collection: TraceCollection) -> ServiceResponse {
        let name = request.parameters["name"] ?? ""
        let parts = collection.metrics.metrics.flatMap(\.parts).filter { $0.name == name }
        guard !parts.isEmpty else { return .json(["message": "there is no such metric"], status: 404) }
        return .json(String(decoding: ReceivedMetric.json(parts), as: UTF8.self))
    }

    private static let noSuchTrace = ServiceResponse.json(["message": "there is no such trace"], status: 404)
}
