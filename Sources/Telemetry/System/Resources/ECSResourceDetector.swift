// The task and the container of Amazon ECS.

/// Detects the task and the container of Amazon ECS, on EC2 and on Fargate, from the metadata endpoint of version 4.
///
/// The agent names the endpoint in `ECS_CONTAINER_METADATA_URI_V4`. It is asked only if it is link-local, for at most 500 ms.
public struct ECSResourceDetector: SourcedResourceDetector {
    public init() {}

    public var name: String { "ecs" }

    func detect(in sources: ResourceSources) -> Resource {
        guard let url = sources.environment.text("ECS_CONTAINER_METADATA_URI_V4").flatMap({ HTTPURL($0) }) else { return .empty }
        guard MetadataService.isLinkLocal(url) else {
            Diagnostics.report(
                .warning, topic: "resource.detector.ecs",
                "ECS_CONTAINER_METADATA_URI_V4 names no link-local address as the agent of Amazon ECS does: it is not asked.")
            return .empty
        }
        let service = MetadataService("http://\(url.authority)", in: sources)
        let path = url.target == "/" ? "" : url.target
        guard let container = service.document(path), let task = service.document(path + "/task") else { return .empty }
        var attributes: Attributes = [SemanticAttributes.Cloud.provider: "aws", SemanticAttributes.Cloud.platform: "aws_ecs"]
        attributes.setKnown(SemanticAttributes.Container.id, container["DockerId"]?.text)
        attributes.setKnown(SemanticAttributes.Container.name, container["DockerName"]?.text)
        Self.add(task, container, to: &attributes)
        Self.addLogs(container["LogOptions"], container["LogDriver"]?.text, to: &attributes)
        return Resource(attributes: attributes, schemaURL: Resource.semanticConventions)
    }

    private static func add(_ task: JSONValue, _ container: JSONValue, to attributes: inout Attributes) {
        // `arn:aws:ecs:REGION:ACCOUNT:task/CLUSTER/ID`
        let name = task["TaskARN"]?.text ?? ""
        let parts = name.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        if parts.count == 6 {
            attributes.setKnown(SemanticAttributes.Cloud.region, String(parts[3]))
            attributes.setKnown(SemanticAttributes.Cloud.accountID, String(parts[4]))
            attributes.setKnown(SemanticAttributes.AWS.ecsTaskID, parts[5].split(separator: "/").last.map(String.init))
        }
        attributes.setKnown(SemanticAttributes.AWS.ecsTaskARN, name)
        attributes.setKnown(SemanticAttributes.AWS.ecsTaskFamily, task["Family"]?.text)
        attributes.setKnown(SemanticAttributes.AWS.ecsTaskRevision, task["Revision"]?.text)
        attributes.setKnown(SemanticAttributes.AWS.ecsLaunchtype, task["LaunchType"]?.text?.lowercased())
        attributes.setKnown(SemanticAttributes.Cloud.availabilityZone, task["AvailabilityZone"]?.text)
        let containerName = container["ContainerARN"]?.text
        attributes.setKnown(SemanticAttributes.AWS.ecsContainerARN, containerName)
        attributes.setKnown(SemanticAttributes.Cloud.resourceID, containerName)
        // The agent gives the short name of a cluster, or the whole one.
        if let cluster = task["Cluster"]?.text, !cluster.isEmpty {
            let isWhole = cluster.hasPrefix("arn:") || parts.count < 6
            attributes.setKnown(
                SemanticAttributes.AWS.ecsClusterARN,
                isWhole ? cluster : parts[..<5].joined(separator: ":") + ":cluster/\(cluster)")
        }
    }

    private static func addLogs(_ options: JSONValue?, _ driver: String?, to attributes: inout Attributes) {
        guard driver == "awslogs", let options else { return }
        if let group = options["awslogs-group"]?.text { attributes[SemanticAttributes.AWS.logGroupNames] = .array([.string(group)]) }
        if let stream = options["awslogs-stream"]?.text { attributes[SemanticAttributes.AWS.logStreamNames] = .array([.string(stream)]) }
    }
}

extension ResourceDetector where Self == ECSResourceDetector {
    /// The task and the container of Amazon ECS, and where they run.
    public static var ecs: Self { ECSResourceDetector() }
}
