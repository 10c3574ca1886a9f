// Hot: recording through a bound instrument.

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
    /// Numbers from `leastSummand` on, `summandCount` of them, are added in a restartable sequence, and values from `leastValue` on appended
    /// in one: a single comparison says that there is such a sequence too, and that it may take the number.
    private let leastSummand: Int64
    private let summandCount: UInt64
    private let leastValue: Double
    private let attributes: Attributes

    init(_ instrument: SynchronousInstrument, _ attributes: Attributes) {
        self.instrument = instrument
        series = instrument.stores.map { $0.bind(attributes) }
        self.attributes = attributes
        let dependsOnContext = instrument.stores.contains { $0.contextAttributes != .none }
        first = dependsOnContext ? nil : series.first.map { .passUnretained($0) }
        number = series.first?.number ?? 0
        hasOthers = series.count > 1
        let only = instrument.stores.count == 1 && !dependsOnContext ? instrument.stores[0] : nil
        sums = only.flatMap { [number] in BoundSums($0, number) }
        values = only.flatMap { [number] in BoundValues($0, number) }
        (leastSummand, summandCount) = sums?.restartableNumbers ?? (0, 0)
        leastValue = values != nil && instrument.stores[0].layout.isFloatingPoint ? instrument.leastDouble : .infinity
    }

    deinit {
        for (store, series) in zip(instrument.stores, series) { store.unbind(series) }
        sums?.deallocate()
        values?.deallocate()
    }

    /// Whether a stream had no room for a series of these attributes, so that measurements go to its overflow series.
    var isOverflow: Bool { series.contains { $0.number == SeriesStore.overflowNumber } }

    @usableFromInline
    func record(_ value: MetricNumber, _ context: Context?) {
        guard instrument.isEnabled else { return }
        switch value {
        case .int(let number):
            if UInt64(bitPattern: number &- leastSummand) < summandCount, sums.unsafelyUnwrapped.addRestartably(number) { return }
        case .double(let number):
            // NaN fails both comparisons, and every number one of them where there is no queue.
            if number >= leastValue, number <= .greatestFiniteMagnitude, values.unsafelyUnwrapped.append(number.bitPattern) { return }
        }
        recordOtherwise(value, context)
    }

    /// A function of its own, so that the usual addition does not save the registers that this one uses.
    @inline(never)
    private func recordOtherwise(_ value: MetricNumber, _ context: Context?) {
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
