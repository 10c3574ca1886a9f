// The files and variables that detectors read.

/// The sources of the SDK's own detectors: files and environment variables.
struct ResourceSources: Sendable {
    /// Returns the text of a small file; nil if it cannot be read.
    var contents: @Sendable (String) -> String? = { ProcessInformation.contents(of: $0) }
    var environment = EnvironmentReader.process
    /// Returns scheme, host and port to ask in place of those of a metadata service, which are link-local; others only in tests.
    var origin: @Sendable (String) -> String = { $0 }
    /// The time for all requests of one detector to a metadata service; another only in tests.
    var patience = Duration.milliseconds(500)

    /// Returns the trimmed first line of a file; nil if the file or the line is missing.
    func line(of path: String) -> String? {
        guard let line = contents(path)?.split(whereSeparator: \.isNewline).first?.trimmingSpaces(), !line.isEmpty else { return nil }
        return String(line)
    }

    /// Returns the first of the variables that is set.
    func variable(_ names: [String]) -> String? {
        for name in names {
            if let value = environment.text(name) { return value }
        }
        return nil
    }
}
