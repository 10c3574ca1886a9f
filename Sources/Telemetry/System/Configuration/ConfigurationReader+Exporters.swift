// Reads exporters, batches and rules for scopes.

extension ConfigurationReader {
    typealias Exporter = TelemetryConfiguration.Exporter

    /// Reads the exporter of a processor or reader; nil if there is none, which is told.
    func exporter(of section: ConfigurationSection) -> Exporter? {
        let expected = "an exporter: otlp_http, otlp_grpc, console"
        guard let exporters = section.requiredSection("exporter", expected), let member = exporters.onlyMember(of: "exporter") else {
            return nil
        }
        return exporter(member, exporters) { _ in }
    }

    /// - Parameter more: reads the further properties of an exporter of metrics.
    func exporter(
        _ member: ConfigurationNode.Member, _ exporters: ConfigurationSection, _ more: (ConfigurationSection) -> Void
    ) -> Exporter? {
        func builtIn(_ read: (ConfigurationSection) -> Exporter) -> Exporter? {
            guard let section = exporters.section(member.key, isNullable: true) else { return nil }
            return closed(section) { section in
                more(section)
                return read(section)
            }
        }
        switch member.key {
        case "otlp_http": return builtIn { .otlp(otlp($0, isGRPC: false)) }
        case "otlp_grpc": return builtIn { .otlp(otlp($0, isGRPC: true)) }
        case "otlp_file/development": return builtIn { .otlpFile(fileTarget($0)) }
        case "console": return builtIn { _ in .console }
        default: return .component(component(member, exporters))
        }
    }

    private func otlp(_ section: ConfigurationSection, isGRPC: Bool) -> TelemetryConfiguration.OTLP {
        var otlp = TelemetryConfiguration.OTLP(encoding: isGRPC ? .grpc : .protobuf)
        otlp.endpoint = section.text("endpoint")
        if let tls = section.section("tls", isNullable: true) {
            otlp.certificates = OTLPCertificateFiles(
                authority: file(tls, "ca_file"), client: file(tls, "cert_file"), clientKey: file(tls, "key_file"))
            if isGRPC { otlp.isInsecure = tls.boolean("insecure") ?? false }
            tls.finish()
        }
        checkEndpoint(otlp, section)
        otlp.headers = section.sections("headers", of: "headers with name and value", atMost: ConfigurationLimits.pairs, isSecret: true)
            .compactMap { closed($0, header) }
        otlp.headersList = pairs(section, "headers_list")
        otlp.compression = section.choice("compression", ["none": .uncompressed, "gzip": .gzip, "zstd": .zstd]) ?? .uncompressed
        otlp.timeout = section.milliseconds("timeout") ?? otlp.timeout
        otlp.maximumRequestBytes = section.integer("max_request_size", in: 0...Int.max, "bytes") ?? otlp.maximumRequestBytes
        otlp.maximumResponseBytes = section.integer("max_response_size", in: 1...Int.max, "bytes") ?? otlp.maximumResponseBytes
        if !isGRPC { otlp.encoding = section.choice("encoding", ["protobuf": .protobuf, "json": .json]) ?? .protobuf }
        return otlp
    }

    private func checkEndpoint(_ otlp: TelemetryConfiguration.OTLP, _ section: ConfigurationSection) {
        guard let endpoint = otlp.endpoint else { return }
        let isURL = otlp.encoding == .grpc ? GRPCTarget.url(endpoint, isInsecure: { otlp.isInsecure }) != nil : HTTPURL(endpoint) != nil
        guard !isURL else { return }
        let expected =
            otlp.encoding == .grpc ? GRPCTarget.expected : "a URL with the path of the signal, as http://collector:4318/v1/traces"
        problems.fail(
            section.path(of: "endpoint"), "\"\(HTTPURL.withoutUserInformation(endpoint))\" is no address; expected \(expected)")
    }

    /// Reads the endpoints of a fleet: base addresses.
    func endpoints(_ section: ConfigurationSection, _ key: String) -> [String] {
        let endpoints = section.texts(key, of: "endpoints as http://10.0.0.1:4318") ?? []
        let path = section.path(of: key)
        if let problem = OTLPListedEndpoint.problem(of: endpoints) {
            guard let index = problem.index else {
                problems.fail(path, "the list has \(problem.value); expected \(problem.expected)")
                return []
            }
            problems.fail("\(path)[\(index)]", "\"\(problem.value)\" is there already; expected \(problem.expected)")
        }
        for (index, endpoint) in endpoints.enumerated() where GRPCTarget.url(endpoint, isInsecure: { true }) == nil {
            let shown = HTTPURL.withoutUserInformation(endpoint)
            problems.fail("\(path)[\(index)]", "\"\(shown)\" is no address; expected a URL as http://10.0.0.1:4318")
        }
        return endpoints
    }

