// Finds the identifier of the container that the process runs in.

/// Tells the container apart: `container.id`, as Docker, containerd, CRI-O, Podman and Amazon ECS show it to a process.
///
/// With control groups of version 1 their paths end in the identifier. With version 2 a process sees its own group as the
/// root; then the files that the runtime mounts into the container, such as `/etc/hostname`, come from a folder named after it.
/// containerd shows nothing there: in Kubernetes, the collector's `k8sattributes` processor finds the container by its pod.
public struct ContainerResourceDetector: SourcedResourceDetector {
    public init() {}

    public var name: String { "container" }

    func detect(in sources: ResourceSources) -> Resource {
        let identifier =
            sources.contents("/proc/self/cgroup").flatMap(Self.identifier(inGroups:))
            ?? sources.contents("/proc/self/mountinfo").flatMap(Self.identifier(inMounts:))
        guard let identifier else { return .empty }
        return Resource(attributes: ["container.id": .string(identifier)], schemaURL: Resource.semanticConventions)
    }

    /// The identifier in the text of `/proc/self/cgroup`, lines of `number:controllers:path`.
    static func identifier(inGroups text: String) -> String? {
        for line in text.split(whereSeparator: \.isNewline) {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            if fields.count == 3, let identifier = identifier(inPath: fields[2]) { return identifier }
        }
        return nil
    }

    /// The identifier in the text of `/proc/self/mountinfo`.
    static func identifier(inMounts text: String) -> String? {
        var found: String?
        for mount in MountedFolder.all(in: text) {
            if mount.place.hasPrefix("/sys/fs/cgroup"), let identifier = identifier(inPath: mount.source) { return identifier }
            guard runtimeFiles.contains(mount.place), let identifier = folder(inContainers: mount.source) else { continue }
            // A pod's containers share its files; the secrets are each one's own.
            if mount.place == "/run/secrets" { return identifier }
            found = identifier
        }
        return found
    }

    /// What a runtime mounts into a container from the container's folder.
    private static let runtimeFiles: Set<Substring> = [
        "/etc/hostname", "/etc/hosts", "/etc/resolv.conf", "/run/.containerenv", "/run/secrets",
    ]

    /// The identifier in the path of a control group: `/docker/<id>`, `/…/crio-<id>.scope`, `/…:cri-containerd:<id>`.
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

    /// The folder below `containers` or `overlay-containers` in a path.
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

/// One line of `/proc/self/mountinfo`: which folder or file of a file system is mounted where. (proc(5).)
struct MountedFolder {
    /// The path within the file system that is mounted.
    let source: Substring
    /// Where the process sees it.
    let place: Substring

    static func all(in text: String) -> [MountedFolder] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let fields = line.split(separator: " ", maxSplits: 5)
            return fields.count > 4 ? MountedFolder(source: fields[3], place: fields[4]) : nil
        }
    }
}

extension ResourceDetector where Self == ContainerResourceDetector {
    /// The container: its identifier.
    public static var container: Self { ContainerResourceDetector() }
}
