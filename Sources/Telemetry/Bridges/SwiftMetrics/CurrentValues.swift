// The values behind the meters and gauges of swift-metrics, which each collection reads.

#if SwiftMetrics
    import CoreMetrics
    import Synchronization

    /// A value that any thread changes without waiting, and that collections read.
    final class CurrentValue: MeterHandler, RecorderHandler {
        let label: ExactText
        let attributes: Attributes
        private let bits = Atomic<UInt64>(0)
        /// Whether a value was set: the initial 0 is not reported.
        private let isSet = Atomic(false)
        private let refusals: RefusedMeasurements

        init(_ label: ExactText, _ attributes: Attributes, _ refusals: RefusedMeasurements) {
            self.label = label
            self.attributes = attributes
            self.refusals = refusals
        }

        /// The value; nil before the first. The load acquires, so that a set flag implies a visible value.
        var value: Double? { isSet.load(ordering: .acquiring) ? Double(bitPattern: bits.load(ordering: .relaxed)) : nil }

        func set(_ value: Int64) { set(Double(value)) }

        func set(_ value: Double) {
            bits.store(value.bitPattern, ordering: .relaxed)
            markSet()
        }

        func record(_ value: Int64) { set(Double(value)) }

        func record(_ value: Double) { set(value) }

        func increment(by amount: Double) { add(amount) }

        func decrement(by amount: Double) { add(-amount) }

        private func add(_ amount: Double) {
            // A NaN or infinity would persist in the sum, unlike in a value that is set.
            guard amount.isFinite else {
                return refusals.count(isNegative: false, of: InstrumentDescriptor(name: label.text, kind: .observableGauge))
            }
            var known = bits.load(ordering: .relaxed)
            while true {
                let sum = Double(bitPattern: known) + amount
                let (isDone, present) = bits.weakCompareExchange(expected: known, desired: sum.bitPattern, ordering: .relaxed)
                if isDone { break }
                known = present
            }
            markSet()
        }

        private func markSet() {
            // The flag is stored only once, so that the cache line stays shared.
            if !isSet.load(ordering: .relaxed) { isSet.store(true, ordering: .releasing) }
        }
    }

    /// All values of the meters and gauges of one meter, by label and attributes.
    final class CurrentValues: Sendable {
        private struct Entry {
            let value: CurrentValue
            /// The number of handlers that are not destroyed.
            var handlerCount = 0
        }

        private struct State {
            var entries: [ExactText: [SeriesKey: Entry]] = [:]
            var count = 0
        }

        /// Values stay until they are destroyed, so their number is limited: further ones of a label share one.
        static let maximumValues = 10_000

        private let state = Locked(State())

        /// Returns the value for a label and canonical attributes, which may be new, and whether the label is new.
        func value(_ label: String, _ attributes: Attributes, refusals: RefusedMeasurements) -> (value: CurrentValue, isNewLabel: Bool) {
            let label = ExactText(label)
            let (value, isNewLabel, isBeyondLimit) = state.withLock { state in
                let isNewLabel = state.entries[label] == nil
                // Labels are never removed, like instruments.
                guard !isNewLabel || state.entries.count < InstrumentRegistry.maximumInstruments else {
                    return (CurrentValue(label, attributes, refusals), true, false)
                }
                var attributes = attributes
                var values = state.entries[label, default: [:]]
                // The variable is emptied, so that the dictionary is uniquely referenced when it changes.
                state.entries[label] = [:]
                let isKnown = values[SeriesKey(attributes)] != nil
                let isBeyondLimit = !isKnown && state.count >= Self.maximumValues
                if isBeyondLimit { attributes = Series.overflow.attributes }
                let key = SeriesKey(attributes)
                var entry = values[key] ?? Entry(value: CurrentValue(label, attributes, refusals))
                entry.handlerCount += 1
                if values.updateValue(entry, forKey: key) == nil { state.count += 1 }
                state.entries[label] = values
                return (entry.value, isNewLabel, isBeyondLimit)
            }
            if isBeyondLimit { Self.reportLimit(label.text) }
            return (value, isNewLabel)
        }

        /// Records that a handler was destroyed.
        func release(_ value: CurrentValue) {
            let key = SeriesKey(value.attributes)
            state.withLock { state in
                guard var entry = state.entries[value.label]?[key], entry.value === value else { return }
                entry.handlerCount -= 1
                if entry.handlerCount == 0 { state.count -= 1 }
                state.entries[value.label]?[key] = entry.handlerCount == 0 ? nil : entry
            }
        }

        /// Returns the current values of a label; the shared value beyond the limit is last.
        func all(_ label: String) -> [(Attributes, Double)] {
            let values = state.withLock { $0.entries[ExactText(label)]?.values.map(\.value) ?? [] }
            let overflow = Series.overflow.attributes
            let sorted = values.filter { $0.attributes != overflow } + values.filter { $0.attributes == overflow }
            return sorted.compactMap { value in value.value.map { (value.attributes, $0) } }
        }

        private static func reportLimit(_ label: String) {
            Diagnostics.report(
                .warning, topic: "bridges.swift-metrics.values",
                "There are \(maximumValues) meters and gauges of swift-metrics: further ones labelled \"\(label)\" share one series, with the"
                    + " attribute otel.metric.overflow. Destroy those that are done with, or use dimensions with fewer values.")
        }
    }
#endif
