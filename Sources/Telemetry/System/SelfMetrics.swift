// The SDK metrics of the semantic conventions.

/// The metrics `otel.sdk.…` about the SDK itself. They are opt-in, since their conventions are in development.
///
/// Existing counts are observed when metrics are collected; only durations are recorded as they occur, one for each export and
/// each collection.
struct SelfMetrics {
    /// The items of a signal, in the words of metric names and units.
    private struct Items {
        let name: String
        let unit: String
        let plural: String

        static let spans = Items(name: "span", unit: "{span}", plural: "spans")
        static let records = Items(name: "log", unit: "{log_record}", plural: "log records")
        static let points = Items(name: "metric_data_point", unit: "{data_point}", plural: "metric data points")
    }

    /// A component of a pipeline with its identifying attributes.
    private struct Exporter: Sendable {
        let end: AccountedDestination
        let attributes: Attributes

        init(_ end: AccountedDestination) {
            let component = end.destination.component
            self.end = end
            var attributes = SelfMetrics.attributes(type: component.type, name: ComponentNames.next(component.type))
            if let address = component.serverAddress {
                attributes = attributes.merging([SemanticAttributes.Server.address: .string(address)])
            }
            if let port = component.serverPort { attributes = attributes.merging([SemanticAttributes.Server.port: AttributeValue(port)]) }
            self.attributes = attributes
        }
    }

    private let meter: Meter
    private let operationDuration: Histogram<Double>

    /// Registers metrics about spans, log records, processors, exporters and metric readers in the meter provider.
    ///
    /// - Parameters:
    ///   - tracing: the tracer provider, which counts spans if configured to.
    ///   - logging: the logger provider, which counts records if configured to.
    static func register(on provider: MeterProvider, tracing: TracerProvider, logging: LoggerProvider = .disabled) {
        let metrics = SelfMetrics(provider)
        if let counts = tracing.spanCounts { metrics.observe(counts) }
        if let created = logging.created { metrics.observe(created) }
        for (items, pipelines) in [(Items.spans, tracing.pipelines), (.records, logging.pipelines)] {
            metrics.observe(items, queuesOf: pipelines)
            metrics.observe(items, exporters: pipelines.flatMap(\.accountedDestinations).map { Exporter($0) })
        }
        let readers = provider.readers.compactMap { ($0 as? PeriodicMetricReader)?.pipeline }
        metrics.observe(
            .points, exporters: readers.map { Exporter(AccountedDestination(destination: $0.destination, accounting: $0.accounting)) })
        metrics.observe(collectionsOf: provider)
    }

    private init(_ provider: MeterProvider) {
        meter = provider.meter(InstrumentationScope(name: SDK.name, version: SDK.version, schemaURL: Resource.semanticConventions))
        operationDuration = meter.histogram(
            SemanticMetrics.OTel.sdkExporterOperationDuration, unit: "s",
            description: "The duration of exporting a batch of telemetry records.",
            boundaries: [])
    }

    private static func attributes(type: String, name: String) -> Attributes {
        [SemanticAttributes.OTel.componentType: .string(type), SemanticAttributes.OTel.componentName: .string(name)]
    }

    private static func attributes(_ error: DropReason) -> Attributes { [SemanticAttributes.Error.type: .string(error.rawValue)] }

    // MARK: Spans

    private func observe(_ counts: SpanCounts) {
        let started = meter.observableCounter(
            SemanticMetrics.OTel.sdkSpanStarted, unit: "{span}", description: "The number of created spans.")
        let live = meter.observableUpDownCounter(
            SemanticMetrics.OTel.sdkSpanLive, unit: "{span}",
            description: "The number of created spans with recording=true for which the end operation has not been called yet.")
        meter.registerCallback(observing: started, live) { observations in
            for result in SpanCounts.SamplingResult.allCases {
                let sampling: Attributes = [SemanticAttributes.OTel.spanSamplingResult: .string(result.rawValue)]
                var hasSpans = false
                for origin in SpanCounts.ParentOrigin.allCases {
                    let count = counts.started(origin, result)
                    guard count > 0 else { continue }
                    hasSpans = true
                    observations.observe(
                        started, count, sampling.merging([SemanticAttributes.OTel.spanParentOrigin: .string(origin.rawValue)]))
                }
                if hasSpans && result != .drop { observations.observe(live, counts.live(result), sampling) }
            }
        }
    }

