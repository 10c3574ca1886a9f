// Reads configurations from files and texts.

extension TelemetryConfiguration {
    /// The formats of configuration files.
    public enum Format: Sendable, Hashable {
        /// YAML 1.2, which needs the system's libyaml (`libyaml-0-2`).
        case yaml
        /// JSON, which needs nothing.
        case json
    }

    /// Reads a file, `.yaml`, `.yml` or `.json`, with environment variables in place of references as `${NAME}`.
    ///
    /// It opens nothing that the configuration names, and starts nothing. (Specification: configuration SDK, "Parse".)
    ///
    /// - Parameter environment: variables that replace those of the process.
    /// - Throws: ``ConfigurationError`` with all that is wrong in the file, each with its place.
    public static func parse(file: String, environment: [String: String]? = nil) throws(ConfigurationError) -> TelemetryConfiguration {
        try parse(file: file, setting: "file", environment.map { EnvironmentReader($0) } ?? .process)
    }

    /// Reads a text with environment variables in place of references as `${NAME}`.
    ///
    /// - Parameters:
    ///   - name: the name of the text in messages.
    ///   - environment: variables that replace those of the process.
    /// - Throws: ``ConfigurationError`` with all that is wrong in the text, each with its place.
    public static func parse(
        _ text: String, format: Format, name: String = "configuration", environment: [String: String]? = nil
    ) throws(ConfigurationError) -> TelemetryConfiguration {
        try parse(
            Array(text.utf8), format, name: name, path: nil, setting: "text", environment.map { EnvironmentReader($0) } ?? .process)
    }

    /// - Parameter setting: what names the file, for errors.
    static func parse(
        file: String, setting: String, _ environment: EnvironmentReader
    ) throws(ConfigurationError) -> TelemetryConfiguration {
        let format: Format
        switch file.split(separator: ".").last?.lowercased() {
        case "yaml", "yml": format = .yaml
        case "json": format = .json
        default: throw ConfigurationError(setting: setting, value: file, expected: "a file whose name ends in .yaml, .yml or .json")
        }
        let stamp = FileContents.Stamp(of: file)
        let text: [UInt8]
        do throws(FileError) {
            text = try FileContents.read(file, atMost: ConfigurationLimits.bytes)
        } catch {
            let reason = error == .tooLarge ? "it has more than \(ConfigurationLimits.bytes) bytes" : "\(error)"
            throw ConfigurationError(setting: setting, value: file, expected: "a file that can be read (\(reason))")
        }
        var configuration = try parse(text, format, name: file, path: file, setting: setting, environment)
        configuration.source?.stamp = stamp
        return configuration
    }

    /// - Parameter library: the library for YAML.
    static func parse(
        _ text: [UInt8], _ format: Format, name: String, path: String?, setting: String, _ environment: EnvironmentReader,
        library: @autoclosure () -> Result<LibYAML, DynamicLibrary.Failure> = LibYAML.system
    ) throws(ConfigurationError) -> TelemetryConfiguration {
        let problems = ConfigurationProblems(file: name)
        let root = try node(of: text, format, setting: setting, problems, environment, library)
        var configuration = root.map { ConfigurationReader(problems: problems).configuration($0) } ?? TelemetryConfiguration()
        try problems.check(setting, name)
        configuration.original = [configuration]
        configuration.source = ConfigurationSource(name: name, path: path, places: problems.places, warnings: problems.warnings)
        return configuration
    }

    private static func node(
        of text: [UInt8], _ format: Format, setting: String, _ problems: ConfigurationProblems, _ environment: EnvironmentReader,
        _ library: () -> Result<LibYAML, DynamicLibrary.Failure>
    ) throws(ConfigurationError) -> ConfigurationNode? {
        guard text.count <= ConfigurationLimits.bytes else {
            problems.fail("the text has more than \(ConfigurationLimits.bytes) bytes", at: nil)
            return nil
        }
        if let place = firstInvalidPlace(in: text) {
            problems.fail("the text is not UTF-8", at: place)
            return nil
        }
        let scalars = ConfigurationScalar(substitution: EnvironmentSubstitution(environment: environment), problems: problems)
        switch format {
        case .json: return ConfigurationJSON.node(of: text, scalars: scalars)
        case .yaml:
            switch library() {
            case .success(let library): return ConfigurationYAML.node(of: text, library: library, scalars: scalars)
            case .failure(let failure):
                throw ConfigurationError(setting: setting, value: problems.file, expected: LibYAML.requirement(failure))
            }
        }
    }

    /// Returns where the first bytes are that are not UTF-8; nil if there are none.
    private static func firstInvalidPlace(in text: [UInt8]) -> ConfigurationPlace? {
        guard String(validating: text, as: UTF8.self) == nil else { return nil }
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let line = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
        return ConfigurationPlace(line: line + 1, column: 1)
    }

    /// What does not prevent the start, and should be known, as properties of a newer schema.
    public var warnings: [ConfigurationProblem] { source?.warnings ?? [] }
}

extension ConfigurationProblems {
    /// Throws the error of all problems, if there is one.
    func check(_ setting: String, _ value: String) throws(ConfigurationError) {
        guard !isEmpty else { return }
        throw ConfigurationError(
            setting: setting, value: value, expected: Self.expectation(sorted), problems: sorted
        )
    }
}
