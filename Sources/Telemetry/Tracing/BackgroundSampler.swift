// Samplers with background work, and the search for them.

/// A sampler with background work while a provider that uses it runs.
protocol BackgroundSampler: Sampler {
    /// Starts the background work; called by the provider that uses the sampler.
    func start(resource: Resource, clock: TelemetryClock)

    /// Stops the background work; the last decision rule stays in force.
    func stop()
}

/// A sampler that delegates to others.
protocol DelegatingSampler: Sampler, CheckedSettings {
    var delegates: [any Sampler] { get }
}

extension DelegatingSampler {
    var problem: ConfigurationError? { delegates.firstProblem }
}

extension ParentBasedSampler: DelegatingSampler {
    var delegates: [any Sampler] { [root, remoteParentSampled, remoteParentNotSampled, localParentSampled, localParentNotSampled] }
}

extension AlwaysRecordSampler: DelegatingSampler {
    var delegates: [any Sampler] { [root] }
}

/// Finds the samplers that work in the background.
enum BackgroundSamplers {
    /// Returns the background samplers among a sampler and its delegates.
    static func all(in sampler: any Sampler) -> [any BackgroundSampler] {
        if let background = sampler as? any BackgroundSampler { return [background] }
        return (sampler as? any DelegatingSampler)?.delegates.flatMap { all(in: $0) } ?? []
    }
}
