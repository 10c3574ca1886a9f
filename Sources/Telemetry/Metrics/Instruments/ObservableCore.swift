// The state of an observable instrument, without the type of its numbers.

import Synchronization

/// The streams of an observable instrument, and the rule for its values.
final class ObservableCore: Sendable {
    let descriptor: InstrumentDescriptor
    /// Streams by the number of their reader.
    let streams: [[ObservedStream]]
    private let isOn: Atomic<Bool>
    private let refusals: RefusedMeasurements
    private let acceptsAll: Bool

    init(_ descriptor: InstrumentDescriptor, streams: [[ObservedStream]], isOn: Bool, refusals: RefusedMeasurements) {
        self.descriptor = descriptor
        self.streams = streams
        self.isOn = Atomic(isOn)
        self.refusals = refusals
        // A last value may be any number; a sum or histogram would never recover from a value that is not finite.
        acceptsAll = descriptor.kind == .observableGauge && streams.joined().allSatisfy(\.keepsLastValue)
    }

    var isEnabled: Bool { isOn.load(ordering: .relaxed) && streams.contains { !$0.isEmpty } }

    func setEnabled(_ isEnabled: Bool) { isOn.store(isEnabled, ordering: .relaxed) }

    /// Reports whether the instrument accepts a number; counts a refused one.
    func accepts(_ number: MetricNumber) -> Bool {
        let value = number.doubleValue
        if acceptsAll { return true }
        guard value.isFinite, !descriptor.kind.isMonotonic || value >= 0 else {
            refusals.count(isNegative: value.isFinite, of: descriptor)
            return false
        }
        return true
    }
}
