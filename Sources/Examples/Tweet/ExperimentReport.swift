// The report of the experiment: what the service has measured of each variant since it was started.

import ExampleSupport
import Telemetry

/// Compares the variants by the service's own metrics.
struct ExperimentReport: Sendable {
    /// The figures of one variant.
    struct Figures: Sendable, Equatable {
        var requests: UInt64 = 0
        /// Answers with a status from 400 to 499.
        var refused: UInt64 = 0
        /// Answers with a status from 500 on.
        var errors: UInt64 = 0
        var likes: Int64 = 0
        /// Counts of all outcomes together, by bucket.
        fileprivate var boundaries: [Double] = []
        fileprivate var counts: [UInt64] = []

        /// The part of the requests that failed; nil without requests.
        var errorRate: Double? { requests == 0 ? nil : Double(errors) / Double(requests) }

        /// Returns the latency in seconds below which a part of the requests stayed, interpolated within its bucket as Prometheus does.
        ///
        /// It is nil without requests, and at most the greatest boundary.
        func latency(_ quantile: Double) -> Double? {
            let rank = quantile * Double(requests)
            var below = 0.0
            for (index, count) in counts.enumerated() where count > 0 {
                guard index < boundaries.count else { return boundaries.last }
                guard below + Double(count) >= rank else {
                    below += Double(count)
                    continue
                }
                let lower = index == 0 ? 0 : boundaries[index - 1]
                return lower + (boundaries[index] - lower) * max(0, rank - below) / Double(count)
            }
            return nil
        }

        fileprivate mutating func add(_ point: HistogramPoint) {
            requests += point.count
            switch point.attributes["outcome"] {
            case "refused": refused += point.count
            case "error": errors += point.count
            default: break
            }
            boundaries = point.boundaries
            counts = counts.isEmpty ? point.bucketCounts : zip(counts, point.bucketCounts).map { $0 + $1 }
        }
    }

    /// The metric reader that the telemetry of the service is started with. It drops all instruments but those that a view keeps.
    let reader = PullMetricReader(
        options: MetricReaderOptions(aggregations: Dictionary(uniqueKeysWithValues: InstrumentKind.allCases.map { ($0, .drop) })))
    private let experiment: LikeExperiment

    init(_ experiment: LikeExperiment) {
        self.experiment = experiment
    }

    /// Returns the figures as they are now, for both variants.
    var figures: [(variant: LikeExperiment.Variant, figures: Figures)] {
        let metrics = (try? reader.collect())?.metrics ?? []
        return LikeExperiment.Variant.allCases.map { variant in
            var figures = Figures()
            let isOfVariant = { (attributes: Attributes) in attributes[LikeExperiment.name] == .string(variant.rawValue) }
            for metric in metrics {
                for point in metric.points.histograms where isOfVariant(point.attributes) { figures.add(point) }
                for point in metric.points.numbers where isOfVariant(point.attributes) { figures.likes += Int64(point.value.intValue ?? 0) }
            }
            return (variant, figures)
        }
    }

    /// Answers with a page, or with JSON for `?format=json`.
    func page(for request: ServiceRequest) -> ServiceResponse {
        var response: ServiceResponse =
            request.queryParameter("format") == "json" ? .json(json) : .html(ExperimentPage.html(experiment, figures))
        response.headers["Cache-Control"] = "no-store"
        return response
    }

    private var json: JSONValue {
        let number = { (value: Double?) in value.map { JSONValue.number($0) } ?? .null }
        let variants: [JSONValue] = figures.map { variant, figures in
            [
                "variant": .string(variant.rawValue), "requests": .integer(Int64(figures.requests)),
                "refused": .integer(Int64(figures.refused)), "errors": .integer(Int64(figures.errors)),
                "errorRate": number(figures.errorRate), "p50Seconds": number(figures.latency(0.5)),
                "p99Seconds": number(figures.latency(0.99)), "likes": .integer(figures.likes),
            ]
        }
        return ["experiment": "like", "share": number(experiment.share), "variants": .array(variants)]
    }
}
