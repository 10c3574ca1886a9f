// A configuration as a text to read.

/// Shows what a configuration makes run, without passwords and values of headers.
struct ConfigurationSummary {
    private let width: Int
    private let distribution: TelemetryConfiguration.Distribution
    private(set) var text = ""

    init(_ configuration: TelemetryConfiguration, width: Int) {
        self.width = max(40, width)
        distribution = configuration.distribution
        add("schema", [configuration.fileFormat, "messages from \(configuration.logLevel.shortName.lowercased())"])
        if configuration.isDisabled { add("disabled", ["nothing is recorded; the context is propagated"]) }
        add("resource", Self.resource(configuration.resource))
        add("propagators", Self.propagators(configuration.propagator))
        traces(configuration.tracerProvider, configuration.attributeLimits)
        metrics(configuration.meterProvider)
        logs(configuration.loggerProvider, configuration.attributeLimits)
        instrumentation(configuration.instrumentation)
        let own = configuration.distribution
        let switches = [
            own.watchesFile ? "watch" : nil, own.hasSelfMetrics ? "self_metrics" : nil, own.usesKernelClock ? "kernel_clock" : nil,
        ].compactMap { $0 }
        if !switches.isEmpty { add(SDK.name, switches) }
    }

    private static let indent = "  "
    private static let labelWidth = 14

    /// Adds a line with a label, broken between its parts where it is too long.
    private mutating func add(_ label: String, _ parts: [String], depth: Int = 0) {
        let lead = String(repeating: Self.indent, count: depth) + label
        let column = Self.labelWidth + depth * Self.indent.count
        var line = lead + String(repeating: " ", count: max(1, column - lead.count))
        let words = parts.joined(separator: ", ").split(separator: " ", omittingEmptySubsequences: true)
        var isEmpty = true
        for word in words {
            if !isEmpty, line.count + 1 + word.count > width {
                text += line + "\n"
                line = String(repeating: " ", count: column)
                isEmpty = true
            }
            line += (isEmpty ? "" : " ") + word
            isEmpty = false
        }
        text += line + "\n"
    }

    // MARK: General

    private static func resource(_ resource: TelemetryConfiguration.ResourceDescription) -> [String] {
        var parts = resource.attributes.map { "\($0.name)=\($0.value)" }
        if let list = resource.attributesList, !list.isEmpty { parts.append(list) }
        if !resource.detectors.isEmpty { parts.append("detected: \(resource.detectors.map(\.name).joined(separator: " "))") }
        if let url = resource.schemaURL { parts.append("schema \(url)") }
        return parts.isEmpty ? ["the SDK's own attributes"] : parts
    }

    private static func propagators(_ propagation: TelemetryConfiguration.Propagation) -> [String] {
        let listed = (propagation.compositeList ?? "").split(separator: ",").map { String($0.trimmingWhiteSpace()) }.filter { !$0.isEmpty }
        let names = propagation.composite.map(\.name) + listed
        return names.isEmpty ? ["none: the context is not propagated"] : names
    }

    private static let nothing = ["nothing is recorded"]

    private static func limits(_ limits: TelemetryConfiguration.AttributeLimits, _ general: TelemetryConfiguration.AttributeLimits)
        -> String
    {
        let length = (limits.valueLength ?? general.valueLength).map { ", values of \(quantity($0, "character"))" } ?? ""
        return "at most \(quantity(limits.count ?? general.count ?? 128, "attribute"))\(length)"
    }

    private mutating func rules<Configuration>(_ rules: TelemetryConfiguration.ScopeRules<Configuration>?, _ what: String) {
        guard let rules else { return }
        let texts = rules.rules.map { "\($0.name) \($0.configuration.isEnabled ? "on" : "off")" }
        add(what, texts + ["others \(rules.standard.isEnabled ? "on" : "off")"], depth: 1)
    }

    // MARK: Signals

    private mutating func traces(
        _ provider: TelemetryConfiguration.TracerProvider?, _ general: TelemetryConfiguration.AttributeLimits
    ) {
        guard let provider else { return add("traces", Self.nothing) }
        add("traces", [Self.text(provider.sampler)])
        for processor in provider.processors {
            switch processor {
            case .batch(let batch): add("batch", parts(batch, "traces"), depth: 1)
            case .simple(let exporter): add("simple", parts(exporter, "traces"), depth: 1)
            case .component(let component): add(component.name, Self.parts(component), depth: 1)
            }
        }
        add("limits", [Self.limits(provider.limits.attributes, general)], depth: 1)
        if let generator = provider.idGenerator { add("identifiers", [generator.name] + Self.parts(generator), depth: 1) }
        rules(provider.configurator, "tracers")
    }

