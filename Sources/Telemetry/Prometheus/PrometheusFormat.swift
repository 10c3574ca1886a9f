// The forms in which a page of metrics can be written, and what they are called on the way.

/// The form of a page: its syntax, and how it writes names that not every reader takes.
public struct PrometheusFormat: Sendable, Hashable {
    /// What a page looks like. (Prometheus: content negotiation, "Supported Protocols".)
    public enum Syntax: Sendable, Hashable, CaseIterable {
        /// `PrometheusText0.0.4`: what every reader takes.
        case text004
        /// `PrometheusText1.0.0`: the same with names of any characters.
        case text100
        /// `OpenMetricsText0.0.1`
        case openMetrics001
        /// `OpenMetricsText1.0.0`: with units, exemplars and times of creation.
        case openMetrics100
        /// `PrometheusProto`: the only one that carries exponential histograms as they are.
        case protobuf
    }

    public let syntax: Syntax
    /// How names beyond letters, digits, `_` and `:` are written; the oldest syntaxes know underscores only.
    public let escaping: PrometheusEscaping

    public init(_ syntax: Syntax, escaping: PrometheusEscaping = .underscores) {
        self.syntax = syntax
        self.escaping = syntax == .text004 || syntax == .openMetrics001 ? .underscores : escaping
    }

    /// The page that a reader gets who asks for nothing.
    public static let text = PrometheusFormat(.text004)
    /// OpenMetrics 1.0.0 with the names that every reader takes.
    public static let openMetrics = PrometheusFormat(.openMetrics100)
    /// Messages of type `io.prometheus.client.MetricFamily`, each after its length.
    public static let protobuf = PrometheusFormat(.protobuf)

    /// The `Content-Type` of a page.
    public var contentType: String {
        switch syntax {
        case .text004: "text/plain; version=0.0.4; charset=utf-8"
        case .text100: "text/plain; version=1.0.0; charset=utf-8; escaping=\(escaping.rawValue)"
        case .openMetrics001: "application/openmetrics-text; version=0.0.1; charset=utf-8"
        case .openMetrics100: "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=\(escaping.rawValue)"
        case .protobuf:
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=\(escaping.rawValue)"
        }
    }

    var dialect: PrometheusDialect {
        switch syntax {
        case .text004, .text100: .text
        case .openMetrics001, .openMetrics100: .openMetrics
        case .protobuf: .protobuf
        }
    }
}