    private func file(_ section: ConfigurationSection, _ key: String) -> String? {
        guard let path = section.text(key) else { return nil }
        guard path.hasPrefix("/") else {
            problems.fail(section.path(of: key), "\"\(path.prefix(60))\" is no absolute path; expected one that starts with /")
            return nil
        }
        return path
    }

    /// Returns a header; nil for one without a value, which the schema ignores.
    private func header(_ section: ConfigurationSection) -> TelemetryConfiguration.Header? {
        section.requires("name", "the name of a header")
        let name = section.text("name")
        guard let member = section.member("value") else {
            section.requires("value", "the value of the header")
            return nil
        }
        guard !member.value.isNull, !member.value.isUnusable, let name else { return nil }
        // The value is never told: it may be a secret.
        guard case .some(let value) = ConfigurationSection.text(of: member.value, acceptsNumber: true) else {
            problems.fail("the value cannot be used; expected a text", at: member.value.place, property: section.path(of: "value"))
            return nil
        }
        guard OTLPSettings.isHeader((name, value)) else {
            problems.fail(
                section.path,
                "the header cannot be sent; expected a name of letters, digits and dashes, and a value without control characters")
            return nil
        }
        return TelemetryConfiguration.Header(name: name, value: value)
    }

    private func fileTarget(_ section: ConfigurationSection) -> OTLPFileTarget {
        guard let text = section.text("output_stream"), text != "stdout" else { return .standardOutput }
        let scheme = "file://"
        guard text.hasPrefix(scheme + "/") else {
            problems.fail(
                section.path(of: "output_stream"), "\"\(text.prefix(60))\" is unknown; expected stdout, or file:///path/of/a/file.jsonl")
            return .standardOutput
        }
        return .file(String(text.dropFirst(scheme.count)))
    }

    // MARK: Batches

    func batch(_ section: ConfigurationSection, scheduleDelay: Duration) -> TelemetryConfiguration.Batch? {
        let exporter = exporter(of: section)
        // Read even if there is no exporter, so that all problems are told.
        var batch = TelemetryConfiguration.Batch(
            exporter ?? .console, scheduleDelay: section.milliseconds("schedule_delay") ?? scheduleDelay)
        batch.exportTimeout = section.timeout("export_timeout") ?? batch.exportTimeout
        batch.maxQueueSize = section.integer("max_queue_size", in: 1...1_000_000_000, "items") ?? batch.maxQueueSize
        batch.maxExportBatchSize = section.integer("max_export_batch_size", in: 1...1_000_000_000, "items")
        if let size = batch.maxExportBatchSize, size > batch.maxQueueSize {
            problems.fail(
                section.path(of: "max_export_batch_size"),
                "\(size) is more than the queue holds; expected at most max_queue_size, \(batch.maxQueueSize)")
        }
        return exporter == nil ? nil : batch
    }

    func simple(_ section: ConfigurationSection) -> Exporter? { exporter(of: section) }

    // MARK: Rules for scopes

    /// - Parameters:
    ///   - list: the name of the list of rules.
    ///   - read: reads the configuration of a scope.
    func scopeRules<Configuration: ScopeConfiguration>(
        _ section: ConfigurationSection, list: String, _ read: (ConfigurationSection) -> Configuration
    ) -> TelemetryConfiguration.ScopeRules<Configuration> {
        var rules = TelemetryConfiguration.ScopeRules<Configuration>()
        if let standard = section.section("default_config") { rules.standard = closed(standard, read) }
        rules.rules = section.sections(list, of: "rules with name and config").compactMap { rule in
            closed(rule) { rule in
                rule.requires("name", "the name of a scope, or a pattern with * and ?")
                let name = rule.text("name")
                guard let configuration = rule.requiredSection("config", "a configuration, as enabled: false"), let name else { return nil }
                return TelemetryConfiguration.ScopeRules<Configuration>.Rule(name: name, configuration: closed(configuration, read))
            }
        }
        return rules
    }

    /// Reads a configuration that has nothing but a switch.
    func switched<Configuration: ScopeConfiguration>(_ section: ConfigurationSection) -> Configuration {
        var configuration = Configuration()
        configuration.isEnabled = section.boolean("enabled") ?? true
        return configuration
    }
}
