// Makes the model of the tree of a configuration file.

/// Reads the model from a tree by the rules of the schema, and tells everything that does not follow them.
struct ConfigurationReader {
    let problems: ConfigurationProblems

    /// The newest minor version of the schema that is known.
    private static let newestMinor = 2

    func configuration(_ root: ConfigurationNode) -> TelemetryConfiguration {
        var configuration = TelemetryConfiguration()
        if root.isNull {
            problems.fail("the file is empty; expected a mapping with file_format: \"1.\(Self.newestMinor)\"", at: root.place)
            return configuration
        }
        guard let section = ConfigurationSection(root, path: "", isNullable: false, problems: problems) else { return configuration }
        configuration.fileFormat = fileFormat(section) ?? configuration.fileFormat
        configuration.isDisabled = section.boolean("disabled") ?? false
        configuration.logLevel = severity(section, "log_level") ?? .info
        if let limits = section.section("attribute_limits") { configuration.attributeLimits = closed(limits, attributeLimits) }
        if let resource = section.section("resource") { configuration.resource = closed(resource, self.resource) }
        if let propagator = section.section("propagator") { configuration.propagator = closed(propagator, propagation) }
        configuration.tracerProvider = section.section("tracer_provider").map { closed($0, tracerProvider) }
        configuration.meterProvider = section.section("meter_provider").map { closed($0, meterProvider) }
        configuration.loggerProvider = section.section("logger_provider").map { closed($0, loggerProvider) }
        if let part = section.section("instrumentation/development") { configuration.instrumentation = closed(part, instrumentation) }
        if let distribution = section.section("distribution") { configuration.distribution = self.distribution(distribution) }
        // The schema leaves the top level open.
        section.finish(isOpen: true)
        return configuration
    }

    /// Reads a section, and tells the members that nothing has asked for.
    func closed<Value>(_ section: ConfigurationSection, _ read: (ConfigurationSection) -> Value) -> Value {
        let value = read(section)
        section.finish()
        return value
    }

    /// Reads the properties of a component that has none.
    func empty(_ section: ConfigurationSection) { section.finish() }

