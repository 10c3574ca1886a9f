// Finds out what the process and its host can tell about themselves.

/// Finds attributes of the resource; finding nothing is no error. (Specification: resource SDK, "Detecting".)
public protocol ResourceDetector: Sendable {
    func detect() -> Resource
}

/// The version of the semantic conventions that the detectors' attributes follow.
private let semanticConventions = "https://opentelemetry.io/schemas/1.44.0"

/// Tells the process apart: its number, executable, start, owner and runtime; never its arguments, which may hold secrets.
public struct ProcessResourceDetector: ResourceDetector {
    public init() {}

    public func detect() -> Resource {
        var attributes: Attributes = [
            "process.pid": AttributeValue(ProcessInformation.processID),
            "process.runtime.name": "swift",
        ]
        if let path = ProcessInformation.executablePath {
            attributes["process.executable.path"] = .string(path)
            attributes["process.executable.name"] = .string(Self.lastComponent(of: path))
        }
        attributes["process.creation.time"] = ProcessInformation.startSeconds.map {
            .string(CivilDate(secondsSinceEpoch: $0).iso8601)
        }
        attributes["process.owner"] = ProcessInformation.owner.map(AttributeValue.string)
        return Resource(attributes: attributes, schemaURL: semanticConventions)
    }

    static func lastComponent(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}

/// Tells the host apart: its name, identifier and architecture.
public struct HostResourceDetector: ResourceDetector {
    public init() {}

    public func detect() -> Resource {
        var attributes: Attributes = [:]
        attributes["host.name"] = ProcessInformation.hostName.map(AttributeValue.string)
        attributes["host.arch"] = ProcessInformation.machine.map { .string(Self.architecture($0)) }
        attributes["host.id"] = Self.machineID().map(AttributeValue.string)
        return Resource(attributes: attributes, schemaURL: semanticConventions)
    }

    /// The name that the semantic conventions have for a kernel's name of the hardware.
    static func architecture(_ machine: String) -> String {
        switch machine {
        case "x86_64": "amd64"
        case "aarch64", "arm64": "arm64"
        case "i386", "i486", "i586", "i686": "x86"
        case "ppc64le", "ppc64": "ppc64"
        case _ where machine.hasPrefix("arm"): "arm32"
        default: machine
        }
    }

    private static func machineID() -> String? {
        for path in ["/etc/machine-id", "/var/lib/dbus/machine-id"] {
            if let text = ProcessInformation.contents(of: path) {
                let name = text.split(separator: "\n").first.map { $0.trimmingSpaces() } ?? ""
                if !name.isEmpty { return String(name) }
            }
        }
        return nil
    }
}

extension ResourceDetector where Self == ProcessResourceDetector {
    /// The process: its number, executable, start, owner and runtime.
    public static var process: Self { ProcessResourceDetector() }
}

extension ResourceDetector where Self == HostResourceDetector {
    /// The host: its name, identifier and architecture.
    public static var host: Self { HostResourceDetector() }
}

extension Resource {
    /// What every resource starts from: the name of the service, as far as it can be guessed, and the SDK.
    ///
    /// (Semantic conventions: `telemetry.sdk.name` is `opentelemetry` for the official SDKs only.)
    static var sdkDefault: Resource {
        let executable = ProcessInformation.executablePath.map(ProcessResourceDetector.lastComponent(of:))
        return Resource(
            attributes: [
                "service.name": .string(executable.map { "unknown_service:\($0)" } ?? "unknown_service"),
                "telemetry.sdk.name": .string(SDK.name), "telemetry.sdk.language": .string(SDK.language),
                "telemetry.sdk.version": .string(SDK.version),
            ])
    }

    /// `OTEL_RESOURCE_ATTRIBUTES`, and above it `OTEL_SERVICE_NAME`.
    init(_ environment: EnvironmentReader) {
        var attributes: Attributes = [:]
        for (name, value) in environment.pairs("OTEL_RESOURCE_ATTRIBUTES") ?? [] { attributes[name] = .string(value) }
        if let name = environment.text("OTEL_SERVICE_NAME") { attributes["service.name"] = .string(name) }
        self.init(attributes: attributes)
    }
}
