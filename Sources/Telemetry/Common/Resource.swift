// Resources and their merge rules.

/// The entity that produces telemetry: a service, its process, its host.
///
/// Immutable; attributes of a resource are outside all limits. (Specification: resource SDK.)
public struct Resource: Sendable, Hashable {
    public let attributes: Attributes
    /// The schema that the attributes' names follow, or an empty text.
    public let schemaURL: String
    /// The entities that the resource is composed of, whose attributes are among its own. In development.
    public let entities: [ResourceEntity]

    public init(attributes: Attributes = [:], schemaURL: String = "") {
        self.init(attributes: attributes, schemaURL: schemaURL, entities: [])
    }

    /// Makes a resource of attributes: `Resource(["service.name": "album-store", "deployment.environment.name": "staging"])`.
    public init(_ attributes: Attributes) {
        self.init(attributes: attributes)
    }

    /// - Parameter attributes: those of the entities too.
    init(attributes: Attributes, schemaURL: String, entities: [ResourceEntity]) {
        self.attributes = attributes
        self.schemaURL = schemaURL
        self.entities = entities
    }

    /// A resource without attributes.
    public static let empty = Resource()

    /// A service by its name, and if known its version, namespace and instance.
    public static func service(
        _ name: String, version: String? = nil, namespace: String? = nil, instanceID: String? = nil, attributes: Attributes = [:]
    ) -> Resource {
        var own: Attributes = [SemanticAttributes.Service.name: .string(name)]
        own[SemanticAttributes.Service.version] = version.map(AttributeValue.string)
        own[SemanticAttributes.Service.namespace] = namespace.map(AttributeValue.string)
        own[SemanticAttributes.Service.instanceID] = instanceID.map(AttributeValue.string)
        return Resource(attributes: own.merging(attributes))
    }

    /// This resource updated by another: the other's value counts for each key both have, even an empty one.
    ///
    /// An empty schema URL yields to the other's. Two different ones cannot be reconciled: the attributes are kept and
    /// the URL is dropped, which is reported. (Specification: resource SDK, "Merge".)
    public func merging(_ updating: Resource) -> Resource {
        guard entities.isEmpty && updating.entities.isEmpty else { return mergingEntities(updating) }
        let url: String
        if schemaURL.isEmpty || schemaURL == updating.schemaURL {
            url = updating.schemaURL
        } else {
            url = updating.schemaURL.isEmpty ? schemaURL : ""
            if url.isEmpty {
                Diagnostics.report(
                    .warning, topic: "resource.schema",
                    "Two resources with the schema URLs \(schemaURL) and \(updating.schemaURL) were merged: the result has none.")
            }
        }
        return Resource(attributes: attributes.merging(updating.attributes), schemaURL: url)
    }
}