    private func fileFormat(_ section: ConfigurationSection) -> String? {
        let key = "file_format"
        section.requires(key, "the version of the schema, as \"1.\(Self.newestMinor)\"")
        guard let text = section.text(key, acceptsNumber: true) else { return nil }
        let numbers = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)[0].split(
            separator: ".", omittingEmptySubsequences: false)
        // Some SDKs write the third number of a version too.
        let hasEnd = numbers.count == 2 || numbers.count == 3 && Int(numbers[2]).map { $0 >= 0 } ?? false
        guard hasEnd, numbers[0] == "1", let minor = Int(numbers[1]), minor >= 0 else {
            problems.fail(key, "\"\(text.prefix(60))\" cannot be read; expected \"1.0\" to \"1.\(Self.newestMinor)\"")
            return nil
        }
        if minor > Self.newestMinor {
            problems.warn(
                "\"\(text)\" is newer than \"1.\(Self.newestMinor)\": properties that are new in it are unknown here",
                at: problems.place(of: key), property: key)
        }
        return text
    }

    private static let severities = LogSeverity.allCases.filter { $0 != .unspecified }

    func severity(_ section: ConfigurationSection, _ key: String) -> LogSeverity? {
        guard let text = section.text(key) else { return nil }
        // The schema has small letters only.
        if let severity = Self.severities.first(where: { $0.shortName.lowercased() == text }) { return severity }
        problems.fail(
            section.path(of: key),
            "\"\(text.prefix(60))\" is unknown; expected trace, debug, info, warn, error or fatal, or one of them with 2 to 4")
        return nil
    }

    func attributeLimits(_ section: ConfigurationSection) -> TelemetryConfiguration.AttributeLimits {
        TelemetryConfiguration.AttributeLimits(
            valueLength: section.integer("attribute_value_length_limit", in: 0...Int.max),
            valueDepth: section.integer("attribute_value_depth_limit", in: AttributeValueLimits.depths),
            count: section.integer("attribute_count_limit", in: 0...Int.max))
    }

    // MARK: Resource and propagators

    private func resource(_ section: ConfigurationSection) -> TelemetryConfiguration.ResourceDescription {
        var resource = TelemetryConfiguration.ResourceDescription()
        resource.attributes = section.sections("attributes", of: "attributes with name and value", atMost: ConfigurationLimits.pairs)
            .compactMap { closed($0, attribute) }
        resource.attributesList = pairs(section, "attributes_list")
        resource.schemaURL = section.text("schema_url")
        if let detection = section.section("detection/development") {
            resource.detectors = components(detection, "detectors", of: "detectors", known: ComponentProviders.detectors)
            if let attributes = detection.section("attributes") { resource.detectedAttributes = closed(attributes, nameSelection) }
            detection.finish()
        }
        return resource
    }

    /// Returns an attribute; nil for one without a value, which the schema ignores, and for one that cannot be used.
    private func attribute(_ section: ConfigurationSection) -> TelemetryConfiguration.Attribute? {
        section.requires("name", "the name of an attribute")
        let name = section.text("name")
        let type = section.choice("type", AttributeType.names) ?? .string
        guard let member = section.member("value") else {
            section.requires("value", "the value of the attribute")
            return nil
        }
        guard !member.value.isNull, !member.value.isUnusable, let name else { return nil }
        guard let value = type.value(of: member.value) else {
            let hint = AttributeType.of(member.value).map { "; or say type: \($0)" } ?? ""
            problems.fail(
                "\(member.value.noun) cannot be used; expected \(type.expected)\(hint)", at: member.value.place,
                property: section.path(of: "value"))
            return nil
        }
        return TelemetryConfiguration.Attribute(name: name, value: value)
    }

    /// Returns a list of pairs `name=value` that can be read.
    func pairs(_ section: ConfigurationSection, _ key: String) -> String? {
        guard let text = section.text(key) else { return nil }
        switch EnvironmentReader.pairs(of: text) {
        case .success(let pairs) where pairs.count <= ConfigurationLimits.pairs: return text
        case .success(let pairs):
            problems.fail(section.path(of: key), "the list has \(pairs.count) pairs; expected at most \(ConfigurationLimits.pairs)")
        case .failure(let problem): problems.fail(section.path(of: key), "the list cannot be read; expected \(problem.expected)")
        }
        return nil
    }

    private func propagation(_ section: ConfigurationSection) -> TelemetryConfiguration.Propagation {
        TelemetryConfiguration.Propagation(
            composite: components(section, "composite", of: "propagators", known: ComponentProviders.propagators),
            compositeList: section.text("composite_list"))
    }

    func nameSelection(_ section: ConfigurationSection) -> TelemetryConfiguration.NameSelection {
        TelemetryConfiguration.NameSelection(
            included: section.texts("included", of: "patterns"), excluded: section.texts("excluded", of: "patterns") ?? [])
    }

    // MARK: Components

    /// Reads a list whose elements are mappings of a name to properties.
    ///
    /// - Parameter known: the built-in names, which have no properties.
    func components(
        _ section: ConfigurationSection, _ key: String, of what: String, known: [String]
    ) -> [TelemetryConfiguration.Component] {
        section.sections(key, of: what, mayBeEmpty: true, acceptsMapping: true).compactMap { element in
            guard let member = element.onlyMember(of: "name of \(what)") else { return nil }
            let component = component(member, element)
            if known.contains(member.key), let properties = element.section(member.key, isNullable: true) { empty(properties) }
            return component
        }
    }

    /// Reads a component of the program's own.
    func component(_ member: ConfigurationNode.Member, _ section: ConfigurationSection) -> TelemetryConfiguration.Component {
        let path = section.path(of: member.key)
        switch member.value.content {
        case .mapping, .null, .unusable: break
        default: problems.fail("\(member.value.noun) cannot be used; expected a mapping", at: member.value.place, property: path)
        }
        return TelemetryConfiguration.Component(member.key, properties(member.value, path))
    }

    /// Reads properties as they are.
    func properties(_ node: ConfigurationNode, _ path: String) -> ConfigurationProperties {
        guard case .mapping(let members) = node.content else { return ConfigurationProperties(path: path) }
        for member in members {
            problems.note(member.value.isNull ? member.keyPlace : member.value.place, of: "\(path).\(member.key)")
        }
        return properties(members, path)
    }

    private func properties(_ members: [ConfigurationNode.Member], _ path: String) -> ConfigurationProperties {
        var properties = ConfigurationProperties(path: path)
        for member in members {
            properties.values[member.key] = value(member.value, "\(path).\(member.key)")
            if member.value.isSubstituted { properties.substituted[member.key] = (properties.values[member.key], member.value.written) }
        }
        return properties
    }

    private func value(_ node: ConfigurationNode, _ path: String) -> ConfigurationProperties.Value {
        switch node.content {
        case .null, .unusable: .null
        case .boolean(let value): .boolean(value)
        case .integer(let value): .integer(value)
        case .number(let value): .number(value)
        case .text(let text): .text(text)
        case .sequence(let nodes): .list(nodes.enumerated().map { value($1, "\(path)[\($0)]") })
        case .mapping: .mapping(properties(node, path))
        }
    }

    // MARK: What the schema leaves open

    /// Reads this SDK's own settings; those of others are left alone.
    private func distribution(_ section: ConfigurationSection) -> TelemetryConfiguration.Distribution {
        var distribution = TelemetryConfiguration.Distribution()
        guard let own = section.section(SDK.name) else { return distribution }
        distribution.watchesFile = own.boolean("watch") ?? false
        distribution.hasSelfMetrics = own.boolean("self_metrics") ?? false
        distribution.usesKernelClock = own.boolean("kernel_clock") ?? false
        distribution.otlpEndpoints = endpoints(own, "otlp_endpoints")
        distribution.otlpLoadBalancing = own.choice("otlp_load_balancing", OTLPLoadBalancing.names) ?? .byConnection
        own.finish()
        return distribution
    }
}

