// The machine of Fly.io.

/// Detects the application and the machine from the variables of Fly.io.
///
/// The conventions have no value of `cloud.provider` for it: `fly_io` is ours.
public struct FlyResourceDetector: SourcedResourceDetector {
    public init() {}

    public var name: String { "fly" }

    func detect(in sources: ResourceSources) -> Resource {
        let environment = sources.environment
        guard let application = environment.text("FLY_APP_NAME"), let machine = environment.text("FLY_MACHINE_ID") else { return .empty }
        var attributes: Attributes = [
            SemanticAttributes.Cloud.provider: "fly_io", SemanticAttributes.Service.name: .string(application),
            SemanticAttributes.Service.instanceID: .string(machine), SemanticAttributes.Host.id: .string(machine),
        ]
        attributes.setKnown(SemanticAttributes.Cloud.region, environment.text("FLY_REGION"))
        attributes.setKnown(SemanticAttributes.Service.version, environment.text("FLY_MACHINE_VERSION"))
        attributes.setKnown(SemanticAttributes.Container.imageName, environment.text("FLY_IMAGE_REF"))
        return Resource(attributes: attributes, schemaURL: Resource.semanticConventions)
    }
}

extension ResourceDetector where Self == FlyResourceDetector {
    /// The application and the machine of Fly.io.
    public static var fly: Self { FlyResourceDetector() }
}
