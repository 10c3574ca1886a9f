// What the SDK's own detectors have in common: a test can give them files and variables.

/// A detector that reads only the given sources.
protocol SourcedResourceDetector: ResourceDetector {
    func detect(in sources: ResourceSources) -> Resource
}

extension SourcedResourceDetector {
    public func detect() -> Resource { detect(in: ResourceSources()) }
}
