// The temporality and histogram aggregation of OTLP metric exporters, from code or the environment.

/// The preferences of an OTLP metric exporter for the metrics that it exports.
///
/// (Specification: OTLP metrics exporter, "Additional Environment Variable Configuration".)
final class OTLPMetricPreferences: Sendable {
    private struct Values {
        var temporality = TemporalityPreference.cumulative
        var aggregations: [InstrumentKind: Aggregation] = [:]
    }

    private static let temporalityVariable = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"
    private static let aggregationVariable = "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION"

    private let temporalityInCode: TemporalityPreference?
    private let aggregationInCode: Aggregation?
    /// Nil until the environment is known.
    private let configured = Locked<Values?>(nil)

    init(temporality: TemporalityPreference?, histogramAggregation: Aggregation?) {
        temporalityInCode = temporality
        aggregationInCode = histogramAggregation
    }

    /// Takes preferences that code omits from an environment; only the first call counts.
    ///
    /// - Throws: if the aggregation in code cannot be used.
    func configure(_ environment: EnvironmentReader) throws(ConfigurationError) {
        if let problem = aggregationInCode?.problem { throw problem }
        guard configured.withLock({ $0 == nil }) else { return }
        let values = values(environment)
        configured.withLock { configured in if configured == nil { configured = values } }
    }

    var temporality: TemporalityPreference { current.temporality }

    var aggregations: [InstrumentKind: Aggregation] { current.aggregations }

    /// The present preferences; without a telemetry system the environment is that of the process.
    private var current: Values { configured.withLock { $0 } ?? values(.process) }

    private func values(_ environment: EnvironmentReader) -> Values {
        Values(temporality: temporalityInCode ?? Self.temporality(environment), aggregations: aggregations(environment))
    }

    private static func temporality(_ environment: EnvironmentReader) -> TemporalityPreference {
        let text = environment.text(temporalityVariable)
        switch text?.lowercased() {
        case nil, "cumulative": return .cumulative
        case "delta": return .delta
        case "lowmemory": return .lowMemory
        default:
            environment.report(temporalityVariable, text ?? "", expected: "cumulative, delta or lowmemory", used: "cumulative is used")
            return .cumulative
        }
    }

    private func aggregations(_ environment: EnvironmentReader) -> [InstrumentKind: Aggregation] {
        if let aggregationInCode { return [.histogram: aggregationInCode] }
        let text = environment.text(Self.aggregationVariable)
        switch text?.lowercased() {
        // The default aggregation is not requested explicitly, so that boundaries that instruments advise stay in force.
        case nil, "explicit_bucket_histogram": return [:]
        case "base2_exponential_bucket_histogram": return [.histogram: .exponentialHistogram()]
        default:
            environment.report(
                Self.aggregationVariable, text ?? "",
                expected: "explicit_bucket_histogram or base2_exponential_bucket_histogram", used: "explicit_bucket_histogram is used")
            return [:]
        }
    }
}
