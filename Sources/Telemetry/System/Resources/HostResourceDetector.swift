// Finds out what the host can tell about itself.

/// Tells the host apart: its name, identifier and architecture.
public struct HostResourceDetector: SourcedResourceDetector {
    public init() {}

    public var name: String { "host" }

    func detect(in sources: ResourceSources) -> Resource {
        var attributes: Attributes = [:]
        attributes["host.name"] = ProcessInformation.hostName.map(AttributeValue.string)
        attributes["host.arch"] = ProcessInformation.machine.map { .string(Self.architecture($0)) }
        // Both are readable by everyone; the hardware's own numbers are not. (Semantic conventions: host.id.)
        let identifier = sources.line(of: "/etc/machine-id") ?? sources.line(of: "/var/lib/dbus/machine-id")
        attributes["host.id"] = identifier.map(AttributeValue.string)
        return Resource(attributes: attributes, schemaURL: Resource.semanticConventions)
    }

    /// The name that the semantic conventions have for a kernel's name of the hardware.
    static func architecture(_ machine: String) -> String {
        switch machine {
        case "x86_64": "amd64"
        case "aarch64", "arm64": "arm64"
        case "i386", "i486", "i586", "i686": "x86"
        case "ppc64le", "ppc64": "ppc64"
        case "ppc": "ppc32"
        case _ where machine.hasPrefix("arm"): "arm32"
        default: machine
        }
    }
}

extension ResourceDetector where Self == HostResourceDetector {
    /// The host: its name, identifier and architecture.
    public static var host: Self { HostResourceDetector() }
}
