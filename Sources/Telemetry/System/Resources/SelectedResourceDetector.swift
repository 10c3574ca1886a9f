// A detector of a configuration, whose attributes are selected by name.

/// Keeps some of the attributes that another detector finds. It reads variables that a configuration file otherwise replaces.
struct SelectedResourceDetector: SourcedResourceDetector {
    let detector: any ResourceDetector
    /// Returns whether an attribute is kept.
    let keeps: @Sendable (String) -> Bool
    let environment: EnvironmentReader

    var name: String { detector.name }

    func detect(in sources: ResourceSources) -> Resource {
        var sources = sources
        sources.environment = environment
        let found: Resource
        if let detector = detector as? any SourcedResourceDetector {
            found = detector.detect(in: sources)
        } else {
            found = Resource.detected(by: detector)
        }
        let kept = Attributes(unique: found.attributes.filter { keeps($0.key) }.map { ($0.key, $0.value) })
        // An entity without one of its attributes is another.
        let entities = found.entities.filter { $0.attributes.allSatisfy { keeps($0.key) } }
        return kept.isEmpty ? .empty : Resource(attributes: kept, schemaURL: found.schemaURL, entities: entities)
    }
}
