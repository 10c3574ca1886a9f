// Composes the resource of a system from the default, the detectors, the environment and code.

extension Resource {
    /// The version of the semantic conventions that the SDK's own detectors follow.
    package static let semanticConventions = "https://opentelemetry.io/schemas/1.44.0"

    /// Merges the SDK's default, the detected resources in order, the environment, and the given resource; the later wins.
    ///
    /// - Throws: ``ConfigurationError`` if a detector's name is invalid or not unique.
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
        let found = detectors.reduce(sdkDefault) { $0.merging(detectedResource(of: $1, in: sources)) }
        return found.merging(Resource(environment)).merging(given ?? .empty)
    }

    private static func detectedResource(of detector: any ResourceDetector, in sources: ResourceSources) -> Resource {
        (detector as? any SourcedResourceDetector)?.detect(in: sources) ?? detected(by: detector)
    }

    /// Returns what a detector finds; one that fails is reported.
    static func detected(by detector: any ResourceDetector) -> Resource {
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

    /// The default resource: a service name from the executable, and the SDK.
    ///
    /// (Semantic conventions: `telemetry.sdk.name` is `opentelemetry` for the official SDKs only.)
    static var sdkDefault: Resource {
        let executable = ProcessInformation.executablePath.map(ProcessResourceDetector.lastComponent(of:))
        return Resource(
            attributes: [
                SemanticAttributes.Service.name: .string(executable.map { "unknown_service:\($0)" } ?? "unknown_service"),
                SemanticAttributes.TelemetrySDK.name: .string(SDK.name), SemanticAttributes.TelemetrySDK.language: .string(SDK.language),
                SemanticAttributes.TelemetrySDK.version: .string(SDK.version),
            ])
    }

    /// Reads `OTEL_RESOURCE_ATTRIBUTES`, and `OTEL_SERVICE_NAME`, which takes precedence.
    ///
    /// Any error invalidates the whole of the former, and an empty `service.name` counts as not set. (Specification: resource SDK,
    /// "Specifying resource information via an environment variable".)
    init(_ environment: EnvironmentReader) {
        var attributes: Attributes = [:]
        for (name, value) in environment.pairs("OTEL_RESOURCE_ATTRIBUTES") ?? [] {
            if name == SemanticAttributes.Service.name, value.trimmingWhiteSpace().isEmpty { continue }
            attributes[name] = .string(value)
        }
        if let name = environment.text("OTEL_SERVICE_NAME") { attributes[SemanticAttributes.Service.name] = .string(name) }
        self.init(attributes: attributes)
    }
}
