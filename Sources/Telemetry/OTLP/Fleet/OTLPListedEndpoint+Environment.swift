// The endpoints of a fleet in environment variables, and how requests are spread over them.

extension OTLPListedEndpoint {
    private static let prefix = "OTEL_SWIFT_EXPORTER_OTLP_"

    /// Returns the endpoints that are listed for a signal; none if its own `OTEL_EXPORTER_OTLP_…_ENDPOINT` counts, or no list is set.
    static func all(for signal: OTLPSignal, in environment: EnvironmentReader) throws(OTLPSettings.Problem) -> [OTLPListedEndpoint] {
        let part = signal.variablePart
        if let own = try listed("\(prefix)\(part)_ENDPOINTS", isOwn: true, environment) { return own }
        guard environment.text("OTEL_EXPORTER_OTLP_\(part)_ENDPOINT") == nil else { return [] }
        return try listed("\(prefix)ENDPOINTS", isOwn: false, environment) ?? []
    }

    private static func listed(
        _ variable: String, isOwn: Bool, _ environment: EnvironmentReader
    ) throws(OTLPSettings.Problem) -> [OTLPListedEndpoint]? {
        guard let text = environment.text(variable) else { return nil }
        let endpoints = text.split(separator: ",", omittingEmptySubsequences: false).map { String($0.trimmingWhiteSpace()) }
        if endpoints.contains("") { throw .inVariable(variable, "an empty endpoint", "endpoints separated by commas") }
        // A piece that is no URL may be one of a password with a comma.
        let shown = endpoints.indices.map { index in
            text.contains("@") && HTTPURL(endpoints[index]) == nil
                ? "endpoint \(index + 1) of \(endpoints.count)" : HTTPURL.withoutUserInformation(endpoints[index])
        }
        if let problem = problem(of: endpoints) {
            throw .inVariable(variable, problem.index.map { shown[$0] } ?? problem.value, problem.expected)
        }
        return endpoints.indices.map { OTLPListedEndpoint(variable: variable, text: endpoints[$0], shown: shown[$0], isOwn: isOwn) }
    }

    /// Returns how the requests of a signal are spread by its variables.
    static func loadBalancing(of signal: OTLPSignal, in environment: EnvironmentReader) -> OTLPLoadBalancing {
        environment.value(
            ["\(prefix)\(signal.variablePart)_LOAD_BALANCING", "\(prefix)LOAD_BALANCING"],
            expected: { _ in OTLPLoadBalancing.names.map(\.key).joined(separator: " or ") }, else: (.byConnection, "connection is used")
        ) { text in OTLPLoadBalancing.names.first { $0.key == text.lowercased() }?.value }
    }
}
