// The exposition formats and their content types.

/// The format of a page: its syntax and its escaping scheme for names.
public struct PrometheusFormat: Sendable, Hashable {
    /// The syntax of a page. (Prometheus: content negotiation, "Supported Protocols".)
    public enum Syntax: Sendable, Hashable, CaseIterable {
        /// `PrometheusText0.0.4`, which every reader supports.
        case text004
        /// `PrometheusText1.0.0`, the same with names of any characters.
        case text100
        /// `OpenMetricsText0.0.1`
        case openMetrics001
        /// `OpenMetricsText1.0.0`, with units, exemplars and start times.
        case openMetrics100
        /// OpenMetrics 2.0 (release candidate 0), with histograms and summaries in one line each, native histograms, and start times beside values.
        case openMetrics200
        /// `PrometheusProto`, with native histograms.
        case protobuf
    }

    public let syntax: Syntax
    /// The escaping scheme for names; the oldest syntaxes have underscores only.
    public let escaping: PrometheusEscaping

    public init(_ syntax: Syntax, escaping: PrometheusEscaping = .underscores) {
        self.syntax = syntax
        self.escaping = syntax == .text004 || syntax == .openMetrics001 ? .underscores : escaping
    }

    /// The format for requests that name none.
    public static let text = PrometheusFormat(.text004)
    /// OpenMetrics 1.0.0 with names that every reader supports.
    public static let openMetrics = PrometheusFormat(.openMetrics100)
    /// OpenMetrics 2.0, for readers that ask for it.
    public static let openMetrics2 = PrometheusFormat(.openMetrics200)
    /// Messages of type `io.prometheus.client.MetricFamily`, each prefixed by its length.
    public static let protobuf = PrometheusFormat(.protobuf)

    /// The `Content-Type` header of a page.
    public var contentType: String {
        switch syntax {
        case .text004: "text/plain; version=0.0.4; charset=utf-8"
        case .text100: "text/plain; version=1.0.0; charset=utf-8; escaping=\(escaping.rawValue)"
        case .openMetrics001: "application/openmetrics-text; version=0.0.1; charset=utf-8"
        case .openMetrics100: "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=\(escaping.rawValue)"
        case .openMetrics200:
            // The specification's own, which has no scheme; one that was asked for is told.
            "application/openmetrics-text; version=2.0.0; charset=utf-8"
                + (escaping == .underscores ? "" : "; escaping=\(escaping.rawValue)")
        case .protobuf:
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=\(escaping.rawValue)"
        }
    }

    var dialect: PrometheusDialect {
        switch syntax {
        case .text004, .text100: .text
        case .openMetrics001, .openMetrics100: .openMetrics
        case .openMetrics200: .openMetrics2
        case .protobuf: .protobuf
        }
    }
}
