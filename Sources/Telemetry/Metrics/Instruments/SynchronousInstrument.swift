// Hot: from the call of an instrument to the stores of its streams.

import Synchronization

/// What instruments that are called with each measurement have in common, whatever they are called.
@usableFromInline
final class SynchronousInstrument: Sendable {
    let descriptor: InstrumentDescriptor
    /// Keeps alive what the recorders point to.
    let stores: [SeriesStore]
    /// Nearly always there is one stream.
    let first: SeriesRecorder?
    let others: [SeriesRecorder]
    /// Whether the meter is on and something is kept. Relaxed: a measurement in the moment of switching may go either way.
    private let isOn: Atomic<Bool>
    private let refusals: RefusedMeasurements
    /// What it takes: counters nothing below zero, and of floating-point numbers only gauges those that are not finite.
    private let leastInt: Int64
    private let leastDouble: Double
    private let greatestDouble: Double
    private let takesAll: Bool

    init(_ descriptor: InstrumentDescriptor, stores: [SeriesStore], isOn: Bool, refusals: RefusedMeasurements) {
        self.descriptor = descriptor
        self.stores = stores
        first = stores.first.map { SeriesRecorder($0) }
        others = stores.dropFirst().map { SeriesRecorder($0) }
        self.isOn = Atomic(isOn && !stores.isEmpty)
        self.refusals = refusals
        leastInt = descriptor.kind.isMonotonic ? 0 : .min
        leastDouble = descriptor.kind.isMonotonic ? 0 : -Double.greatestFiniteMagnitude
        greatestDouble = .greatestFiniteMagnitude
        // A last value may be anything; what is added up or counted in buckets would be spoilt for ever.
        takesAll = descriptor.kind == .gauge && stores.allSatisfy { $0.configuration.aggregation == .lastValue }
    }

    deinit {
        first?.deallocate()
        for recorder in others { recorder.deallocate() }
    }

    /// Whether measurements are kept.
    @usableFromInline
    var isEnabled: Bool { isOn.load(ordering: .relaxed) }

    func setEnabled(_ isEnabled: Bool) { isOn.store(isEnabled && first != nil, ordering: .relaxed) }

    /// Takes one measurement.
    @usableFromInline
    func record(_ number: MetricNumber, _ attributes: Attributes, _ context: Context?) {
        guard isOn.load(ordering: .relaxed), let bits = accepted(number) else { return }
        // An instrument is on only where it has a stream. (Checked by the standard library where assertions are.)
        first.unsafelyUnwrapped.record(bits, attributes, context)
        if !others.isEmpty { recordElsewhere(bits, attributes, context) }
    }

    @inline(never)
    private func recordElsewhere(_ bits: UInt64, _ attributes: Attributes, _ context: Context?) {
        for recorder in others { recorder.record(bits, attributes, context) }
    }

    /// The number as the cells hold it, if the instrument takes it.
    @inline(__always)
    func accepted(_ number: MetricNumber) -> UInt64? {
        switch number {
        case .int(let value):
            guard value >= leastInt else { return refuse(isNegative: true) }
            return UInt64(bitPattern: value)
        case .double(let value):
            // False for what is not a number, too.
            guard (value >= leastDouble && value <= greatestDouble) || takesAll else {
                return refuse(isNegative: value < 0 && value.isFinite)
            }
            return value.bitPattern
        }
    }

    @inline(never)
    fileprivate func refuse(isNegative: Bool) -> UInt64? {
        refusals.count(isNegative: isNegative, of: descriptor)
        return nil
    }
}
