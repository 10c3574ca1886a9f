// Reads the tracer provider and its samplers.

extension ConfigurationReader {
    typealias ConfiguredSampler = TelemetryConfiguration.Sampler

    func tracerProvider(_ section: ConfigurationSection) -> TelemetryConfiguration.TracerProvider {
        var provider = TelemetryConfiguration.TracerProvider(
            processors: section.sections("processors", of: "span processors", isRequired: true).compactMap(spanProcessor))
        if let limits = section.section("limits") { provider.limits = closed(limits, spanLimits) }
        if let sampler = section.section("sampler") { provider.sampler = self.sampler(sampler) ?? provider.sampler }
        if let generator = section.section("id_generator"), let member = generator.onlyMember(of: "generator of identifiers") {
            if member.key == "random" {
                if let random = generator.section(member.key, isNullable: true) { empty(random) }
            } else {
                provider.idGenerator = component(member, generator)
            }
        }
        provider.configurator = section.section("tracer_configurator/development").map { configurator in
            closed(configurator) { scopeRules($0, list: "tracers", switched) }
        }
        return provider
    }

    private func spanProcessor(_ section: ConfigurationSection) -> TelemetryConfiguration.SpanProcessor? {
        guard let member = section.onlyMember(of: "span processor: batch or simple") else { return nil }
        switch member.key {
        case "batch": return section.section("batch").flatMap { closed($0) { batch($0, scheduleDelay: .seconds(5)) } }.map { .batch($0) }
        case "simple": return section.section("simple").flatMap { closed($0, simple) }.map { .simple($0) }
        default: return .component(component(member, section))
        }
    }

    private func spanLimits(_ section: ConfigurationSection) -> TelemetryConfiguration.SpanLimits {
        var limits = TelemetryConfiguration.SpanLimits()
        limits.attributes = attributeLimits(section)
        limits.eventCount = section.integer("event_count_limit", in: 0...Int.max)
        limits.linkCount = section.integer("link_count_limit", in: 0...Int.max)
        limits.eventAttributeCount = section.integer("event_attribute_count_limit", in: 0...Int.max)
        limits.linkAttributeCount = section.integer("link_attribute_count_limit", in: 0...Int.max)
        return limits
    }

    // MARK: Samplers

    private func sampler(_ section: ConfigurationSection) -> ConfiguredSampler? {
        guard let member = section.onlyMember(of: "sampler") else { return nil }
        func builtIn(isNullable: Bool = true, _ read: (ConfigurationSection) -> ConfiguredSampler?) -> ConfiguredSampler? {
            section.section(member.key, isNullable: isNullable).flatMap { closed($0, read) }
        }
        switch member.key {
        case "always_on": return builtIn { _ in .alwaysOn }
        case "always_off": return builtIn { _ in .alwaysOff }
        case "always_record":
            return builtIn(isNullable: false) { section in requiredSampler(section, "root").map { .alwaysRecord(root: $0) } }
        case "parent_based": return builtIn { .parentBased(parentBased($0)) }
        case "trace_id_ratio_based": return builtIn { .ratio($0.number("ratio", in: 0...1) ?? 1) }
        case "probability/development": return builtIn { .probability($0.number("ratio", in: 0...1) ?? 1) }
        case "composite/development":
            return section.section(member.key).flatMap { composable($0) }.map { .composite($0) }
        case "jaeger_remote/development": return builtIn { jaegerRemote($0) }
        default: return .component(component(member, section))
        }
    }

    private func requiredSampler(_ section: ConfigurationSection, _ key: String) -> ConfiguredSampler? {
        section.requiredSection(key, "a sampler").flatMap { sampler($0) }
    }

    private func parentBased(_ section: ConfigurationSection) -> TelemetryConfiguration.ParentBased {
        var samplers = TelemetryConfiguration.ParentBased()
        func set(_ key: String, _ property: WritableKeyPath<TelemetryConfiguration.ParentBased, ConfiguredSampler>) {
            if let sampler = section.section(key).flatMap({ sampler($0) }) { samplers[keyPath: property] = sampler }
        }
        set("root", \.root)
        set("remote_parent_sampled", \.remoteParentSampled)
        set("remote_parent_not_sampled", \.remoteParentNotSampled)
        set("local_parent_sampled", \.localParentSampled)
        set("local_parent_not_sampled", \.localParentNotSampled)
        return samplers
    }

