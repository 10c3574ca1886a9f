// Samplers that work in the background, and how a provider finds them.

/// A sampler that works in the background while a provider that uses it runs.
protocol BackgroundSampler: Sampler {
    /// What is wrong with the settings given in code.
    var configurationError: ConfigurationError? { get }

    /// Begins; called by the provider that the sampler decides for.
    func start(resource: Resource, clock: TelemetryClock)

    /// Ends what was begun; from then on the sampler decides as it does last.
    func stop()
}

/// A sampler that asks others.
protocol DelegatingSampler: Sampler {
    var delegates: [any Sampler] { get }
}

extension ParentBasedSampler: DelegatingSampler {
    var delegates: [any Sampler] { [root, remoteParentSampled, remoteParentNotSampled, localParentSampled, localParentNotSampled] }
}

extension AlwaysRecordSampler: DelegatingSampler {
    var delegates: [any Sampler] { [root] }
}

/// Finds the samplers that work in the background.
enum BackgroundSamplers {
    /// All of them among a sampler and those that it asks.
    static func all(in sampler: any Sampler) -> [any BackgroundSampler] {
        if let background = sampler as? any BackgroundSampler { return [background] }
        return (sampler as? any DelegatingSampler)?.delegates.flatMap { all(in: $0) } ?? []
    }
}
