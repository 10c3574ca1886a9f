// Reads what a configuration file says of instrumentation.

extension ConfigurationReader {
    /// The languages of the schema; the settings of their libraries are kept as they are.
    private static let languages = ["cpp", "dotnet", "erlang", "go", "java", "js", "php", "python", "ruby", "rust", "swift"]
    private static let ownPath = "instrumentation/development.swift.\(SDK.name)"

    func instrumentation(_ section: ConfigurationSection) -> TelemetryConfiguration.Instrumentation {
        var instrumentation = TelemetryConfiguration.Instrumentation()
        if let general = section.section("general") { closed(general) { self.general($0, &instrumentation) } }
        for language in Self.languages {
            guard let libraries = section.section(language) else { continue }
            if language == "swift", let own = libraries.section(SDK.name) { instrumentation.helpers = closed(own, helpers) }
            instrumentation.libraries[language] = self.libraries(libraries)
        }
        return instrumentation
    }

    private func general(_ section: ConfigurationSection, _ instrumentation: inout TelemetryConfiguration.Instrumentation) {
        for domain in TelemetryConfiguration.Domain.allCases {
            guard let part = section.section(domain.rawValue) else { continue }
            if let conventions = part.section("semconv") { instrumentation.conventions[domain] = closed(conventions, self.conventions) }
            if domain == .http {
                if let client = part.section("client") { instrumentation.httpClient = closed(client, http) }
                if let server = part.section("server") { instrumentation.httpServer = closed(server, http) }
            }
            part.finish()
        }
        if let sanitization = section.section("sanitization") {
            if let url = sanitization.section("url") {
                instrumentation.sensitiveQueryParameters = nameList(
                    url, "sensitive_query_parameters", of: "names of query parameters", mayBeEmpty: true)
                url.finish()
            }
            sanitization.finish()
        }
        instrumentation.stabilityOptIn = section.text("stability_opt_in_list")
    }

    private func conventions(_ section: ConfigurationSection) -> TelemetryConfiguration.Conventions {
        TelemetryConfiguration.Conventions(
            version: section.integer("version", in: 0...Int.max), areExperimental: section.boolean("experimental") ?? false,
            includePrevious: section.boolean("dual_emit") ?? false)
    }

    private func http(_ section: ConfigurationSection) -> TelemetryConfiguration.HTTP {
        TelemetryConfiguration.HTTP(
            requestHeaders: tokens(section, "request_captured_headers", of: "names of headers", mayBeEmpty: true) ?? [],
            responseHeaders: tokens(section, "response_captured_headers", of: "names of headers", mayBeEmpty: true) ?? [],
            knownMethods: tokens(section, "known_methods", of: "methods", mayBeEmpty: true))
    }

    private func helpers(_ section: ConfigurationSection) -> TelemetryConfiguration.Helpers {
        var helpers = TelemetryConfiguration.Helpers()
        helpers.trustsForwardedHeaders = section.boolean("trust_forwarded_headers")
        helpers.httpServerMetrics = options(section, "http_server_metrics", TelemetryConfiguration.Instrumentation.serverMetrics)
        helpers.httpClientMetrics = options(section, "http_client_metrics", TelemetryConfiguration.Instrumentation.clientMetrics)
        helpers.recordsReturnedRows = section.boolean("database_returned_rows")
        helpers.recordsMessages = section.boolean("gen_ai_messages")
        return helpers
    }

    /// Reads the libraries of a language, each of which is a mapping.
    private func libraries(_ section: ConfigurationSection) -> [String: ConfigurationProperties] {
        var libraries: [String: ConfigurationProperties] = [:]
        // This SDK's own are read as settings of the helpers.
        for member in section.allMembers() where section.path(of: member.key) != Self.ownPath {
            let path = section.path(of: member.key)
            switch member.value.content {
            case .mapping: libraries[member.key] = properties(member.value, path)
            case .unusable: break
            default: problems.fail("\(member.value.noun) cannot be used; expected a mapping", at: member.value.place, property: path)
            }
        }
        return libraries
    }

    /// Returns a list of names, at most as many as an exporter may have headers.
    private func nameList(_ section: ConfigurationSection, _ key: String, of what: String, mayBeEmpty: Bool = false) -> [String]? {
        guard let names = section.texts(key, of: what, mayBeEmpty: mayBeEmpty) else { return nil }
        guard names.count <= ConfigurationLimits.pairs else {
            problems.fail(
                section.path(of: key), "the list has \(names.count) elements; expected at most \(ConfigurationLimits.pairs)")
            return nil
        }
        return names
    }

    /// Returns a list of names as headers and methods have them.
    private func tokens(_ section: ConfigurationSection, _ key: String, of what: String, mayBeEmpty: Bool = false) -> [String]? {
        let names = nameList(section, key, of: what, mayBeEmpty: mayBeEmpty)
        for (index, name) in (names ?? []).enumerated() where name.isEmpty || !name.utf8.allSatisfy(TokenCharacters.contains) {
            problems.fail(
                "\(section.path(of: key))[\(index)]", "\"\(name.prefix(60))\" cannot be used; expected letters, digits and hyphens")
        }
        return names
    }

    /// Returns the options that a list names.
    private func options<Options: OptionSet>(
        _ section: ConfigurationSection, _ key: String, _ table: KeyValuePairs<String, Options>
    ) -> Options? where Options.Element == Options {
        guard let names = section.texts(key, of: "metrics", mayBeEmpty: true) else { return nil }
        var options: Options = []
        for (index, name) in names.enumerated() {
            if let option = table.first(where: { $0.key == name })?.value {
                options.formUnion(option)
            } else {
                problems.fail(
                    "\(section.path(of: key))[\(index)]",
                    "\"\(name.prefix(60))\" is unknown; expected \(table.map(\.key).joined(separator: ", "))")
            }
        }
        return options
    }
}