    private mutating func metrics(_ provider: TelemetryConfiguration.MeterProvider?) {
        guard let provider else { return add("metrics", Self.nothing) }
        add("metrics", ["exemplars \(provider.exemplarFilter.rawValue)", quantity(provider.views.count, "view")])
        for reader in provider.readers {
            switch reader {
            case .periodic(let periodic):
                let parts = parts(periodic.exporter.exporter, "metrics")
                let timeout = periodic.timeout == .zero ? "no timeout" : "timeout \(periodic.timeout)"
                add("periodic", parts + ["every \(periodic.interval)", timeout], depth: 1)
            case .pull(let pull):
                switch pull.exporter {
                case .prometheus(let prometheus): add("pull", ["prometheus on \(prometheus.host):\(prometheus.port)"], depth: 1)
                case .component(let component): add("pull", [component.name] + Self.parts(component), depth: 1)
                }
            }
        }
        for view in provider.views {
            let criteria = [view.instrumentName, view.instrumentKind?.rawValue, view.unit, view.meterName].compactMap { $0 }
            let changes = [
                view.name.map { "named \($0)" }, view.aggregation.map { "aggregation \($0.name)" },
                view.attributeKeys.map { _ in "fewer attributes" }, view.cardinalityLimit.map { "at most \($0) series" },
            ].compactMap { $0 }
            add("view", ["of " + (criteria.isEmpty ? "all instruments" : criteria.joined(separator: " "))] + changes, depth: 1)
        }
        rules(provider.configurator, "meters")
    }

    private mutating func logs(_ provider: TelemetryConfiguration.LoggerProvider?, _ general: TelemetryConfiguration.AttributeLimits) {
        guard let provider else { return add("logs", Self.nothing) }
        add("logs", [Self.limits(provider.limits, general)])
        for processor in provider.processors {
            switch processor {
            case .batch(let batch): add("batch", parts(batch, "logs"), depth: 1)
            case .simple(let exporter): add("simple", parts(exporter, "logs"), depth: 1)
            case .spanEvents: add("span events", ["events are added to their spans too"], depth: 1)
            case .component(let component): add(component.name, Self.parts(component), depth: 1)
            }
        }
        rules(provider.configurator, "loggers")
    }

    // MARK: Instrumentation

    /// Shows what differs from the defaults.
    private mutating func instrumentation(_ instrumentation: TelemetryConfiguration.Instrumentation) {
        let own = instrumentation.helpers
        let server =
            Self.parts(instrumentation.httpServer)
            + Self.names(
                "metrics", instrumentation.effectiveServerMetrics, TelemetryConfiguration.Instrumentation.serverMetrics)
            + (own.trustsForwardedHeaders == false ? ["forwarded headers are not trusted"] : [])
        if !server.isEmpty { add("http server", server) }
        let client =
            Self.parts(instrumentation.httpClient)
            + Self.names(
                "metrics", instrumentation.effectiveClientMetrics, TelemetryConfiguration.Instrumentation.clientMetrics)
        if !client.isEmpty { add("http client", client) }
        if let keys = instrumentation.sensitiveQueryParameters {
            add("urls", [keys.isEmpty ? "no query parameter is redacted" : "redacted: \(keys.joined(separator: " "))"])
        }
        if instrumentation.countsReturnedRows { add("databases", ["returned rows are counted"]) }
        if own.recordsMessages == true { add("models", ["messages are recorded"]) }
        let libraries = (instrumentation.libraries["swift"] ?? [:]).keys.sorted()
        if !libraries.isEmpty { add("libraries", ["settings for \(libraries.joined(separator: " "))"]) }
    }

    private static func parts(_ http: TelemetryConfiguration.HTTP) -> [String] {
        [
            http.requestHeaders.isEmpty ? nil : "request headers \(http.requestHeaders.joined(separator: " "))",
            http.responseHeaders.isEmpty ? nil : "response headers \(http.responseHeaders.joined(separator: " "))",
            http.knownMethods.map { $0.isEmpty ? "no method is known" : "methods \($0.joined(separator: " "))" },
        ].compactMap { $0 }
    }

