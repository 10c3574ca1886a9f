// Hot: a set of attributes that was looked up once.

/// A set of attributes that was looked up once, in all streams of an instrument.
@usableFromInline
final class Binding: Sendable {
    private let instrument: SynchronousInstrument
    /// In the order of the instrument's streams; the first one again as what recording needs of it.
    private let series: [BoundSeries]
    private let first: Unmanaged<BoundSeries>?
    private let number: Int
    /// Where the only stream adds up whole numbers.
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
        if series.count > 1 { recordElsewhere(bits, context) }
    }

    @inline(never)
    private func recordElsewhere(_ bits: UInt64, _ context: Context?) {
        for (recorder, series) in zip(instrument.others, series.dropFirst()) {
            recorder.record(bits, number: series.number, .passUnretained(series), context)
        }
    }
}
