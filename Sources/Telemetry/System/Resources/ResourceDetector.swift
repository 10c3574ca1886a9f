// What finds attributes of the resource, and how what is found, set and given becomes one resource.

/// Finds attributes of the resource; finding nothing is no error. (Specification: resource SDK, "Detecting".)
public protocol ResourceDetector: Sendable {
    /// The detector's name, of small letters, digits and `_`; no two detectors of a system share one.
    ///
    /// It is by custom the namespace of the attributes: `host` finds `host.*`. The SDK's own are `service`, `process`, `host`, `os`,
    /// `container` and `kubernetes`. (Specification: resource SDK, "Resource detector name".)
    var name: String { get }

    /// Looks around, quickly, for it runs while the program starts.
    ///
    /// What finds known attributes says which schema they follow. An error is reported, and counts as nothing found.
    func detect() throws -> Resource
}

/// Where the SDK's own detectors look: files and environment variables.
struct ResourceSources: Sendable {
    /// The text of a small file, nil when it cannot be read.
    var contents: @Sendable (String) -> String? = { ProcessInformation.contents(of: $0) }
    var environment = EnvironmentReader.process

    /// The first line of a file without white space around it; nil when the file or the line is missing.
    func line(of path: String) -> String? {
        guard let line = contents(path)?.split(whereSeparator: \.isNewline).first?.trimmingSpaces(), !line.isEmpty else { return nil }
        return String(line)
    }

    /// The first of some variables that is set.
    func variable(_ names: [String]) -> String? {
        for name in names {
            if let value = environment.text(name) { return value }
        }
        return nil
    }
}

/// A detector that looks only where it is told to.
protocol SourcedResourceDetector: ResourceDetector {
    func detect(in sources: ResourceSources) -> Resource
}

extension SourcedResourceDetector {
    public func detect() -> Resource { detect(in: ResourceSources()) }
}

extension Resource {
    /// The version of the semantic conventions that the SDK's own detectors follow.
    static let semanticConventions = "https://opentelemetry.io/schemas/1.44.0"

    /// One resource of all there is to know: the SDK's default, then the detectors' findings in their order, the
    /// environment, and what code gives; the later counts.
    ///
    /// - Throws: ``ConfigurationError`` when a detector's name is no name, or not its own.
    static func composed(
        of given: Resource?, detectors: [any ResourceDetector], environment: EnvironmentReader
    ) throws(ConfigurationError) -> Resource {
        var names: Set<String> = []
        for detector in detectors {
            let isName = detector.name.utf8.first.map { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") } ?? false
            guard isName, detector.name.utf8.allSatisfy(isSnakeCase), names.insert(detector.name).inserted else {
                throw ConfigurationError(
                    setting: "detectors", value: detector.name,
                    expected: "names that no two detectors share, of small letters, digits and underscores")
            }
        }
        let sources = ResourceSources(environment: environment)
        let found = detectors.reduce(sdkDefault) { $0.merging(finding(of: $1, in: sources)) }
        return found.merging(Resource(environment)).merging(given ?? .empty)
    }

    private static func finding(of detector: any ResourceDetector, in sources: ResourceSources) -> Resource {
        if let detector = detector as? any SourcedResourceDetector { return detector.detect(in: sources) }
        do {
            return try detector.detect()
        } catch {
            Diagnostics.report(
                .warning, topic: "resource.detector.\(detector.name)",
                "The resource detector \"\(detector.name)\" failed, and its attributes are missing: \(error)")
            return .empty
        }
    }

    private static func isSnakeCase(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
        default: false
        }
    }

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
    ///
    /// Any error leaves out the whole of the former, and an empty `service.name` counts as not set. (Specification: resource SDK, "Specifying resource information via an
    /// environment variable".)
    init(_ environment: EnvironmentReader) {
        var attributes: Attributes = [:]
        for (name, value) in environment.pairs("OTEL_RESOURCE_ATTRIBUTES") ?? [] {
            if name == "service.name", value.trimmingWhiteSpace().isEmpty { continue }
            attributes[name] = .string(value)
        }
        if let name = environment.text("OTEL_SERVICE_NAME") { attributes["service.name"] = .string(name) }
        self.init(attributes: attributes)
    }
}
