// What the operations of one value have in common: span attributes that are encoded once, and series that are found once.

import Synchronization

/// The operations that are equal to one, in the metrics of one meter.
final class DatabaseSeries: Sendable {
    let spanName: String
    let spanAttributes: CommonAttributes
    private let metrics: DatabaseClientMetrics?
    private let common: Attributes
    private let outcomes: OutcomeSeriesTable<DatabaseOutcome>?

    init(_ operation: DatabaseOperation, _ metrics: DatabaseClientMetrics?) {
        self.metrics = metrics
        spanName = operation.spanName
        var attributes: [(String, AttributeValue)] = []
        operation.attributes.forEachEntry { attributes.append(($0, $1)) }
        spanAttributes = CommonAttributes(attributes, tag: OTLPSchema.Span.attributes.tag)
        common = Attributes(unique: operation.commonEntries)
        outcomes = metrics.map { OutcomeSeriesTable($0.instruments.duration) }
    }

    /// Returns whether the series is one of the metrics.
    func isOf(_ metrics: DatabaseClientMetrics?) -> Bool { self.metrics?.instruments === metrics?.instruments }

    /// Returns the series of the operations with an outcome; nil if nothing is measured.
    func outcome(_ outcome: DatabaseOutcome) -> OutcomeSeries<DatabaseOutcome>? {
        outcomes?.series(outcome) { common.merging(outcome.attributes) }
    }
}

/// The series of an operation, which is made when the operation is used a second time: statements that are put together for each use have none.
final class DatabaseSeriesMemo: Sendable {
    /// Relaxed: of two first uses at once, both may count as the first.
    private let isUsed = Atomic(false)
    /// Set once, and released with the memo.
    private let series = Atomic<Unmanaged<DatabaseSeries>?>(nil)

    deinit { series.load(ordering: .acquiring)?.release() }

    /// Returns the series of an operation; nil at its first use, and in other metrics than those of the second use.
    @inline(__always)
    func series(of operation: DatabaseOperation, _ metrics: DatabaseClientMetrics?) -> DatabaseSeries? {
        guard let series = series.load(ordering: .acquiring)?.takeUnretainedValue() else { return make(operation, metrics) }
        return series.isOf(metrics) ? series : nil
    }

    @inline(never)
    private func make(_ operation: DatabaseOperation, _ metrics: DatabaseClientMetrics?) -> DatabaseSeries? {
        guard isUsed.exchange(true, ordering: .relaxed) else { return nil }
        let made = DatabaseSeries(operation, metrics)
        let kept = Unmanaged.passRetained(made)
        if !series.compareExchange(expected: nil, desired: kept, ordering: .acquiringAndReleasing).exchanged { kept.release() }
        return made
    }
}

extension DatabaseSeriesMemo: Hashable {
    /// Equal operations have equal series, whether they were made or not.
    static func == (_: DatabaseSeriesMemo, _: DatabaseSeriesMemo) -> Bool { true }

    func hash(into hasher: inout Hasher) {}
}
