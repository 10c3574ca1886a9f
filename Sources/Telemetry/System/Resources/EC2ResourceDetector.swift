// The instance of Amazon EC2.

/// Detects the instance of Amazon EC2 from its metadata service, with a session token (IMDSv2).
///
/// It waits at most 500 ms. A container reaches the service only if the instance's hop limit allows it.
public struct EC2ResourceDetector: SourcedResourceDetector {
    public init() {}

    public var name: String { "ec2" }

    func detect(in sources: ResourceSources) -> Resource {
        let service = MetadataService("http://169.254.169.254", in: sources)
        guard let token = Self.token(service), let attributes = Self.instance(service, token) else { return .empty }
        var all = attributes
        all[SemanticAttributes.Cloud.platform] = "aws_ec2"
        all.setKnown(SemanticAttributes.Host.name, service.response("/latest/meta-data/hostname", [token])?.trimmedText)
        return Resource(attributes: all, schemaURL: Resource.semanticConventions)
    }

    /// Returns the header of a session with the metadata service.
    static func token(_ service: MetadataService) -> (name: String, value: String)? {
        service.response("/latest/api/token", [("X-aws-ec2-metadata-token-ttl-seconds", "60")], isPut: true)?.trimmedText
            .map { ("X-aws-ec2-metadata-token", $0) }
    }

    /// Returns what the identity document says about the instance.
    static func instance(_ service: MetadataService, _ token: (name: String, value: String)) -> Attributes? {
        guard let document = service.document("/latest/dynamic/instance-identity/document", [token]),
            let identifier = document["instanceId"]?.text
        else { return nil }
        var attributes: Attributes = [SemanticAttributes.Cloud.provider: "aws", SemanticAttributes.Host.id: .string(identifier)]
        attributes.setKnown(SemanticAttributes.Cloud.accountID, document["accountId"]?.text)
        attributes.setKnown(SemanticAttributes.Cloud.region, document["region"]?.text)
        attributes.setKnown(SemanticAttributes.Cloud.availabilityZone, document["availabilityZone"]?.text)
        attributes.setKnown(SemanticAttributes.Host.imageID, document["imageId"]?.text)
        attributes.setKnown(SemanticAttributes.Host.type, document["instanceType"]?.text)
        return attributes
    }
}

extension ResourceDetector where Self == EC2ResourceDetector {
    /// The instance of Amazon EC2: its account, region, zone, identifier, image and type.
    public static var ec2: Self { EC2ResourceDetector() }
}
