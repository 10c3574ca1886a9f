// The console exporter of the metrics signal.

import Synchronization

/// Prints each collection as a table: a line for each series, histograms with their average and the shape of their buckets.
///
/// For development: put it behind ``MetricReader/periodic(_:every:timeout:maxExportBatchSize:cardinalityLimits:producers:filter:)``,
/// which then collects every ten seconds unless told otherwise. The text may change from version to version. (Specification: metrics
/// exporters, "Standard output".)
public final class ConsoleMetricExporter: MetricExporter {
    /// The temporality of the exported metrics.
    public let temporality: TemporalityPreference
    public let aggregations: [InstrumentKind: Aggregation]
    private let style: MetricTableStyle
    private let stream: StandardStream
    private let isShutDown = Atomic(false)

    /// - Parameters:
    ///   - width: the columns of the table.
    ///   - seriesLimit: the limit for printed series of one metric; further series are only counted.
    ///   - histogramAggregation: the aggregation of histograms unless a view sets another; by default explicit buckets.
    public init(
        width: Int = 100, temporality: TemporalityPreference = .cumulative, seriesLimit: Int = 20, histogramAggregation: Aggregation? = nil
    ) {
        self.temporality = temporality
        aggregations = histogramAggregation.map { [.histogram: $0] } ?? [:]
        stream = .output
        style = MetricTableStyle(width: width, seriesLimit: seriesLimit, isColored: StandardStream.output.isColored())
    }

    /// The default interval of a reader with this exporter: ten seconds.
    public var defaultInterval: Duration { .seconds(10) }

    public func export(_ batch: borrowing MetricBatch, deadline: Deadline) async throws(ExportFailure) {
        guard !isShutDown.load(ordering: .relaxed) else { throw .shutDown }
        let text = MetricTable.text(for: copy batch, style: style)
        if !text.isEmpty { try stream.show(text + "\n", deadline: deadline) }
    }

    public func shutdown(deadline: Deadline) async -> FlushResult {
        isShutDown.store(true, ordering: .relaxed)
        return .completed
    }
}

extension MetricExporter where Self == ConsoleMetricExporter {
    /// Prints metrics to standard output as tables.
    public static func console(
        width: Int = 100, temporality: TemporalityPreference = .cumulative, seriesLimit: Int = 20
    ) -> Self {
        ConsoleMetricExporter(width: width, temporality: temporality, seriesLimit: seriesLimit)
    }
}

extension MetricReader where Self == PeriodicMetricReader {
    /// Prints metrics to standard output as tables, every ten seconds unless `OTEL_METRIC_EXPORT_INTERVAL` or an interval is set.
    public static func console(
        every interval: Duration? = nil, width: Int = 100, temporality: TemporalityPreference = .cumulative, seriesLimit: Int = 20
    ) -> Self {
        .periodic(.console(width: width, temporality: temporality, seriesLimit: seriesLimit), every: interval)
    }
}
