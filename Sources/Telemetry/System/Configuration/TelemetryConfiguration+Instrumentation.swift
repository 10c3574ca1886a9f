// The model of instrumentation.

extension TelemetryConfiguration {
    /// The settings of instrumentation: of the helpers of this SDK, such as ``HTTPServerSpan``, and of libraries.
    ///
    /// A helper that is given conventions in code uses those. The schema calls all of it experimental.
    public struct Instrumentation: Sendable, Equatable {
        /// Requests that are sent: `general.http.client`.
        public var httpClient = HTTP()
        /// Requests that are answered: `general.http.server`.
        public var httpServer = HTTP()
        /// The query keys whose values are redacted, case-sensitive; nil for those of the conventions. None if empty.
        public var sensitiveQueryParameters: [String]?
        /// The version of the conventions that is asked for in each domain.
        public var conventions: [Domain: Conventions] = [:]
        /// The same as a list, as in `OTEL_SEMCONV_STABILITY_OPT_IN`; ``conventions`` beat it.
        public var stabilityOptIn: String?
        /// Settings of the helpers that the schema has no names for.
        public var helpers = Helpers()
        /// The settings of libraries by their language and name, as they stand in the file; read them when a library starts.
        public var libraries: [String: [String: ConfigurationProperties]] = [:]

        public init() {}

        /// Returns the settings of a library for Swift; none if the configuration does not name it.
        public func library(_ name: String) -> ConfigurationProperties {
            libraries["swift"]?[name] ?? ConfigurationProperties(path: "instrumentation/development.swift.\(name)")
        }
    }

    /// What spans of HTTP tell of requests on one side.
    public struct HTTP: Sendable, Equatable {
        /// The request headers to record, in any case.
        public var requestHeaders: [String]
        /// The response headers to record, in any case.
        public var responseHeaders: [String]
        /// The methods that are shown by name, case-sensitive; nil for those of the conventions.
        public var knownMethods: [String]?

        public init(requestHeaders: [String] = [], responseHeaders: [String] = [], knownMethods: [String]? = nil) {
            self.requestHeaders = requestHeaders
            self.responseHeaders = responseHeaders
            self.knownMethods = knownMethods
        }
    }

    /// A part of the semantic conventions.
    public enum Domain: String, Sendable, CaseIterable {
        case http, code, rpc, messaging
        case database = "db"
        case genAI = "gen_ai"
    }

    /// Which of the conventions of a domain are asked for.
    public struct Conventions: Sendable, Equatable {
        /// The stable version; nil for the latest.
        public var version: Int?
        /// Whether what is in development is recorded beside what is stable.
        public var areExperimental: Bool
        /// Whether the version before is recorded too, which this SDK has for no domain.
        public var includePrevious: Bool

        public init(version: Int? = nil, areExperimental: Bool = false, includePrevious: Bool = false) {
            self.version = version
            self.areExperimental = areExperimental
            self.includePrevious = includePrevious
        }
    }

    /// The settings under `instrumentation/development.swift.swift-telemetry`; nil stands for the default.
    public struct Helpers: Sendable, Equatable {
        /// Whether servers believe `Forwarded` and `X-Forwarded-*`: `trust_forwarded_headers`.
        public var trustsForwardedHeaders: Bool?
        /// The optional metrics of HTTP servers: `http_server_metrics`.
        public var httpServerMetrics: HTTPServerMetrics.Extras?
        /// The optional metrics of HTTP clients: `http_client_metrics`.
        public var httpClientMetrics: HTTPClientMetrics.Extras?
        /// Whether the rows that a database returns are counted: `database_returned_rows`.
        public var recordsReturnedRows: Bool?
        /// Whether spans of models have messages, instructions, arguments and results: `gen_ai_messages`.
        public var recordsMessages: Bool?

        public init() {}
    }
}

extension TelemetryConfiguration.Instrumentation {
    /// The names of the optional metrics of servers and clients.
    static let serverMetrics: KeyValuePairs<String, HTTPServerMetrics.Extras> = [
        "active_requests": .activeRequests, "request_body_size": .requestBodySize, "response_body_size": .responseBodySize,
        "server_address": .serverAddress,
    ]
    static let clientMetrics: KeyValuePairs<String, HTTPClientMetrics.Extras> = [
        "active_requests": .activeRequests, "request_body_size": .requestBodySize, "response_body_size": .responseBodySize,
        "scheme": .scheme, "url_template": .urlTemplate,
    ]

    /// The optional metrics of servers and clients: those that are named, or else those in development where they are asked for.
    var effectiveServerMetrics: HTTPServerMetrics.Extras {
        helpers.httpServerMetrics ?? (isExperimental(.http) ? [.activeRequests, .requestBodySize, .responseBodySize] : [])
    }
    var effectiveClientMetrics: HTTPClientMetrics.Extras {
        helpers.httpClientMetrics ?? (isExperimental(.http) ? [.activeRequests, .requestBodySize, .responseBodySize] : [])
    }
    var countsReturnedRows: Bool { helpers.recordsReturnedRows ?? isExperimental(.database) }

    private func isExperimental(_ domain: TelemetryConfiguration.Domain) -> Bool { conventions[domain]?.areExperimental == true }
}
