// The cluster of Amazon EKS.

/// Detects Amazon EKS by the issuer of the pod's service account, and the instance from its metadata service.
///
/// The cluster's name is found where the instance passes its tags on (`eks:cluster-name`); else give it to the pod as `K8S_CLUSTER_NAME`, which
/// `.kubernetes` reads. The service is asked for at most 500 ms.
public struct EKSResourceDetector: SourcedResourceDetector {
    public init() {}

    public var name: String { "eks" }

    func detect(in sources: ResourceSources) -> Resource {
        guard sources.environment.text("KUBERNETES_SERVICE_HOST") != nil,
            let token = sources.line(of: "/var/run/secrets/kubernetes.io/serviceaccount/token"), let region = Self.region(ofToken: token)
        else { return .empty }
        let service = MetadataService("http://169.254.169.254", in: sources)
        var attributes: Attributes = [SemanticAttributes.Cloud.provider: "aws", SemanticAttributes.Cloud.region: .string(region)]
        if let session = EC2ResourceDetector.token(service) {
            attributes.merge(EC2ResourceDetector.instance(service, session) ?? [:])
            let cluster = service.response("/latest/meta-data/tags/instance/eks:cluster-name", [session])
            attributes.setKnown(SemanticAttributes.Kubernetes.clusterName, cluster?.trimmedText)
        }
        attributes[SemanticAttributes.Cloud.platform] = "aws_eks"
        return Resource(attributes: attributes, schemaURL: Resource.semanticConventions)
    }

    /// Returns the region in the issuer of a service account's token, `https://oidc.eks.REGION.amazonaws.com/id/…`.
    ///
    /// The token is only read; nothing depends on whether it is genuine.
    static func region(ofToken token: String) -> String? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        let text = parts[1].utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "+") : $0 == UInt8(ascii: "_") ? UInt8(ascii: "/") : $0 }
        guard let bytes = Base64.decodeLeniently(text), let claims = try? JSONReader.value(of: bytes),
            let issuer = claims["iss"]?.text.flatMap({ HTTPURL($0) }), issuer.isSecure
        else { return nil }
        let labels = issuer.host.split(separator: ".")
        guard labels.count >= 5, labels[0] == "oidc", labels[1] == "eks", labels[3] == "amazonaws" else { return nil }
        return String(labels[2])
    }
}

extension ResourceDetector where Self == EKSResourceDetector {
    /// The cluster of Amazon EKS: its region, and account, zone, instance and name as far as the instance tells.
    public static var eks: Self { EKSResourceDetector() }
}
