// `telemetry check`: whether configurations can be used and what they make run, and whether telemetry keeps the conventions.

import ExampleSupport
import Telemetry

/// Checks configuration files as a start would, without starting anything, and files of telemetry.
struct CheckCommand {
    /// The output of a command and its exit status.
    struct Result: Equatable {
        var output = ""
        var errors = ""
        /// 0 if all files can be used, 1 if one cannot, 2 for wrong arguments.
        var status: Int32 = 0
    }

    private enum Kind: String {
        case configuration = "--configuration"
        case telemetry = "--telemetry"
    }

    static let usage = """
        Usage: telemetry check [--configuration | --telemetry] FILE...

        Checks OpenTelemetry configuration files (YAML or JSON) as a start with
        OTEL_CONFIG_FILE would, and prints what they make run. References as
        ${NAME} take the variables of the environment.

        Checks files of telemetry (OTLP/JSON, one object or one a line) against
        the semantic conventions, and prints what deviates from them.

        What a file is shows in its content, unless an option tells it.

        Exit status: 0 if all files can be used and no telemetry violates the
        conventions, 1 if one cannot or does, 2 for wrong arguments.

        """

    /// Performs the command that the arguments name.
    static func run(_ arguments: [String], environment: [String: String]? = nil) -> Result {
        var files = arguments.dropFirst()
        let kind = files.first.flatMap(Kind.init)
        if kind != nil { files.removeFirst() }
        guard arguments.first == "check", !files.isEmpty, !files.contains(where: { $0.hasPrefix("-") }) else {
            let asksForHelp = arguments == ["--help"] || arguments == ["help"] || arguments == ["check", "--help"]
            return asksForHelp ? Result(output: usage) : Result(errors: usage, status: 2)
        }
        return files.reduce(into: Result()) { result, file in
            let bytes = kind == .configuration ? nil : try? FileContents.read(file, atMost: TelemetryFileCheck.maximumBytes)
            guard kind == .telemetry || bytes.map(TelemetryFileCheck.isTelemetry) == true else {
                return check(file, environment, &result)
            }
            guard let bytes else {
                result.errors += "\(file): error: expected a file of at most 256 MiB that can be read\n"
                result.status = 1
                return
            }
            check(telemetry: bytes, file, &result)
        }
    }

    private static func check(telemetry bytes: [UInt8], _ file: String, _ result: inout Result) {
        var check = TelemetryFileCheck()
        check.run(bytes)
        result.errors += check.problems.map { "\(file):\($0.line): error: \($0.text)\n" }.joined()
        if !check.problems.isEmpty || check.report.has(.violation) { result.status = 1 }
        result.output += "\(file): held against \(Resource.semanticConventions)\n\(check.text)"
    }

    private static func check(_ file: String, _ environment: [String: String]?, _ result: inout Result) {
        do throws(ConfigurationError) {
            let configuration = try TelemetryConfiguration.parse(file: file, environment: environment)
            let review = configuration.review()
            result.errors += lines(review.errors, "error") + lines(review.warnings, "warning")
            guard review.errors.isEmpty else {
                result.status = 1
                return
            }
            result.output += "\(file): can be used\n\n\(configuration.summary(width: 80))"
        } catch {
            result.errors += error.problems.isEmpty ? "\(file): error: expected \(error.expected)\n" : lines(error.problems, "error")
            result.status = 1
        }
    }

    private static func lines(_ problems: [ConfigurationProblem], _ kind: String) -> String {
        problems.map { $0.text(kind: kind) + "\n" }.joined()
    }
}
