// Makes the settings of helpers of a configuration.

/// Makes what a configuration says of instrumentation into the settings of helpers, and warns of what is not recorded.
struct ConfiguredInstrumentation {
    private let instrumentation: TelemetryConfiguration.Instrumentation

    init(_ instrumentation: TelemetryConfiguration.Instrumentation) {
        self.instrumentation = instrumentation
    }

    /// The settings; `OTEL_*` variables do not count.
    var settings: InstrumentationSettings {
        InstrumentationSettings(
            httpServer: conventions(instrumentation.httpServer), httpClient: conventions(instrumentation.httpClient),
            httpServerExtras: instrumentation.effectiveServerMetrics.rawValue,
            httpClientExtras: instrumentation.effectiveClientMetrics.rawValue,
            recordsReturnedRows: instrumentation.countsReturnedRows, recordsMessages: instrumentation.helpers.recordsMessages ?? false)
    }

    private func conventions(_ http: TelemetryConfiguration.HTTP) -> HTTPConventions {
        HTTPConventions(
            knownMethods: http.knownMethods.map { Set($0) } ?? HTTPConventions.standardMethods,
            sensitiveQueryKeys: instrumentation.sensitiveQueryParameters.map { Set($0) } ?? HTTPConventions.standardSensitiveQueryKeys,
            recordedRequestHeaders: http.requestHeaders, recordedResponseHeaders: http.responseHeaders,
            trustsForwardedHeaders: instrumentation.helpers.trustsForwardedHeaders ?? true)
    }

    /// Warns of conventions that this SDK does not record.
    func review(_ problems: ConfigurationProblems) {
        func warn(_ property: String, _ message: String) {
            let path = "instrumentation/development.general.\(property)"
            problems.warn(message, at: problems.place(of: path), property: path)
        }
        for domain in TelemetryConfiguration.Domain.allCases {
            guard let asked = instrumentation.conventions[domain] else { continue }
            let path = "\(domain.rawValue).semconv"
            if let version = asked.version, version != domain.stableVersion {
                warn("\(path).version", "there is no version \(version) here; \(domain.recorded)")
            }
            if asked.includePrevious { warn("\(path).dual_emit", "the version before is not recorded beside it; \(domain.recorded)") }
        }
        for (word, domain) in words where domain.map({ instrumentation.conventions[$0] == nil }) ?? true {
            guard let domain else {
                warn("stability_opt_in_list", "\"\(word.prefix(60))\" is unknown, and has no effect; expected \(Self.known)")
                continue
            }
            if word.hasSuffix("/dup") {
                warn("stability_opt_in_list", "\"\(word)\": the version before is not recorded beside it; \(domain.recorded)")
            }
        }
    }

    /// The words of the list with their domains; nil for unknown ones.
    private var words: [(word: String, domain: TelemetryConfiguration.Domain?)] {
        (instrumentation.stabilityOptIn ?? "").split(separator: ",").map { String($0.trimmingWhiteSpace()) }.filter { !$0.isEmpty }.map {
            word in
            let name = word.hasSuffix("/dup") ? String(word.dropLast(4)) : word
            return (word, TelemetryConfiguration.Domain.allCases.first { $0.optIn == name })
        }
    }

    private static let known = TelemetryConfiguration.Domain.allCases.map(\.optIn).joined(separator: ", ")
}

extension TelemetryConfiguration.Domain {
    /// The stable version that is recorded; nil where there is none yet.
    fileprivate var stableVersion: Int? {
        switch self {
        case .http, .database, .code: 1
        case .rpc, .messaging, .genAI: nil
        }
    }

    fileprivate var recorded: String {
        stableVersion.map { "version \($0) is recorded" } ?? "no version is stable yet, and the conventions in development are recorded"
    }

    /// The word of `OTEL_SEMCONV_STABILITY_OPT_IN`.
    fileprivate var optIn: String {
        switch self {
        case .http, .code, .rpc, .messaging: rawValue
        case .database: "database"
        case .genAI: "gen_ai_latest_experimental"
        }
    }
}
