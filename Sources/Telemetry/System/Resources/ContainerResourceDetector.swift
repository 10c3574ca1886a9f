// Container identifiers from control groups and mounts.

/// Detects `container.id` in Docker, containerd, CRI-O, Podman and Amazon ECS.
///
/// The paths of control groups of version 1 end in the identifier. With version 2 a process sees its own group as the
/// root; then the files that the runtime mounts into the container, such as `/etc/hostname`, come from a folder named after it.
///
/// The detector prefers no identifier to that of another container. In Kubernetes `/etc/hostname`, `/etc/hosts` and `/etc/resolv.conf` belong to the
/// pod, which has them from its pause container, and a container that shares another one's network has that one's files: then they are
/// ignored. The collector's `k8sattributes` processor finds a container by its pod.
public struct ContainerResourceDetector: SourcedResourceDetector {
    public init() {}

    public var name: String { "container" }

    func detect(in sources: ResourceSources) -> Resource {
        let identifier =
            sources.contents("/proc/self/cgroup").flatMap(Self.identifier(inGroups:))
            ?? sources.contents("/proc/self/mountinfo").flatMap { mounts in
                Self.identifier(inMounts: mounts, isInCluster: sources.environment.text("KUBERNETES_SERVICE_HOST") != nil)
            }
        guard let identifier else { return .empty }
        return Resource(attributes: [SemanticAttributes.Container.id: .string(identifier)], schemaURL: Resource.semanticConventions)
    }

    /// Returns the identifier in the text of `/proc/self/cgroup`, lines of `number:controllers:path`.
    static func identifier(inGroups text: String) -> String? {
        for line in text.split(whereSeparator: \.isNewline) {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            if fields.count == 3, let identifier = identifier(inPath: fields[2]) { return identifier }
        }
        return nil
    }

    /// Returns the identifier in the text of `/proc/self/mountinfo`, in any order of lines.
    ///
    /// - Parameter isInCluster: whether the process is known to run in a pod of Kubernetes.
    static func identifier(inMounts text: String, isInCluster: Bool) -> String? {
        let mounts = MountedFolder.all(in: text)
        let groups = mounts.filter { $0.place.hasPrefix("/sys/fs/cgroup") }
        if let identifier = groups.lazy.compactMap({ identifier(inPath: $0.source) }).first { return identifier }
        if let identifier = identifier(inFiles: ownFiles, mounts) { return identifier }
        let hasFilesOfOthers =
            isInCluster || mounts.contains(where: \.isFromKubelet) || MountedFolder.sharesNetwork(mounts)
        return hasFilesOfOthers ? nil : identifier(inFiles: networkFiles, mounts)
    }

    /// The files that a runtime mounts from the folder of the container itself.
    private static let ownFiles: Set<Substring> = ["/run/.containerenv", "/run/secrets"]
    /// The files that a runtime mounts from the folder of the container that owns the network.
    private static let networkFiles: Set<Substring> = ["/etc/hostname", "/etc/hosts", "/etc/resolv.conf"]

    /// Returns the identifier of the folder that files are mounted from; nil if there is none or several.
    private static func identifier(inFiles places: Set<Substring>, _ mounts: [MountedFolder]) -> String? {
        let identifiers = Set(mounts.filter { places.contains($0.place) }.compactMap { folder(inContainers: $0.source) })
        return identifiers.count == 1 ? identifiers.first : nil
    }

    /// Returns the identifier in the path of a control group: `/docker/<id>`, `/…/crio-<id>.scope`, `/…:cri-containerd:<id>`.
    static func identifier(inPath path: Substring) -> String? {
        for component in path.split(separator: "/").reversed() {
            if let identifier = identifier(inComponent: component) { return identifier }
        }
        return nil
    }

    private static func identifier(inComponent component: Substring) -> String? {
        if isTaskOfECS(component) { return String(component) }
        // `slice:runtime:<id>`, or `runtime-<id>.scope`.
        let word = component.split(separator: ":").last ?? component
        let last = word.prefix { $0 != "." }.split(separator: "-").last ?? ""
        return isIdentifier(last) ? String(last) : nil
    }

    /// Returns the folder below `containers` or `overlay-containers` in a path.
    private static func folder(inContainers path: Substring) -> String? {
        let components = path.split(separator: "/")
        for (parent, child) in zip(components, components.dropFirst())
        where (parent == "containers" || parent == "overlay-containers") && isIdentifier(child) {
            return String(child)
        }
        return nil
    }

    private static func isIdentifier(_ text: Substring) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy(isHexadecimal)
    }

    /// On Amazon ECS an identifier is 32 digits of the task, a dash and a number.
    private static func isTaskOfECS(_ text: Substring) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.count == 2 && parts[0].utf8.count == 32 && parts[0].utf8.allSatisfy(isHexadecimal) && !parts[1].isEmpty
            && parts[1].utf8.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
        default: false
        }
    }
}

extension ResourceDetector where Self == ContainerResourceDetector {
    /// The container: its identifier.
    public static var container: Self { ContainerResourceDetector() }
}
