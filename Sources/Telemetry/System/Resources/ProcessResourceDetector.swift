// Attributes of the process.

/// Detects the identifier, executable, start, owner and runtime; never the arguments, which may hold secrets.
public struct ProcessResourceDetector: SourcedResourceDetector {
    public init() {}

    public var name: String { "process" }

    func detect(in sources: ResourceSources) -> Resource {
        var attributes: Attributes = [
            SemanticAttributes.Process.pid: AttributeValue(ProcessInformation.processID),
            SemanticAttributes.Process.runtimeName: "swift",
        ]
        if let path = ProcessInformation.executablePath {
            attributes[SemanticAttributes.Process.executablePath] = .string(path)
            attributes[SemanticAttributes.Process.executableName] = .string(Self.lastComponent(of: path))
        }
        // Zero bytes terminate the words of the command line; the first is the command, others may be secrets.
        if let command = sources.contents("/proc/self/cmdline")?.split(separator: "\0", maxSplits: 1).first {
            attributes[SemanticAttributes.Process.command] = AttributeValue(command)
        }
        attributes[SemanticAttributes.Process.creationTime] = ProcessInformation.startSeconds.map {
            .string(CivilDate(secondsSinceEpoch: $0).iso8601)
        }
        attributes[SemanticAttributes.Process.owner] = ProcessInformation.owner.map(AttributeValue.string)
        return Resource(attributes: attributes, schemaURL: Resource.semanticConventions)
    }

    static func lastComponent(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}

extension ResourceDetector where Self == ProcessResourceDetector {
    /// The process: its number, executable, command, start, owner and runtime.
    public static var process: Self { ProcessResourceDetector() }
}
