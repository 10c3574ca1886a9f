// Attributes of the Kubernetes pod.

/// Detects the pod from the downward API and the kubelet's files; it contacts no server.
///
/// Each attribute comes from the first of these sources that has it:
///
/// | attribute | variables | files |
/// | --- | --- | --- |
/// | `k8s.pod.name` | `K8S_POD_NAME`, `OTEL_RESOURCE_ATTRIBUTES_POD_NAME`, `POD_NAME` | `/etc/podinfo/name` |
/// | `k8s.pod.uid` | `K8S_POD_UID`, `OTEL_RESOURCE_ATTRIBUTES_POD_UID`, `POD_UID` | `/etc/podinfo/uid`, the kubelet's mounts, control groups |
/// | `k8s.namespace.name` | `K8S_NAMESPACE_NAME`, `POD_NAMESPACE` | `/etc/podinfo/namespace`, the service account's `namespace` |
/// | `k8s.container.name` | `K8S_CONTAINER_NAME`, `CONTAINER_NAME` | the kubelet's mounts |
/// | `k8s.node.name` | `K8S_NODE_NAME`, `OTEL_RESOURCE_ATTRIBUTES_NODE_NAME`, `NODE_NAME` | – |
/// | `k8s.cluster.name` | `K8S_CLUSTER_NAME` | – |
/// | `k8s.cluster.uid`, `k8s.node.uid` | `K8S_CLUSTER_UID`, `K8S_NODE_UID` | – |
/// | `k8s.deployment.name` | `K8S_DEPLOYMENT_NAME` | – |
///
/// The names without `K8S_` or `OTEL_` are read only if `KUBERNETES_SERVICE_HOST` is set, as it is in every pod: elsewhere they may
/// have other meanings. The names with `OTEL_` are those that the OpenTelemetry operator sets.
public struct KubernetesResourceDetector: SourcedResourceDetector {
    public init() {}

    public var name: String { "kubernetes" }

    private static let variables: [(attribute: String, own: [String], common: [String])] = [
        (SemanticAttributes.Kubernetes.clusterName, ["K8S_CLUSTER_NAME"], []),
        (SemanticAttributes.Kubernetes.clusterUID, ["K8S_CLUSTER_UID"], []),
        (SemanticAttributes.Kubernetes.nodeName, ["K8S_NODE_NAME", "OTEL_RESOURCE_ATTRIBUTES_NODE_NAME"], ["NODE_NAME"]),
        (SemanticAttributes.Kubernetes.nodeUID, ["K8S_NODE_UID"], []),
        (SemanticAttributes.Kubernetes.namespaceName, ["K8S_NAMESPACE_NAME"], ["POD_NAMESPACE"]),
        (SemanticAttributes.Kubernetes.deploymentName, ["K8S_DEPLOYMENT_NAME"], []),
        (SemanticAttributes.Kubernetes.podName, ["K8S_POD_NAME", "OTEL_RESOURCE_ATTRIBUTES_POD_NAME"], ["POD_NAME"]),
        (SemanticAttributes.Kubernetes.podUID, ["K8S_POD_UID", "OTEL_RESOURCE_ATTRIBUTES_POD_UID"], ["POD_UID"]),
        (SemanticAttributes.Kubernetes.containerName, ["K8S_CONTAINER_NAME"], ["CONTAINER_NAME"]),
    ]

    func detect(in sources: ResourceSources) -> Resource {
        let isInCluster = sources.environment.text("KUBERNETES_SERVICE_HOST") != nil
        var attributes: Attributes = [:]
        for (attribute, own, common) in Self.variables {
            attributes[attribute] = sources.variable(isInCluster ? own + common : own).map(AttributeValue.string)
        }
        if isInCluster { addAttributesFromFiles(to: &attributes, sources) }
        return attributes.isEmpty ? .empty : Resource(attributes: attributes, schemaURL: Resource.semanticConventions)
    }

