// What runs the program in Google Cloud.

/// Detects Compute Engine, Kubernetes Engine, Cloud Run, Cloud Functions and App Engine from Google's metadata service.
///
/// It waits at most 500 ms.
public struct GCPResourceDetector: SourcedResourceDetector {
    public init() {}

    public var name: String { "gcp" }

    func detect(in sources: ResourceSources) -> Resource {
        let service = MetadataService("http://169.254.169.254", in: sources)
        func metadata(_ key: String) -> String? {
            let response = service.response("/computeMetadata/v1/\(key)", [("Metadata-Flavor", "Google")])
            // Any other service at the address does not answer so.
            return response?.headers["Metadata-Flavor"] == "Google" ? response?.trimmedText : nil
        }
        guard let project = metadata("project/project-id") else { return .empty }
        var attributes: Attributes = [
            SemanticAttributes.Cloud.provider: "gcp", SemanticAttributes.Cloud.accountID: .string(project),
        ]
        // Kubernetes on instances that somebody else manages has no cluster of Google's.
        let isInKubernetes = sources.environment.text("KUBERNETES_SERVICE_HOST") != nil
        let cluster = isInKubernetes ? metadata("instance/attributes/cluster-name") : nil
        let platform =
            isInKubernetes
            ? (cluster == nil ? "gcp_compute_engine" : "gcp_kubernetes_engine") : Self.platform(sources.environment)
        attributes[SemanticAttributes.Cloud.platform] = .string(platform)
        // `projects/123/zones/europe-west1-b`
        let zone = metadata("instance/zone")?.split(separator: "/").last.map(String.init)
        let region = zone.flatMap { zone in zone.lastIndex(of: "-").map { String(zone[..<$0]) } }
        switch platform {
        case "gcp_compute_engine", "gcp_kubernetes_engine":
            attributes.setKnown(SemanticAttributes.Cloud.availabilityZone, zone)
            attributes.setKnown(SemanticAttributes.Cloud.region, region)
            attributes.setKnown(SemanticAttributes.Host.id, metadata("instance/id"))
            if let cluster {
                attributes[SemanticAttributes.Kubernetes.clusterName] = .string(cluster)
            } else {
                addInstance(metadata, to: &attributes)
            }
        default:
            let regionOfService = metadata("instance/region")?.split(separator: "/").last.map(String.init)
            attributes.setKnown(SemanticAttributes.Cloud.region, regionOfService ?? region)
            attributes.setKnown(SemanticAttributes.FaaS.instance, metadata("instance/id"))
            addFunction(sources.environment, to: &attributes)
        }
        return Resource(attributes: attributes, schemaURL: Resource.semanticConventions)
    }

    private func addInstance(_ metadata: (String) -> String?, to attributes: inout Attributes) {
        attributes.setKnown(SemanticAttributes.Host.type, metadata("instance/machine-type")?.split(separator: "/").last.map(String.init))
        attributes.setKnown(SemanticAttributes.Host.name, metadata("instance/name"))
        attributes.setKnown(SemanticAttributes.GCP.gceInstanceName, metadata("instance/name"))
        attributes.setKnown(SemanticAttributes.GCP.gceInstanceHostname, metadata("instance/hostname"))
    }

    private func addFunction(_ environment: EnvironmentReader, to attributes: inout Attributes) {
        attributes.setKnown(
            SemanticAttributes.FaaS.name,
            environment.text("K_SERVICE") ?? environment.text("CLOUD_RUN_JOB") ?? environment.text("GAE_SERVICE"))
        attributes.setKnown(SemanticAttributes.FaaS.version, environment.text("K_REVISION") ?? environment.text("GAE_VERSION"))
        attributes.setKnown(SemanticAttributes.GCP.cloudRunJobExecution, environment.text("CLOUD_RUN_EXECUTION"))
        if let index = environment.text("CLOUD_RUN_TASK_INDEX").flatMap({ Int64($0) }) {
            attributes[SemanticAttributes.GCP.cloudRunJobTaskIndex] = .int(index)
        }
    }

    private static func platform(_ environment: EnvironmentReader) -> String {
        if environment.text("FUNCTION_TARGET") != nil { return "gcp_cloud_functions" }
        if environment.text("K_CONFIGURATION") != nil || environment.text("CLOUD_RUN_JOB") != nil { return "gcp_cloud_run" }
        if environment.text("GAE_SERVICE") != nil { return "gcp_app_engine" }
        return "gcp_compute_engine"
    }
}

extension ResourceDetector where Self == GCPResourceDetector {
    /// What runs the program in Google Cloud: its project, region, zone, and instance, cluster or function.
    public static var gcp: Self { GCPResourceDetector() }
}
