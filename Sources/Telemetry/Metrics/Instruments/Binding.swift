// Hot: recording through a bound instrument.

import Synchronization

/// The series of one set of attributes in all streams of an instrument, looked up once.
@usableFromInline
final class Binding: Sendable {
    private let instrument: SynchronousInstrument
    /// One for each stream, in the instrument's order.
    ///
    /// `first` and `number` repeat what recording needs of the first one. `first` is nil if the series depends on the context.
    private let series: [BoundSeries]
    private let first: Unmanaged<BoundSeries>?
    private let number: Int
    private let hasOthers: Bool
    /// Not nil if the only stream is a sum of integers.
    private let sums: BoundSums?
    /// Not nil if the only stream is a histogram with explicit buckets.
    private let values: BoundValues?
    /// Values from `leastValue` on are appended in a restartable sequence: a single comparison says that there is such a sequence too.
    private let leastValue: Double
    private let attributes: Attributes

    init(_ instrument: SynchronousInstrument, _ attributes: Attributes) {
        self.instrument = instrument
        series = instrument.stores.map { $0.bind(attributes) }
        self.attributes = attributes
        first = instrument.dependsOnContext ? nil : series.first.map { .passUnretained($0) }
        number = series.first?.number ?? 0
        hasOthers = series.count > 1
        sums = instrument.onlyStore.flatMap { [number] in BoundSums($0, number) }
        values = instrument.onlyStore.flatMap { [number] in BoundValues($0, number) }
        leastValue = values != nil && instrument.stores[0].layout.isFloatingPoint ? instrument.leastDouble : .infinity
    }

    deinit {
        for (store, series) in zip(instrument.stores, series) { store.unbind(series) }
        sums?.deallocate()
        values?.deallocate()
    }

    /// Whether a stream had no room for a series of these attributes, so that measurements go to its overflow series.
    var isOverflow: Bool { series.contains { $0.number == SeriesStore.overflowNumber } }

    /// Inlinable, so that a caller that knows the type of its numbers calls the function for them.
    @inlinable @inline(__always)
    func record(_ value: MetricNumber, _ context: Context?) {
        switch value {
        case .int(let number): record(number, context)
        case .double(let number): record(number, context)
        }
    }

    @usableFromInline
    func record(_ number: Int64, _ context: Context?) {
        // There are summands only while the instrument is enabled, and only if there are sums.
        let count = instrument.summandCount.load(ordering: .relaxed)
        if UInt64(bitPattern: number &- instrument.leastSummand) < count, sums.unsafelyUnwrapped.addRestartably(number) { return }
        recordOtherwise(.int(number), context)
    }

    @usableFromInline
    func record(_ number: Double, _ context: Context?) {
        guard instrument.isEnabled else { return }
        // NaN fails both comparisons, and every number one of them where there is no queue.
        if number >= leastValue, number <= .greatestFiniteMagnitude, values.unsafelyUnwrapped.append(number.bitPattern) { return }
        recordOtherwise(.double(number), context)
    }

    /// A function of its own, so that the usual addition does not save the registers that this one uses.
    @inline(never)
    private func recordOtherwise(_ value: MetricNumber, _ context: Context?) {
        guard instrument.isEnabled else { return }
        guard case .int = value, let values else { return recordWithLock(value, context) }
        guard let bits = instrument.accepted(value) else { return }
        if !values.append(bits) { recordWithLock(value, context) }
    }

    @inline(never)
    private func recordWithLock(_ value: MetricNumber, _ context: Context?) {
        if case .int(let number) = value, let sums, sums.addAtomically(number) { return }
        guard let recorder = instrument.first, let first else { return instrument.record(value, attributes, context) }
        guard let bits = instrument.accepted(value) else { return }
        recorder.record(bits, number: number, first, context)
        if hasOthers { recordInOtherStreams(bits, context) }
    }

    @inline(never)
    private func recordInOtherStreams(_ bits: UInt64, _ context: Context?) {
        for (recorder, series) in zip(instrument.others, series.dropFirst()) {
            recorder.record(bits, number: series.number, .passUnretained(series), context)
        }
    }
}
