// Merges resources that are composed of entities.

extension Resource {
    /// Makes a resource that is composed of entities, in order of their priority, and of other attributes.
    ///
    /// In development. The entities replace attributes with their keys. Of two entities with the same key, or with the same type and different
    /// identities, the later one is left out. (Specification: resource SDK, "Create".)
    public init(entities: [ResourceEntity], attributes: Attributes = [:]) {
        self = Resource(attributes: attributes).merging(
            Resource(composedOf: entities.filter(\.isValid)))
    }

    private init(composedOf entities: [ResourceEntity], and others: Attributes = [:]) {
        let own = entities.reduce(into: Attributes()) { $0.merge($1.attributes) }
        let first = entities.first?.schemaURL ?? ""
        self.init(
            attributes: own.merging(others),
            schemaURL: entities.allSatisfy { $0.schemaURL == first } ? first : "", entities: entities)
    }

    /// The attributes that belong to no entity. In development.
    public var unassociatedAttributes: Attributes {
        Attributes(attributes.filter { attribute in !entities.contains { $0.hasKey(attribute.key) } })
    }

    /// Returns this resource updated by another, where either has entities.
    ///
    /// What is known about entities stays: the other adds details to the same entities, and entities of other types. An attribute of the other
    /// that belongs to no entity removes an entity with another value under its key. (Specification: resource data model, "Merging
    /// Entities into a Resource".)
    func mergingEntities(_ updating: Resource) -> Resource {
        let loose = updating.unassociatedAttributes
        var merged = entities.filter { entity in
            !loose.contains { entity.hasKey($0.key) && entity.attributes[$0.key] != $0.value }
        }
        for entity in updating.entities {
            guard let place = merged.firstIndex(where: { $0.type == entity.type }) else {
                merged.append(entity)
                continue
            }
            merged[place] = merged[place].merging(entity) ?? merged[place]
        }
        var kept: [ResourceEntity] = []
        for entity in merged
        where !kept.contains(where: { other in entity.attributes.contains { other.hasKey($0.key) } }) {
            kept.append(entity)
        }
        let others = unassociatedAttributes.merging(loose).filter { attribute in
            !kept.contains { $0.hasKey(attribute.key) }
        }
        return Resource(composedOf: kept, and: Attributes(others))
    }
}
