// The bounds of the metric store.

/// How much the store keeps; what exceeds it leaves, the oldest points first, or is refused and counted.
package struct MetricStoreLimits: Sendable {
    /// Bytes of points, labels, descriptions and exemplars.
    package var bytes = 64 << 20
    /// Series, counted as Prometheus counts them: a histogram with ten buckets is twelve or more.
    package var series = 200_000
    /// Labels of a series.
    package var labels = 64
    /// Bytes of the text of one label; a longer one is cut.
    package var labelBytes = 2_048
    /// Buckets of one histogram.
    package var buckets = 1_024
    /// Exemplars of all series together.
    package var exemplars = 20_000
    /// How far ahead of the present a point may lie.
    package var future = Duration.seconds(600)

    package init() {}

    /// The longest time before its first point at which a counter is taken to have been zero.
    static let startReach: Int64 = 300_000
}
