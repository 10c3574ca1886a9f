// Makes samplers of a configuration.

/// Makes the samplers of a configuration.
struct ConfiguredSamplers {
    let components: ConfiguredComponents

    func sampler(_ sampler: TelemetryConfiguration.Sampler, _ path: String) -> any Sampler {
        switch sampler {
        case .alwaysOn: return .alwaysOn
        case .alwaysOff: return .alwaysOff
        case .alwaysRecord(let root): return .alwaysRecord(self.sampler(root, "\(path).always_record.root"))
        case .parentBased(let samplers):
            let path = "\(path).parent_based"
            return ParentBasedSampler(
                root: self.sampler(samplers.root, "\(path).root"),
                remoteParentSampled: self.sampler(samplers.remoteParentSampled, "\(path).remote_parent_sampled"),
                remoteParentNotSampled: self.sampler(samplers.remoteParentNotSampled, "\(path).remote_parent_not_sampled"),
                localParentSampled: self.sampler(samplers.localParentSampled, "\(path).local_parent_sampled"),
                localParentNotSampled: self.sampler(samplers.localParentNotSampled, "\(path).local_parent_not_sampled"))
        case .ratio(let share): return checked(.ratio(share), "\(path).trace_id_ratio_based.ratio")
        case .probability(let share): return checked(.probability(share), "\(path).probability/development.ratio")
        case .composite(let composable): return checked(.composite(Self.composable(composable)), "\(path).composite/development")
        case .jaegerRemote(let remote):
            let path = "\(path).jaeger_remote/development"
            let initial = self.sampler(remote.initial, "\(path).initial_sampler")
            return checked(.jaegerRemote(endpoint: remote.endpoint, every: remote.interval, initial: initial), path)
        case .component(let component):
            let made = components.make(
                component, "sampler", "sampler", from: components.providers.samplers, builtIn: ComponentProviders.samplers,
                path: "\(path).\(component.name)")
            return made ?? .alwaysOff
        }
    }

    /// Tells the problem of a sampler whose settings cannot be used, as they can be in a configuration made in code.
    private func checked(_ sampler: some Sampler, _ path: String) -> any Sampler {
        if let problem = (sampler as? any CheckedSettings)?.problem {
            components.problems.fail(path, "\"\(problem.value)\" cannot be used; expected \(problem.expected)")
        }
        return sampler
    }

    private static func composable(_ sampler: TelemetryConfiguration.ComposableSampler) -> any ComposableSampler {
        switch sampler {
        case .alwaysOn: .alwaysOn
        case .alwaysOff: .alwaysOff
        case .probability(let share): .probability(share)
        case .parentThreshold(let root): .parentThreshold(root: composable(root))
        case .ruleBased(let rules): .ruleBased(rules.enumerated().map { rule($1, number: $0 + 1) })
        }
    }

    private static func rule(_ rule: TelemetryConfiguration.SamplingRule, number: Int) -> SamplingRule {
        let conditions = rule.attributes.map { AttributeTest($0) }
        let kinds = rule.spanKinds
        let parents = rule.parents
        return .rule("rule \(number)", composable(rule.sampler)) { request in
            guard kinds.isEmpty || kinds.contains(request.kind) else { return false }
            if !parents.isEmpty {
                let parent = request.parent.spanContext
                guard parents.contains(!parent.isValid ? .none : parent.isRemote ? .remote : .local) else { return false }
            }
            return conditions.allSatisfy { $0.matches(request.attributes) }
        }
    }
}

/// A condition on an attribute, ready to be tested.
private struct AttributeTest: Sendable {
    private let key: String
    private let matches: @Sendable (String) -> Bool

    init(_ condition: TelemetryConfiguration.SamplingRule.AttributeCondition) {
        switch condition {
        case .values(let key, let values):
            self.key = key
            let values = Set(values.map(ExactText.init))
            matches = { values.contains(ExactText($0)) }
        case .patterns(let key, let selection):
            self.key = key
            matches = selection.matcher
        }
    }

    /// Returns whether the attribute is there and matches; of an array one element must match.
    func matches(_ attributes: Attributes) -> Bool {
        guard let value = attributes[key] else { return false }
        if case .array(let elements) = value { return elements.contains { matches($0.description) } }
        return matches(value.description)
    }
}

extension TelemetryConfiguration.NameSelection {
    /// Returns whether a name is selected.
    var matcher: @Sendable (String) -> Bool {
        let included = included.map { $0.map { NamePattern($0) } }
        let excluded = excluded.map { NamePattern($0) }
        return { name in
            (included?.contains { $0.matches(name) } ?? true) && !excluded.contains { $0.matches(name) }
        }
    }
}
