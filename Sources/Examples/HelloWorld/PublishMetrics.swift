// The metrics of publishing.

import ExampleSupport
import Telemetry

/// Counts attempts to publish, under the names of the original.
struct PublishMetrics: Sendable {
    private let count: Counter<Int>
    private let duration: Histogram<Double>

    init(_ meter: Meter) {
        count = meter.counter("sns_publish_total", description: "Total number of SNS messages published")
        duration = meter.histogram(
            "sns_publish_duration_seconds", description: "Duration of SNS publish operations in seconds",
            boundaries: NodeRequestMetrics.boundaries)
    }

    /// Counts an attempt to publish, and returns the milliseconds that it took.
    @discardableResult func published(to topic: String, since start: ContinuousClock.Instant, failed: Bool) -> Int {
        let seconds = start.duration(to: .now) / .seconds(1)
        count.add(1, ["topic": .string(topic), "status": failed ? "error" : "success"])
        duration.record(seconds, ["topic": .string(topic)])
        return Int(seconds * 1000)
    }
}
