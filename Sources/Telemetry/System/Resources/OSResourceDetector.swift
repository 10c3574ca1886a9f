// Attributes of the operating system.

/// Detects the type of the operating system, and from `os-release` its name, version, build and description.
///
/// (Semantic conventions: `os`; os-release(5): the file in `/etc` comes before the one in `/usr/lib`.)
public struct OSResourceDetector: SourcedResourceDetector {
    public init() {}

    public var name: String { "os" }

    func detect(in sources: ResourceSources) -> Resource {
        var attributes: Attributes = [SemanticAttributes.OS.type: .string(Self.type)]
        let release = Self.fields(of: sources.contents("/etc/os-release") ?? sources.contents("/usr/lib/os-release") ?? "")
        let kernel = sources.line(of: "/proc/sys/kernel/osrelease") ?? ProcessInformation.kernelRelease
        attributes[SemanticAttributes.OS.name] = release["NAME"].map(AttributeValue.string)
        attributes[SemanticAttributes.OS.version] = release["VERSION_ID"].map(AttributeValue.string)
        attributes[SemanticAttributes.OS.buildID] = (release["BUILD_ID"] ?? kernel).map(AttributeValue.string)
        let parts = [release["PRETTY_NAME"], kernel.map { "kernel \($0)" }].compactMap(\.self)
        if !parts.isEmpty { attributes[SemanticAttributes.OS.description] = .string(parts.joined(separator: ", ")) }
        return Resource(attributes: attributes, schemaURL: Resource.semanticConventions)
    }

    private static var type: String {
        #if os(Linux)
            "linux"
        #elseif canImport(Darwin)
            "darwin"
        #elseif os(FreeBSD)
            "freebsd"
        #else
            "unknown"
        #endif
    }

    /// Returns the fields of an `os-release` file: shell assignments, without empty ones.
    static func fields(of text: String) -> [String: String] {
        var fields: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.trimmingSpaces()
            guard !line.hasPrefix("#"), let sign = line.firstIndex(of: "=") else { continue }
            let value = unquoted(line[line.index(after: sign)...].trimmingSpaces())
            if !value.isEmpty { fields[String(line[..<sign])] = value }
        }
        return fields
    }

    /// Returns a value without its quotes. Within double quotes and outside of quotes a backslash escapes the next character.
    private static func unquoted(_ value: Substring) -> String {
        var value = value
        let quote = value.first.flatMap { $0 == "\"" || $0 == "'" ? $0 : nil }
        if let quote, value.count >= 2, value.last == quote { value = value.dropFirst().dropLast() }
        if quote == "'" { return String(value) }
        var text = ""
        while let character = value.popFirst() {
            if character == "\\", let next = value.popFirst() { text.append(next) } else { text.append(character) }
        }
        return text
    }
}

extension ResourceDetector where Self == OSResourceDetector {
    /// The operating system: its type, name, version, build and description.
    public static var os: Self { OSResourceDetector() }
}