/// The types of attributes in the schema.
private enum AttributeType: Sendable {
    case string, bool, int, double
    indirect case array(AttributeType)

    static let names: KeyValuePairs<String, AttributeType> = [
        "string": .string, "bool": .bool, "int": .int, "double": .double, "string_array": .array(.string), "bool_array": .array(.bool),
        "int_array": .array(.int), "double_array": .array(.double),
    ]

    var expected: String {
        switch self {
        case .string: "a text, in quotes if it looks like a number"
        case .bool: "true or false"
        case .int: "a whole number"
        case .double: "a number"
        case .array(let element): "a list, each element \(element.expected)"
        }
    }

    func value(of node: ConfigurationNode) -> AttributeValue? {
        switch (self, node.content) {
        case (.string, .text(let text)): .string(text)
        // A number in a variable is the text of the variable.
        case (.string, .boolean), (.string, .integer), (.string, .number): node.isSubstituted ? .string(node.written) : nil
        case (.bool, .boolean(let value)): .bool(value)
        case (.int, .integer(let value)): .int(Int64(value))
        case (.double, .integer(let value)): .double(Double(value))
        case (.double, .number(let value)): .double(value)
        case (.array(let element), .sequence(let nodes)): array(nodes.map { element.value(of: $0) })
        default: nil
        }
    }

    private func array(_ values: [AttributeValue?]) -> AttributeValue? {
        let usable = values.compactMap { $0 }
        return usable.count == values.count && !usable.isEmpty ? .array(usable) : nil
    }

    /// Returns the name of the type that a scalar has.
    static func of(_ node: ConfigurationNode) -> String? {
        switch node.content {
        case .boolean: "bool"
        case .integer: "int"
        case .number: "double"
        default: nil
        }
    }
}
