// The state of an observable instrument, without the type of its numbers.

import Synchronization

/// What is kept of an observable instrument, for each reader.
final class ObservableCore: Sendable {
    let descriptor: InstrumentDescriptor
    /// By the number of the reader.
    let streams: [[ObservedStream]]
    private let isOn: Atomic<Bool>
    private let refusals: RefusedMeasurements
    private let takesAll: Bool

    init(_ descriptor: InstrumentDescriptor, streams: [[ObservedStream]], isOn: Bool, refusals: RefusedMeasurements) {
        self.descriptor = descriptor
        self.streams = streams
        self.isOn = Atomic(isOn)
        self.refusals = refusals
        // A last value may be anything; what is added up or counted in buckets would be spoilt for ever.
        takesAll = descriptor.kind == .observableGauge && streams.joined().allSatisfy(\.keepsLastValue)
    }

    var isEnabled: Bool { isOn.load(ordering: .relaxed) && streams.contains { !$0.isEmpty } }

    func setEnabled(_ isEnabled: Bool) { isOn.store(isEnabled, ordering: .relaxed) }

    /// Whether the instrument takes a number; one that it does not is counted.
    func accepts(_ number: MetricNumber) -> Bool {
        let value = number.doubleValue
        if takesAll { return true }
        guard value.isFinite, !descriptor.kind.isMonotonic || value >= 0 else {
            refusals.count(isNegative: value.isFinite, of: descriptor)
            return false
        }
        return true
    }
}
