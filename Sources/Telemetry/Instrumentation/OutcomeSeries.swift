// The series of a histogram of durations that differ in how the exchanges ended.

import Synchronization

/// How an exchange ended, as the attributes of its duration say it.
protocol ExchangeOutcome: Sendable {
    /// What tells one series from another: outcomes with equal keys have equal ``attributes``.
    associatedtype SeriesKey: Equatable & Sendable

    var seriesKey: SeriesKey { get }
    /// The attributes that span and duration get at the end.
    var attributes: Attributes { get }
}

/// The exchanges of a series that ended alike.
final class OutcomeSeries<Outcome: ExchangeOutcome>: Sendable {
    let key: Outcome.SeriesKey
    let attributes: Attributes
    let duration: BoundHistogram<Double>

    init(_ outcome: Outcome, _ attributes: Attributes, _ duration: Histogram<Double>) {
        key = outcome.seriesKey
        self.attributes = attributes
        self.duration = duration.bind(attributes)
    }
}

/// The outcomes that the exchanges of one series had, each of which is looked up in the instrument only once.
final class OutcomeSeriesTable<Outcome: ExchangeOutcome>: Sendable {
    private let duration: Histogram<Double>
    /// The outcome that was recorded first, which most exchanges have: found without a lock. Set once, and released with the table.
    private let first = Atomic<Unmanaged<OutcomeSeries<Outcome>>?>(nil)
    /// The outcomes that were recorded.
    private let known = Locked<[OutcomeSeries<Outcome>]>([])

    /// The most outcomes that are kept; later ones are looked up for each exchange.
    private static var maximumCount: Int { 64 }

    init(_ duration: Histogram<Double>) {
        self.duration = duration
    }

    deinit { first.load(ordering: .acquiring)?.release() }

    /// Returns the series of an outcome, made with these attributes when it is new.
    func series(_ outcome: Outcome, _ attributes: () -> Attributes) -> OutcomeSeries<Outcome> {
        let key = outcome.seriesKey
        if let first = first.load(ordering: .acquiring)?.takeUnretainedValue(), first.key == key { return first }
        if let found = known.withLock({ known in known.first { $0.key == key } }) { return found }
        let made = OutcomeSeries(outcome, attributes(), duration)
        guard !made.duration.isOverflow else { return made }
        keepFirst(made)
        // What is no longer kept is freed after the lock is released.
        let former = known.withLock { known -> [OutcomeSeries<Outcome>] in
            let former = known.count >= Self.maximumCount ? known : []
            if !former.isEmpty { known = [] }
            known.append(made)
            return former
        }
        withExtendedLifetime(former) {}
        return made
    }

    /// Makes an outcome the first one unless there is one.
    private func keepFirst(_ outcome: OutcomeSeries<Outcome>) {
        let kept = Unmanaged.passRetained(outcome)
        if !first.compareExchange(expected: nil, desired: kept, ordering: .acquiringAndReleasing).exchanged { kept.release() }
    }
}
