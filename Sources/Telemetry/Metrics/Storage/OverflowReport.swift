// Says that sums of whole numbers have left their range.

import Synchronization

/// Says once of a metric that a sum of whole numbers is beyond what its type can hold, and stays at the end of the range.
final class OverflowReport: Sendable {
    /// Relaxed: it guards nothing but the message.
    private let isReported = Atomic(false)

    func report(_ metric: MetricDescriptor) {
        guard !isReported.exchange(true, ordering: .relaxed) else { return }
        Diagnostics.report(
            .warning, topic: "metrics.range.\(metric.name)",
            "A sum of the metric \"\(metric.name)\" is beyond the range of whole numbers, and is told as the end of the range. Count in a larger"
                + " unit, or measure floating-point numbers.")
    }
}
