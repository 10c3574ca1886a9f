// Hot: from the call of an instrument to the stores of its streams.

public import Synchronization

/// The instrument behind a counter, up-down counter, histogram or gauge.
@usableFromInline
final class SynchronousInstrument: Sendable {
    let descriptor: InstrumentDescriptor
    /// The stores that the recorders point to.
    let stores: [SeriesStore]
    /// The recorder of the first stream; almost always there is no other.
    let first: SeriesRecorder?
    let others: [SeriesRecorder]
    /// Whether the meter is enabled and there is a stream.
    ///
    /// Relaxed: a measurement while it changes may count or not.
    @usableFromInline let isOn: Atomic<Bool>
    /// Bound handles add the whole numbers from `leastSummand` on, `summandCount` of them, in a restartable sequence.
    ///
    /// There are none while the instrument is off, so that a single comparison says that it is on, that there is such a sequence, and that it
    /// may take the number. Relaxed, as `isOn`.
    let leastSummand: Int64
    let summandCount: Atomic<UInt64>
    private let summandCountWhenOn: UInt64
    /// Whether the series of a measurement depends on its context.
    let dependsOnContext: Bool
    /// The store of the only stream, if the series of a measurement does not depend on its context: bound handles may do without its lock.
    let onlyStore: SeriesStore?
    private let refusals: RefusedMeasurements
    /// The bounds of accepted values.
    ///
    /// Monotonic instruments accept no negative ones, and only gauges accept values that are not finite.
    private let leastInt: Int64
    let leastDouble: Double
    private let greatestDouble: Double
    private let acceptsAll: Bool
    private let readsLiteralsInPlace = ConvertibleAttributes.isLayoutKnown

    init(_ descriptor: InstrumentDescriptor, stores: [SeriesStore], isOn: Bool, refusals: RefusedMeasurements) {
        self.descriptor = descriptor
        self.stores = stores
        first = stores.first.map { SeriesRecorder($0) }
        others = stores.dropFirst().map { SeriesRecorder($0) }
        self.isOn = Atomic(isOn && !stores.isEmpty)
        dependsOnContext = stores.contains { $0.contextAttributes != .none }
        onlyStore = stores.count == 1 && !dependsOnContext ? stores[0] : nil
        (leastSummand, summandCountWhenOn) = onlyStore.flatMap { BoundSums.restartableNumbers(of: $0) } ?? (0, 0)
        summandCount = Atomic(isOn ? summandCountWhenOn : 0)
        self.refusals = refusals
        leastInt = descriptor.kind.isMonotonic ? 0 : .min
        leastDouble = descriptor.kind.isMonotonic ? 0 : -Double.greatestFiniteMagnitude
        greatestDouble = .greatestFiniteMagnitude
        // A last value may be any number; a sum or histogram would never recover from a value that is not finite.
        acceptsAll = descriptor.kind == .gauge && stores.allSatisfy { $0.configuration.aggregation == .lastValue }
    }

    deinit {
        first?.deallocate()
        for recorder in others { recorder.deallocate() }
    }

    /// Whether measurements are recorded.
    ///
    /// Inlinable, so that what is not recorded costs a load and a branch: 0.3 ns, where a call takes 5.
    @inlinable
    var isEnabled: Bool { isOn.load(ordering: .relaxed) }

    /// Must be called with the meter's lock held: its two stores belong together.
    func setEnabled(_ isEnabled: Bool) {
        isOn.store(isEnabled && first != nil, ordering: .relaxed)
        summandCount.store(isEnabled ? summandCountWhenOn : 0, ordering: .relaxed)
    }

    /// Records one measurement; must be called only if the instrument is enabled.
    @usableFromInline
    func record(_ number: MetricNumber, _ attributes: Attributes, _ context: Context?) {
        attributes.withEntries { record(number, $0, context) }
    }

    /// Records one measurement of attributes as written, which outlast the call.
    @usableFromInline
    func record(_ number: MetricNumber, _ entries: UnsafeBufferPointer<(String, AttributeValue)>, _ context: Context?) {
        guard let first, let bits = accepted(number) else { return }
        first.record(bits, entries, context)
        if !others.isEmpty { recordInOtherStreams(bits, entries, context) }
    }

    /// Records one measurement of convertible attributes, which outlast the call, if the instrument is enabled.
    ///
    /// That is checked here: a branch in the caller's code would keep the compiler from taking the literal's array apart, which then is an object
    /// whose release takes 250 instructions.
    @usableFromInline
    func record(_ number: MetricNumber, converting elements: UnsafeBufferPointer<(String, any AttributeValueConvertible)>) {
        guard isEnabled else { return }
        if readsLiteralsInPlace, ConvertibleAttributes(elements: elements).withEntries({ record(number, $0, nil) }) != nil { return }
        record(number, Attributes(converting: elements), nil)
    }

    @inline(never)
    private func recordInOtherStreams(_ bits: UInt64, _ entries: SeriesEquality.Entries, _ context: Context?) {
        for recorder in others { recorder.record(bits, entries, context) }
    }

    /// Returns the number as cells hold it; nil if the instrument refuses it.
    @inline(__always)
    func accepted(_ number: MetricNumber) -> UInt64? {
        switch number {
        case .int(let value):
            guard value >= leastInt else { return refuse(isNegative: true) }
            return UInt64(bitPattern: value)
        case .double(let value):
            // NaN fails both comparisons.
            guard (value >= leastDouble && value <= greatestDouble) || acceptsAll else {
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