    private func addAttributesFromFiles(to attributes: inout Attributes, _ sources: ResourceSources) {
        func add(_ attribute: String, _ value: @autoclosure () -> String?) {
            if attributes[attribute] == nil { attributes[attribute] = value().map(AttributeValue.string) }
        }
        add(SemanticAttributes.Kubernetes.podName, sources.line(of: "/etc/podinfo/name"))
        add(SemanticAttributes.Kubernetes.namespaceName, sources.line(of: "/etc/podinfo/namespace"))
        add(SemanticAttributes.Kubernetes.namespaceName, sources.line(of: "/var/run/secrets/kubernetes.io/serviceaccount/namespace"))
        add(SemanticAttributes.Kubernetes.podUID, sources.line(of: "/etc/podinfo/uid"))
        guard attributes[SemanticAttributes.Kubernetes.podUID] == nil || attributes[SemanticAttributes.Kubernetes.containerName] == nil
        else { return }
        let mounts = sources.contents("/proc/self/mountinfo").map(Self.pod(inMounts:))
        add(SemanticAttributes.Kubernetes.podUID, mounts?.uid ?? sources.contents("/proc/self/cgroup").flatMap(Self.pod(inGroups:)))
        add(SemanticAttributes.Kubernetes.containerName, mounts?.container)
    }

    /// Returns the pod and the container of the kubelet's mounts: `…/pods/<uid>/etc-hosts` at `/etc/hosts`, and
    /// `…/pods/<uid>/containers/<name>/<number>` at the place of the termination message.
    static func pod(inMounts text: String) -> (uid: String?, container: String?) {
        var uid: String?
        for mount in MountedFolder.all(in: text) {
            let components = mount.source.split(separator: "/")
            guard let pods = pod(in: components) else { continue }
            uid = String(components[pods + 1])
            if components[pods + 2] == "containers", components.count == pods + 5 { return (uid, String(components[pods + 3])) }
        }
        return (uid, nil)
    }

    /// Returns the index of `pods` before the identifier of a pod in the components of a path.
    static func pod(in components: [Substring]) -> Int? {
        guard let pods = components.firstIndex(of: "pods"), components.count > pods + 2, isUID(components[pods + 1]) else { return nil }
        return pods
    }

    /// Returns the pod in the text of `/proc/self/cgroup`: `…/pod<uid>/…`, or `…-pod<uid>.slice…` with underscores for dashes.
    static func pod(inGroups text: String) -> String? {
        for line in text.split(whereSeparator: \.isNewline) where line.contains("kubepods") {
            for component in line.split(separator: "/") {
                guard component.hasPrefix("pod") || component.hasPrefix("kubepods-") else { continue }
                let word = component.split(separator: ".", maxSplits: 1).first ?? component
                guard let pod = word.split(separator: "-").firstIndex(where: { $0.hasPrefix("pod") }) else { continue }
                // In the first form dashes are part of the identifier, in the second they separate words.
                let parts = word.split(separator: "-")[pod...].joined(separator: "-").dropFirst(3)
                let uid = String(parts.map { $0 == "_" ? "-" : $0 })
                if isUID(uid[...]) { return uid }
            }
        }
        return nil
    }

    /// Returns whether the text is a UUID; static pods have 32 digits without dashes.
    private static func isUID(_ text: Substring) -> Bool {
        let digits = text.utf8.filter { $0 != UInt8(ascii: "-") }
        let areHexadecimal = digits.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
        return digits.count == 32 && areHexadecimal && (text.utf8.count == 36 || text.utf8.count == 32)
    }
}

extension MountedFolder {
    /// Whether the kubelet has mounted the folder: files of a pod, or the token of its service account.
    var isFromKubelet: Bool {
        let components = source.split(separator: "/")
        let isOfPod = zip(components, components.dropFirst()).contains { $0 == "kubelet" && $1 == "pods" }
        return isOfPod || KubernetesResourceDetector.pod(in: components) != nil
            || place.hasSuffix("/run/secrets/kubernetes.io/serviceaccount")
    }
}

extension ResourceDetector where Self == KubernetesResourceDetector {
    /// The pod, its namespace, node and container, as far as the downward API provides them.
    public static var kubernetes: Self { KubernetesResourceDetector() }
}
