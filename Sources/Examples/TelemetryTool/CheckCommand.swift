// `telemetry check`: whether configuration files can be used, and what they make run.

import Telemetry

/// Checks configuration files as a start would, without starting anything.
struct CheckCommand {
    /// The output of a command and its exit status.
    struct Result: Equatable {
        var output = ""
        var errors = ""
        /// 0 if all files can be used, 1 if one cannot, 2 for wrong arguments.
        var status: Int32 = 0
    }

    static let usage = """
        Usage: telemetry check FILE...

        Checks OpenTelemetry configuration files (YAML or JSON) as a start with
        OTEL_CONFIG_FILE would, and prints what they make run. References as
        ${NAME} take the variables of the environment.

        Exit status: 0 if all files can be used, 1 if one cannot, 2 for wrong
        arguments.

        """

    /// Performs the command that the arguments name.
    static func run(_ arguments: [String], environment: [String: String]? = nil) -> Result {
        guard arguments.first == "check", arguments.count > 1, !arguments.dropFirst().contains(where: { $0.hasPrefix("-") }) else {
            let asksForHelp = arguments == ["--help"] || arguments == ["help"] || arguments == ["check", "--help"]
            return asksForHelp ? Result(output: usage) : Result(errors: usage, status: 2)
        }
        return arguments.dropFirst().reduce(into: Result()) { result, file in check(file, environment, &result) }
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
