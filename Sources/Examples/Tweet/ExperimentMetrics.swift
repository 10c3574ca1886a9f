// The metrics that the variants of the experiment are compared by.

import Telemetry

/// Records requests and likes by the variant of their user, one of two.
struct ExperimentMetrics: Sendable {
    static let durationName = "tweet.experiment.request.duration"
    static let likesName = "tweet.experiment.likes"

    /// The reader of the report keeps these metrics alone, in the form that they have for all readers.
    static let views = [MetricView(of: "tweet.experiment.*", aggregation: .default)]

    private let durations: Histogram<Double>
    private let likes: Counter<Int>

    init(_ meter: Meter) {
        durations = meter.histogram(
            Self.durationName, unit: "s", description: "Duration of the requests of users by the variant that they have.",
            boundaries: [
                0.0005, 0.001, 0.0015, 0.002, 0.003, 0.004, 0.006, 0.008, 0.012, 0.016, 0.024, 0.032, 0.048, 0.064, 0.1, 0.15, 0.25, 0.5,
                1, 2.5, 5, 10,
            ])
        likes = meter.counter(Self.likesName, unit: "{like}", description: "Likes given, by the variant of the user.")
    }

    func record(_ status: Int, of variant: LikeExperiment.Variant, since start: ContinuousClock.Instant) {
        let outcome = status >= 500 ? "error" : status >= 400 ? "refused" : "ok"
        durations.record(start.duration(to: .now) / .seconds(1), [LikeExperiment.name: variant.rawValue, "outcome": outcome])
    }

    func liked(_ variant: LikeExperiment.Variant) { likes.add(1, [LikeExperiment.name: variant.rawValue]) }
}
