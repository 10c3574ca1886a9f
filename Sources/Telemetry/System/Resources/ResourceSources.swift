// The files and variables that detectors read.

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
