// The values behind the meters and gauges of swift-metrics, which are asked for at each collection.

#if SwiftMetrics
    import CoreMetrics
    import Synchronization

    /// A value that is set and changed from any thread without waiting, and read when metrics are collected.
    final class CurrentValue: MeterHandler, RecorderHandler {
        let label: ExactText
        let attributes: Attributes
        private let bits = Atomic<UInt64>(0)
        /// Whether there is a value: nobody asked for the 0 that it begins with.
        private let isSet = Atomic(false)
        private let refusals: RefusedMeasurements

        init(_ label: ExactText, _ attributes: Attributes, _ refusals: RefusedMeasurements) {
            self.label = label
            self.attributes = attributes
            self.refusals = refusals
        }

        /// Nil before the first one. Acquiring, so that who sees that there is one sees it, too.
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
            // It would stay in the value for ever, unlike one that is set.
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
            // Not written over and over: the cache line stays with the readers as long as it can.
            if !isSet.load(ordering: .relaxed) { isSet.store(true, ordering: .releasing) }
        }
    }

    /// All values of the meters and gauges of one meter, by label and attributes.
    final class CurrentValues: Sendable {
        private struct Entry {
            let value: CurrentValue
            /// How many handlers are out that nobody destroyed.
            var handlerCount = 0
        }

        private struct State {
            var entries: [ExactText: [SeriesKey: Entry]] = [:]
            var count = 0
        }

        /// Values stay until they are destroyed, so there is an end to their number: further ones of a label share one.
        static let maximumValues = 10_000

        private let state = Locked(State())

        /// The value of a label and of attributes in their canonical form, made if it is not there; and whether the label is new.
        func value(_ label: String, _ attributes: Attributes, refusals: RefusedMeasurements) -> (value: CurrentValue, isNewLabel: Bool) {
            let label = ExactText(label)
            let (value, isNewLabel, isBeyondLimit) = state.withLock { state in
                let isNewLabel = state.entries[label] == nil
                // Labels stay for good, as instruments do.
                guard !isNewLabel || state.entries.count < InstrumentRegistry.maximumInstruments else {
                    return (CurrentValue(label, attributes, refusals), true, false)
                }
                var attributes = attributes
                var values = state.entries[label, default: [:]]
                // Emptied, so that the dictionary is not copied when it changes.
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

        /// Takes note that a handler is not used any more.
        func release(_ value: CurrentValue) {
            let key = SeriesKey(value.attributes)
            state.withLock { state in
                guard var entry = state.entries[value.label]?[key], entry.value === value else { return }
                entry.handlerCount -= 1
                if entry.handlerCount == 0 { state.count -= 1 }
                state.entries[value.label]?[key] = entry.handlerCount == 0 ? nil : entry
            }
        }

        /// The values of a label, as they are now; what is beyond the limit comes last.
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
