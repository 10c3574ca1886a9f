// What the operations of one value have in common: span attributes that are encoded once, and series that are found once.

import Synchronization

/// The operations that are equal to one, in the metrics of one meter.
final class DatabaseSeries: Sendable {
    let spanName: String
    let spanAttributes: CommonAttributes
    private let instruments: DatabaseInstruments?
    private let common: Attributes
    private let outcomes: OutcomeSeriesTable<DatabaseOutcome>?

    /// - Parameters:
    ///   - attributes: those of the spans.
    ///   - common: those of the metrics, but for the outcome.
    init(spanName: String, attributes: Attributes, common: Attributes, _ instruments: DatabaseInstruments?) {
        self.instruments = instruments
        self.spanName = spanName
        self.common = common
        var entries: [(String, AttributeValue)] = []
        attributes.forEachEntry { entries.append(($0, $1)) }
        spanAttributes = CommonAttributes(entries, tag: OTLPSchema.Span.attributes.tag)
        outcomes = instruments.map { OutcomeSeriesTable($0.duration) }
    }

    /// Returns whether the series is measured by these instruments.
    func isOf(_ instruments: DatabaseInstruments?) -> Bool { self.instruments === instruments }

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

    /// The series, once it has been made.
    @inline(__always)
    var known: DatabaseSeries? { series.load(ordering: .acquiring)?.takeUnretainedValue() }

    /// Marks the operation as used; returns whether it was already.
    func isUsedAgain() -> Bool { isUsed.exchange(true, ordering: .relaxed) }

    /// Keeps the series unless there is one.
    func keep(_ made: DatabaseSeries) {
        let kept = Unmanaged.passRetained(made)
        if !series.compareExchange(expected: nil, desired: kept, ordering: .acquiringAndReleasing).exchanged { kept.release() }
    }
}

extension DatabaseSeriesMemo: Hashable {
    /// Equal operations have equal series, whether they were made or not.
    static func == (_: DatabaseSeriesMemo, _: DatabaseSeriesMemo) -> Bool { true }

    func hash(into hasher: inout Hasher) {}
}
