// The diagnostic for integer sums beyond their range.

import Synchronization

/// Reports once for a metric that an integer sum is beyond its range.
///
/// Such a sum is exported as the end of the range.
final class OverflowReport: Sendable {
    /// Relaxed: it guards no memory.
    private let isReported = Atomic(false)

    func report(_ metric: MetricDescriptor) {
        guard !isReported.exchange(true, ordering: .relaxed) else { return }
        Diagnostics.report(
            .warning, topic: "metrics.range.\(metric.name)",
            "A sum of the metric \"\(metric.name)\" is beyond the range of whole numbers, and is told as the end of the range. Count in a larger"
                + " unit, or measure floating-point numbers.")
    }
}