    // MARK: Log records

    private func observe(_ created: LaneCounters) {
        let records = meter.observableCounter(
            SemanticMetrics.OTel.sdkLogCreated, unit: "{log_record}", description: "The number of logs submitted to enabled SDK Loggers.")
        meter.registerCallback(observing: records) { $0.observe(records, created.sum(0)) }
    }

    // MARK: Processors

    private func observe(_ items: Items, queuesOf pipelines: [ExportPipeline]) {
        guard !pipelines.isEmpty else { return }
        let prefix = "otel.sdk.processor.\(items.name)"
        let size = meter.observableUpDownCounter(
            "\(prefix).queue.size", unit: items.unit,
            description: "The number of \(items.plural) in the queue of a given instance of an SDK \(items.name) processor.")
        let capacity = meter.observableUpDownCounter(
            "\(prefix).queue.capacity", unit: items.unit,
            description:
                "The maximum number of \(items.plural) the queue of a given instance of an SDK \(items.name) processor can hold.")
        let processed = meter.observableCounter(
            "\(prefix).processed", unit: items.unit,
            description: "The number of \(items.plural) for which the processing has finished, either successful or failed.")
        meter.registerCallback(observing: size, capacity, processed) { observations in
            for pipeline in pipelines {
                let attributes = Self.attributes(type: pipeline.kind, name: pipeline.name)
                let counts = pipeline.queueCounts
                observations.observe(size, Int(clamping: counts.size), attributes)
                observations.observe(capacity, Int(clamping: counts.capacity), attributes)
                observations.observe(processed, Int(clamping: counts.processed), attributes)
                for (reason, count) in counts.dropped {
                    observations.observe(processed, Int(clamping: count), attributes.merging(Self.attributes(reason)))
                }
            }
        }
    }

    // MARK: Exporters

    private func observe(_ items: Items, exporters: [Exporter]) {
        guard !exporters.isEmpty else { return }
        let prefix = "otel.sdk.exporter.\(items.name)"
        let inFlight = meter.observableUpDownCounter(
            "\(prefix).inflight", unit: items.unit,
            description:
                "The number of \(items.plural) which were passed to the exporter, but that have not been exported yet (neither successful, nor failed)."
        )
        let exported = meter.observableCounter(
            "\(prefix).exported", unit: items.unit,
            description: "The number of \(items.plural) for which the export has finished, either successful or failed.")
        meter.registerCallback(observing: inFlight, exported) { observations in
            for exporter in exporters {
                let counts = exporter.end.counts
                observations.observe(inFlight, Int(clamping: counts.inFlight), exporter.attributes)
                observations.observe(exported, Int(clamping: counts.exported), exporter.attributes)
                for (reason, count) in counts.failed {
                    observations.observe(exported, Int(clamping: count), exporter.attributes.merging(Self.attributes(reason)))
                }
            }
        }
        for exporter in exporters {
            exporter.end.accounting.exports.observe { [operationDuration, attributes = exporter.attributes] export in
                var attributes = attributes
                if let failure = export.failure { attributes = attributes.merging(Self.attributes(failure)) }
                if let status = export.httpStatus {
                    attributes = attributes.merging([SemanticAttributes.HTTP.responseStatusCode: AttributeValue(status)])
                }
                if let status = export.callStatus { attributes = attributes.merging([SemanticAttributes.RPC.statusCode: .string(status)]) }
                operationDuration.record(export.seconds, attributes)
            }
        }
    }

    // MARK: Readers

    private func observe(collectionsOf provider: MeterProvider) {
        let duration = meter.histogram(
            SemanticMetrics.OTel.sdkMetricReaderCollectionDuration, unit: "s",
            description: "The duration of the collect operation of the metric reader.", boundaries: [])
        for (reader, durations) in zip(provider.readers, provider.collectionDurations) {
            let attributes = Self.attributes(of: reader)
            durations.observe { duration.record($0, attributes) }
        }
    }

    private static func attributes(of reader: any MetricReader) -> Attributes {
        if let pipeline = (reader as? PeriodicMetricReader)?.pipeline {
            return attributes(type: MetricExportPipeline.kind, name: pipeline.name)
        }
        let type = reader is PrometheusExporter ? "prometheus_http_text_metric_exporter" : String(describing: Swift.type(of: reader))
        return attributes(type: type, name: ComponentNames.next(type))
    }
}