    private func jaegerRemote(_ section: ConfigurationSection) -> ConfiguredSampler? {
        section.requires("endpoint", "a URL as http://collector:5778/sampling")
        let endpoint = section.text("endpoint")
        let interval = section.milliseconds("interval", atLeast: 1)
        if let endpoint, HTTPURL(endpoint) == nil {
            problems.fail(
                section.path(of: "endpoint"),
                "\"\(HTTPURL.withoutUserInformation(endpoint))\" is no URL; expected one as http://collector:5778/sampling, over HTTP and not gRPC"
            )
        }
        guard let initial = requiredSampler(section, "initial_sampler"), let endpoint else { return nil }
        var sampler = TelemetryConfiguration.JaegerRemote(endpoint: endpoint, initial: initial)
        sampler.interval = interval ?? sampler.interval
        return .jaegerRemote(sampler)
    }

    // MARK: Composable samplers

    private func composable(_ section: ConfigurationSection) -> TelemetryConfiguration.ComposableSampler? {
        guard let member = section.onlyMember(of: "composable sampler") else { return nil }
        func builtIn(
            isNullable: Bool = true, _ read: (ConfigurationSection) -> TelemetryConfiguration.ComposableSampler?
        ) -> TelemetryConfiguration.ComposableSampler? {
            section.section(member.key, isNullable: isNullable).flatMap { closed($0, read) }
        }
        switch member.key {
        case "always_on": return builtIn { _ in .alwaysOn }
        case "always_off": return builtIn { _ in .alwaysOff }
        case "probability": return builtIn { .probability($0.number("ratio", in: 0...1) ?? 1) }
        case "parent_threshold":
            return builtIn(isNullable: false) { section in
                section.requiredSection("root", "a composable sampler").flatMap { composable($0) }.map { .parentThreshold(root: $0) }
            }
        case "rule_based":
            return builtIn { section in
                .ruleBased(section.sections("rules", of: "rules with a sampler").compactMap { closed($0, samplingRule) })
            }
        default:
            problems.fail(
                section.path(of: member.key),
                "\"\(member.key)\" is unknown; expected always_on, always_off, probability, parent_threshold or rule_based")
            return nil
        }
    }

    private func samplingRule(_ section: ConfigurationSection) -> TelemetryConfiguration.SamplingRule? {
        let attributes = [
            section.section("attribute_values").flatMap { closed($0, attributeValues) },
            section.section("attribute_patterns").flatMap { closed($0, attributePatterns) },
        ]
        let kinds: KeyValuePairs<String, SpanKind> = [
            "internal": .internal, "server": .server, "client": .client, "producer": .producer, "consumer": .consumer,
        ]
        let spanKinds = words(section, "span_kinds", of: "kinds of spans", kinds)
        let parents = words(section, "parent", of: "parents", ["none": .none, "remote": .remote, "local": .local]) as [Parent]
        guard let sampler = section.requiredSection("sampler", "a composable sampler").flatMap({ composable($0) }) else { return nil }
        var rule = TelemetryConfiguration.SamplingRule(sampler)
        rule.attributes = attributes.compactMap { $0 }
        rule.spanKinds = spanKinds
        rule.parents = parents
        return rule
    }

    private typealias Parent = TelemetryConfiguration.SamplingRule.Parent

    private func words<Value>(
        _ section: ConfigurationSection, _ key: String, of what: String, _ table: KeyValuePairs<String, Value>
    ) -> [Value] {
        (section.texts(key, of: what) ?? []).compactMap { text in
            if let value = table.first(where: { $0.key == text })?.value { return value }
            problems.fail(section.path(of: key), "\"\(text.prefix(60))\" is unknown; expected \(table.map(\.key).joined(separator: ", "))")
            return nil
        }
    }

    private func attributeValues(_ section: ConfigurationSection) -> TelemetryConfiguration.SamplingRule.AttributeCondition? {
        section.requires("key", "the name of an attribute")
        section.requires("values", "a list of values")
        guard let key = section.text("key") else { return nil }
        return section.texts("values", of: "values").map { .values(key: key, $0) }
    }

    private func attributePatterns(_ section: ConfigurationSection) -> TelemetryConfiguration.SamplingRule.AttributeCondition? {
        section.requires("key", "the name of an attribute")
        let selection = nameSelection(section)
        return section.text("key").map { .patterns(key: $0, selection) }
    }
}
