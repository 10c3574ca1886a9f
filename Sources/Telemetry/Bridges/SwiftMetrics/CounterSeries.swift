// Hot: the series behind the counters of swift-metrics.

#if SwiftMetrics
    import CoreMetrics

    /// The series of a `Counter`.
    final class CounterSeries: CounterHandler {
        private let series: BoundCounter<Int>
        private let label: String

        init(_ series: BoundCounter<Int>, _ label: String) {
            self.series = series
            self.label = label
            // Prometheus computes increases only from a first value. The zero is no measurement of the current span.
            series.add(0, context: .root)
        }

        func increment(by amount: Int64) { series.add(Int(clamping: amount)) }

        func reset() { reportReset(of: label) }
    }

    /// The series of a `FloatingPointCounter`.
    final class FloatingPointCounterSeries: FloatingPointCounterHandler {
        private let series: BoundCounter<Double>
        private let label: String

        init(_ series: BoundCounter<Double>, _ label: String) {
            self.series = series
            self.label = label
            series.add(0, context: .root)
        }

        func increment(by amount: Double) { series.add(amount) }

        func reset() { reportReset(of: label) }
    }

    /// Reports a reset: exported cumulative sums cannot be reset, and deltas have no resets.
    private func reportReset(of label: String) {
        Diagnostics.report(
            .warning, topic: "bridges.swift-metrics.reset",
            "The counter \"\(label)\" of swift-metrics is not reset: a sum that was exported only grows. Look at its rate, or use a Meter.")
    }
#endif
