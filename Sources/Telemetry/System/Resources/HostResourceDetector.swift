// Attributes of the host.

/// Detects the name, identifier and architecture of the host.
public struct HostResourceDetector: SourcedResourceDetector {
    public init() {}

    public var name: String { "host" }

    func detect(in sources: ResourceSources) -> Resource {
        var attributes: Attributes = [:]
        attributes[SemanticAttributes.Host.name] = ProcessInformation.hostName.map(AttributeValue.string)
        attributes[SemanticAttributes.Host.arch] = ProcessInformation.machine.map { .string(Self.architecture($0)) }
        // Both files are readable by all users, unlike hardware identifiers. (Semantic conventions: host.id.)
        let identifier = sources.line(of: "/etc/machine-id") ?? sources.line(of: "/var/lib/dbus/machine-id")
        attributes[SemanticAttributes.Host.id] = identifier.map(AttributeValue.string)
        return Resource(attributes: attributes, schemaURL: Resource.semanticConventions)
    }

    /// Returns the `host.arch` value for the kernel's name of the hardware.
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
