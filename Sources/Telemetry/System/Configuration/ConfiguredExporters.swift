// Makes exporters of a configuration.

/// Makes the exporters of a configuration, and checks them as a start does, without opening anything.
struct ConfiguredExporters {
    let components: ConfiguredComponents
    /// The variables that count besides the configuration.
    let environment: EnvironmentReader
    /// The settings that have the receivers of exporters without an endpoint.
    let distribution: TelemetryConfiguration.Distribution

    private var problems: ConfigurationProblems { components.problems }

    func spans(_ exporter: TelemetryConfiguration.Exporter, _ path: String) -> (any SpanExporter)? {
        switch exporter {
        case .otlp(let otlp): return options(otlp, .traces, path).map { .otlp(options: $0) }
        case .otlpFile(let target): return .otlpFile(target)
        case .console: return .console()
        case .component(let component):
            return components.make(
                component, "span exporter", "spanExporter", from: components.providers.spanExporters,
                builtIn: ComponentProviders.exporters, path: "\(path).\(component.name)")
        }
    }

    func logs(_ exporter: TelemetryConfiguration.Exporter, _ path: String) -> (any LogExporter)? {
        switch exporter {
        case .otlp(let otlp): return options(otlp, .logs, path).map { .otlp(options: $0) }
        case .otlpFile(let target): return .otlpFile(target)
        case .console: return .console()
        case .component(let component):
            return components.make(
                component, "log exporter", "logExporter", from: components.providers.logExporters,
                builtIn: ComponentProviders.exporters, path: "\(path).\(component.name)")
        }
    }

    func metrics(_ configured: TelemetryConfiguration.MetricExporter, _ path: String) -> (any MetricExporter)? {
        // Explicit buckets are not requested explicitly, so that boundaries that instruments advise stay in force.
        let aggregation: Aggregation? = configured.prefersExponentialHistograms ? .exponentialHistogram() : nil
        switch configured.exporter {
        case .otlp(let otlp):
            return options(otlp, .metrics, path).map {
                .otlp(temporality: configured.temporality, histogramAggregation: aggregation, options: $0)
            }
        case .otlpFile(let target):
            return .otlpFile(target, temporality: configured.temporality, histogramAggregation: aggregation)
        case .console: return ConsoleMetricExporter(temporality: configured.temporality, histogramAggregation: aggregation)
        case .component(let component):
            return components.make(
                component, "metric exporter", "metricExporter", from: components.providers.metricExporters,
                builtIn: ComponentProviders.exporters, path: "\(path).\(component.name)")
        }
    }

    /// Returns the options of an exporter; nil if it cannot be used, which is told.
    private func options(_ otlp: TelemetryConfiguration.OTLP, _ signal: OTLPSignal, _ path: String) -> OTLPOptions? {
        let path = "\(path).\(otlp.encoding == .grpc ? "otlp_grpc" : "otlp_http")"
        var options = OTLPOptions(
            endpoint: otlp.endpoint, headers: headers(otlp, path), timeout: otlp.timeout, compression: otlp.compression,
            encoding: otlp.encoding, certificates: otlp.certificates, path: "",
            maximumRequestBytes: otlp.maximumRequestBytes == 0 ? .max : otlp.maximumRequestBytes,
            maximumResponseBytes: otlp.maximumResponseBytes)
        options.loadBalancing = distribution.otlpLoadBalancing
        func target(_ endpoint: String) -> String {
            guard otlp.encoding == .grpc, otlp.isInsecure, HTTPURL(endpoint) == nil else { return endpoint }
            return GRPCTarget.url(endpoint, isInsecure: { true })?.description ?? endpoint
        }
        options.endpoint = otlp.endpoint.map(target)
        if otlp.endpoint == nil, !distribution.otlpEndpoints.isEmpty {
            (options.endpoints, options.path) = (distribution.otlpEndpoints.map(target), nil)
        }
        do throws(OTLPSettings.Problem) {
            if let problem = options.problem { throw .inCode(problem.setting, problem.value, problem.expected) }
            for (index, each) in options.ofEachEndpoint.enumerated() {
                do throws(OTLPSettings.Problem) {
                    _ = try OTLPSettings(signal, each, environment)
                } catch {
                    guard !options.endpoints.isEmpty, error.error.setting == "endpoint" else { throw error }
                    tell(error.error, at: "distribution.\(SDK.name).otlp_endpoints[\(index)]")
                    return nil
                }
            }
            return options
        } catch {
            let property = Self.properties.first { $0.key == error.error.setting }?.value
            tell(error.error, at: property.map { "\(path).\($0)" } ?? path)
            return nil
        }
    }

    private func tell(_ error: ConfigurationError, at property: String) {
        problems.fail(property, "\"\(error.value)\" cannot be used; expected \(error.expected)")
    }

    /// The properties of the schema for the settings of code.
    private static let properties: KeyValuePairs<String, String> = [
        "endpoint": "endpoint", "headers": "headers", "compression": "compression", "timeout": "timeout",
        "certificates.authority": "tls.ca_file", "certificates.client": "tls.cert_file", "certificates.clientKey": "tls.key_file",
        "maximumRequestBytes": "max_request_size", "maximumResponseBytes": "max_response_size",
    ]

    private func headers(_ otlp: TelemetryConfiguration.OTLP, _ path: String) -> [String: String] {
        var headers: [String: String] = [:]
        if let list = otlp.headersList {
            switch EnvironmentReader.pairs(of: list) {
            case .success(let pairs):
                for (name, value) in pairs { headers[name] = value }
            case .failure(let problem): problems.fail("\(path).headers_list", "the list cannot be read; expected \(problem.expected)")
            }
        }
        for header in otlp.headers {
            // Names of headers are compared without regard to case.
            for name in headers.keys where HTTPGrammar.isSame(name, header.name) { headers[name] = nil }
            headers[header.name] = header.value
        }
        return headers
    }
}
