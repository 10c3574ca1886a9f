// An entity that a resource is about.

/// Something that telemetry is about: a service, a process, a host. A resource is composed of such entities and of other attributes.
///
/// In development: the conventions for entities may change, and this type with them. (Specification: entities, "Data model".)
public struct ResourceEntity: Sendable, Hashable {
    /// The type, as `service` or `k8s.pod`.
    public let type: String
    /// The attributes that identify the entity, which do not change; an entity has one at least.
    public let identity: Attributes
    /// The attributes that only describe the entity.
    public let details: Attributes
    /// The schema that the attributes' names follow, or an empty text.
    public let schemaURL: String

    /// - Parameters:
    ///   - identity: the identifying attributes; without one, or without a type, resources leave the entity out.
    ///   - details: the describing attributes; those with a key of the identity are left out.
    public init(type: String, identity: Attributes, details: Attributes = [:], schemaURL: String = "") {
        self.type = type
        self.identity = identity.canonical
        self.details = Attributes(details.canonical.filter { identity[$0.key] == nil })
        self.schemaURL = schemaURL
    }

    /// All attributes.
    var attributes: Attributes { identity.merging(details) }

    var isValid: Bool { !type.isEmpty && !identity.isEmpty }

    func hasKey(_ key: String) -> Bool { identity[key] != nil || details[key] != nil }

    /// Returns the entity with the details of another description of it; nil if the other is a different entity.
    ///
    /// The other's details take precedence. (Specification: entities, "Merging of Entities".)
    func merging(_ other: ResourceEntity) -> ResourceEntity? {
        guard type == other.type, schemaURL == other.schemaURL,
            identity.hasSameValues(as: other.identity)
        else { return nil }
        return ResourceEntity(
            type: type, identity: identity, details: details.merging(other.details), schemaURL: schemaURL)
    }

    /// Returns the entity without some of its details.
    func removing(details keys: [String]) -> ResourceEntity {
        ResourceEntity(
            type: type, identity: identity,
            details: Attributes(
                details.filter { detail in !keys.contains { $0.hasSameBytes(as: detail.key) } }),
            schemaURL: schemaURL)
    }
}

extension Attributes {
    /// Whether both have the same values under the same keys, in any order.
    func hasSameValues(as other: Attributes) -> Bool {
        count == other.count && allSatisfy { other[$0.key] == $0.value }
    }
}