    private static func names<Options: OptionSet>(
        _ label: String, _ options: Options, _ table: KeyValuePairs<String, Options>
    ) -> [String] where Options.Element == Options {
        let names = table.filter { options.contains($0.value) }.map(\.key)
        return names.isEmpty ? [] : ["\(label) \(names.joined(separator: " "))"]
    }

    // MARK: Parts

    private static func parts(_ component: TelemetryConfiguration.Component) -> [String] {
        // Values may be secrets.
        ["registered in code"] + component.properties.values.keys.sorted().map { "\($0)=***" }
    }

    private func parts(_ batch: TelemetryConfiguration.Batch, _ signal: String) -> [String] {
        parts(batch.exporter, signal) + [
            "queue \(batch.maxQueueSize)", "batches of \(min(batch.maxExportBatchSize ?? 512, batch.maxQueueSize))",
            "every \(batch.scheduleDelay)",
        ]
    }

    private func parts(_ exporter: TelemetryConfiguration.Exporter, _ signal: String) -> [String] {
        switch exporter {
        case .otlp(let otlp):
            let standard = otlp.encoding == .grpc ? GRPCTarget.defaultURL : "http://localhost:4318/v1/\(signal)"
            let names = (otlp.headersList ?? "").split(separator: ",").compactMap { $0.split(separator: "=").first }.map(String.init)
            let headers = (otlp.headers.map(\.name) + names).map { "\($0.trimmingWhiteSpace())=***" }
            return [
                "to \(receivers(otlp, signal, standard))", otlp.encoding.rawValue,
                "compression \(otlp.compression.rawValue)", otlp.timeout == .zero ? "no timeout" : "timeout \(otlp.timeout)",
            ] + (headers.isEmpty ? [] : ["headers \(headers.joined(separator: " "))"])
        case .otlpFile(.file(let path)): return ["lines of OTLP/JSON to \(path)"]
        case .otlpFile(.standardOutput): return ["lines of OTLP/JSON to standard output"]
        case .console: return ["to the console"]
        case .component(let component): return ["to \(component.name)"] + Self.parts(component)
        }
    }

    /// Returns where an exporter sends to, and how it spreads its requests.
    private func receivers(_ otlp: TelemetryConfiguration.OTLP, _ signal: String, _ standard: String) -> String {
        var endpoints = [otlp.endpoint ?? standard]
        if otlp.endpoint == nil, !distribution.otlpEndpoints.isEmpty { endpoints = distribution.otlpEndpoints }
        let routes = distribution.otlpLoadBalancing == .byTraceID && signal != "metrics"
        let way = routes ? " (each trace to one member)" : endpoints.count > 1 ? " (one at a time)" : ""
        return endpoints.map { HTTPURL.withoutUserInformation($0) }.joined(separator: " or ") + way
    }

    private static func text(_ sampler: TelemetryConfiguration.Sampler) -> String {
        switch sampler {
        case .alwaysOn: return "always_on"
        case .alwaysOff: return "always_off"
        case .alwaysRecord(let root): return "always_record of \(text(root))"
        case .ratio(let share): return "trace_id_ratio_based \(share)"
        case .probability(let share): return "probability \(share)"
        case .composite(let composable): return "composite of \(text(composable))"
        case .jaegerRemote(let remote): return "jaeger_remote \(HTTPURL.withoutUserInformation(remote.endpoint))"
        case .component(let component): return "\(component.name) (registered in code)"
        case .parentBased(let samplers):
            let usual = TelemetryConfiguration.ParentBased(root: samplers.root)
            return "parent_based with root \(text(samplers.root))\(samplers == usual ? "" : ", and samplers of its own for parents")"
        }
    }

    private static func text(_ sampler: TelemetryConfiguration.ComposableSampler) -> String {
        switch sampler {
        case .alwaysOn: "always_on"
        case .alwaysOff: "always_off"
        case .probability(let share): "probability \(share)"
        case .parentThreshold(let root): "parent_threshold with root \(text(root))"
        case .ruleBased(let rules):
            "rule_based with \(quantity(rules.count, "rule")): \(rules.map { text($0.sampler) }.joined(separator: "; "))"
        }
    }
}
