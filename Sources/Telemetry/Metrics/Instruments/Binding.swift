// Hot: recording through a bound instrument.

/// The series of one set of attributes in all streams of an instrument, looked up once.
@usableFromInline
final class Binding: Sendable {
    private let instrument: SynchronousInstrument
    /// One for each stream, in the instrument's order.
    ///
    /// `first` and `number` repeat what recording needs of the first one.
    private let series: [BoundSeries]
    private let first: Unmanaged<BoundSeries>?
    private let number: Int
    /// Not nil if the only stream is a sum of integers.
    private let sums: BoundSums?

    init(_ instrument: SynchronousInstrument, _ attributes: Attributes) {
        self.instrument = instrument
        series = instrument.stores.map { $0.bind(attributes) }
        first = series.first.map { .passUnretained($0) }
        number = series.first?.number ?? 0
        sums = instrument.stores.count == 1 ? BoundSums(instrument.stores[0], number) : nil
    }

    deinit {
        for (store, series) in zip(instrument.stores, series) { store.unbind(series) }
        sums?.deallocate()
    }

    @usableFromInline
    func record(_ value: MetricNumber, _ context: Context?) {
        guard instrument.isEnabled else { return }
        if let sums, case .int(let number) = value, sums.add(number) { return }
        guard let bits = instrument.accepted(value) else { return }
        recordWithLock(bits, context)
    }

    private func recordWithLock(_ bits: UInt64, _ context: Context?) {
        guard let recorder = instrument.first, let first else { return }
        recorder.record(bits, number: number, first, context)
        if series.count > 1 { recordInOtherStreams(bits, context) }
    }

    @inline(never)
    private func recordInOtherStreams(_ bits: UInt64, _ context: Context?) {
        for (recorder, series) in zip(instrument.others, series.dropFirst()) {
            recorder.record(bits, number: series.number, .passUnretained(series), context)
        }
    }
}
