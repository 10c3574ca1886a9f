// Hot: the series behind the counters, recorders and timers of swift-metrics. Each is a bound instrument, and nothing else.

#if SwiftMetrics
    import CoreMetrics

    /// The series of a `Counter`.
    final class CounterSeries: CounterHandler {
        private let series: BoundCounter<Int>
        private let label: String

        init(_ series: BoundCounter<Int>, _ label: String) {
            self.series = series
            self.label = label
            // Prometheus sees a counter grow only if it has seen it before. It is no measurement of the present span's.
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

    /// The series of a `Recorder` that aggregates.
    final class RecorderSeries: RecorderHandler {
        private let series: BoundHistogram<Double>

        init(_ series: BoundHistogram<Double>) {
            self.series = series
        }

        func record(_ value: Int64) { series.record(Double(value)) }

        func record(_ value: Double) { series.record(value) }
    }

    /// The series of a `Timer`. It tells seconds, as OpenTelemetry's conventions ask, whatever unit somebody prefers to look at.
    final class TimerSeries: TimerHandler {
        /// From half a millisecond to ten seconds, where no view says which.
        static let boundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

        private let series: BoundHistogram<Double>

        init(_ series: BoundHistogram<Double>) {
            self.series = series
        }

        func recordNanoseconds(_ duration: Int64) { series.record(Double(duration) / 1e9) }
    }

    /// Sums that readers were told already cannot be taken back; of changes a reset says nothing at all.
    private func reportReset(of label: String) {
        Diagnostics.report(
            .warning, topic: "bridges.swift-metrics.reset",
            "The counter \"\(label)\" of swift-metrics is not reset: a sum that was exported only grows. Look at its rate, or use a Meter.")
    }
#endif
