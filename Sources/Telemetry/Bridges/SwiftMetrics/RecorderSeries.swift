// Hot: the series behind the recorders and timers of swift-metrics.

#if SwiftMetrics
    import CoreMetrics

    /// The series of a `Recorder` that aggregates.
    final class RecorderSeries: RecorderHandler {
        private let series: BoundHistogram<Double>

        init(_ series: BoundHistogram<Double>) {
            self.series = series
        }

        func record(_ value: Int64) { series.record(Double(value)) }

        func record(_ value: Double) { series.record(value) }
    }

    /// The series of a `Timer`. It records seconds, as the conventions require, whatever the display unit is.
    final class TimerSeries: TimerHandler {
        /// The boundaries unless a view sets others: from half a millisecond to ten seconds.
        static let boundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

        private let series: BoundHistogram<Double>

        init(_ series: BoundHistogram<Double>) {
            self.series = series
        }

        func recordNanoseconds(_ duration: Int64) { series.record(Double(duration) / 1e9) }
    }
#endif
