// Environment variables, parsed by the rules of the specification.

/// Reads settings from environment variables. A value that does not parse is reported and counts as unset.
///
/// The variables are those of the process, or the ones that ``TelemetrySystem`` was started with. White space around a value is ignored, and
/// an empty value counts as unset. (Specification: configuration, "Environment Variable Specification" and "Common".)
public struct EnvironmentReader: Sendable {
    private let lookUp: @Sendable (String) -> String?

    /// The variables of the process.
    public static let process = EnvironmentReader { ProcessInformation.environmentVariable($0) }

    init(_ lookUp: @escaping @Sendable (String) -> String?) {
        self.lookUp = lookUp
    }

    /// Reads from a dictionary, for tests and for programs that provide their own variables.
    public init(_ variables: [String: String]) {
        lookUp = { variables[$0] }
    }

    /// Returns the value without white space around it; nil if it is unset or empty.
    public func text(_ name: String) -> String? {
        guard let value = lookUp(name) else { return nil }
        let trimmed = value.trimmingWhiteSpace()
        return trimmed.isEmpty ? nil : String(trimmed)
    }

    /// Returns the value with its white space; nil if it is unset or empty.
    func exactText(_ name: String) -> String? { lookUp(name).flatMap { $0.isEmpty ? nil : $0 } }

    /// The same variables without those of the specification, which a configuration file stands in for.
    var withoutTelemetryVariables: EnvironmentReader {
        EnvironmentReader { [lookUp] name in name.hasPrefix("OTEL_") ? nil : lookUp(name) }
    }

    /// Returns true only for `true` in any case; a value other than `true` and `false` is reported and counts as false.
    public func boolean(_ name: String) -> Bool {
        value([name], expected: { _ in "true or false" }, else: (false, "false is used")) { text in
            switch text.lowercased() {
            case "true": true
            case "false": false
            default: nil
            }
        }
    }

    /// Returns the value of the first variable that has one that can be used, or else the default.
    ///
    /// A value that cannot be used is reported, with what is used instead: all methods that read a single value do so through this one.
    ///
    /// - Parameters:
    ///   - names: the variables, the one that takes precedence first.
    ///   - expected: returns what would be right in place of a text that cannot be used.
    ///   - fallback: the default, and the words for its use, as `5000 is used`.
    ///   - parse: returns the value of a text; nil if it cannot be used.
    func value<Value>(
        _ names: ArraySlice<String>, expected: (String) -> String, else fallback: (value: Value, use: String),
        _ parse: (String) -> Value?
    ) -> Value {
        usedValue(names, expected, fallback, parse).value
    }

    private func usedValue<Value>(
        _ names: ArraySlice<String>, _ expected: (String) -> String, _ fallback: (value: Value, use: String), _ parse: (String) -> Value?
    ) -> (value: Value, use: String) {
        guard let name = names.first else { return fallback }
        guard let text = text(name) else { return usedValue(names.dropFirst(), expected, fallback, parse) }
        if let value = parse(text) { return (value, "\(name) is used") }
        let used = usedValue(names.dropFirst(), expected, fallback, parse)
        report(name, text, expected: expected(text), used: used.use)
        return used
    }

    /// Returns words separated by commas, in lower case, without repetitions.
    func list(_ name: String) -> [String]? { words(name)?.map { $0.lowercased() } }

    /// Returns words separated by commas as written, without repetitions in any case.
    func words(_ name: String) -> [String]? {
        guard let text = text(name) else { return nil }
        var words: [String] = []
        var known: Set<String> = []
        for part in text.split(separator: ",") {
            let word = String(part.trimmingWhiteSpace())
            if !word.isEmpty && known.insert(word.lowercased()).inserted { words.append(word) }
        }
        return words.isEmpty ? nil : words
    }

    /// Returns percent-decoded pairs `name=value` separated by commas; nil if there are none, or if any of them does not parse.
    func pairs(_ name: String) -> [(name: String, value: String)]? {
        guard let text = text(name) else { return nil }
        switch Self.pairs(of: text) {
        case .success(let pairs): return pairs.isEmpty ? nil : pairs
        case .failure(let problem):
            report(name, "…", expected: problem.expected, used: "the whole variable is left out")
            return nil
        }
    }

    /// Returns percent-decoded pairs `name=value` of a text that separates them by commas.
    static func pairs(of text: String) -> Result<[(name: String, value: String)], PairsProblem> {
        var pairs: [(name: String, value: String)] = []
        for part in text.split(separator: ",") where !part.trimmingWhiteSpace().isEmpty {
            switch Self.pair(part) {
            case .success(let pair): pairs.append(pair)
            case .failure(let problem):
                // Neither the value nor a part without a name is reported: headers contain secrets.
                let before = pairs.last.map { " after \"\($0.name)\"" } ?? ""
                return .failure(
                    PairsProblem(
                        expected: "pairs name=value separated by commas, with %2C for a comma, but pair \(pairs.count + 1)\(before)"
                            + " \(problem.text)"))
            }
        }
        return .success(pairs)
    }

    /// What is wrong with a list of pairs, without any value: what would be right, and which pair is not.
    struct PairsProblem: Error {
        let expected: String
    }

    /// What is wrong with a pair, as the end of a sentence about it.
    private struct PairProblem: Error {
        let text: String
    }

    private static func pair(_ part: Substring) -> Result<(name: String, value: String), PairProblem> {
        let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard sides.count == 2 else { return .failure(PairProblem(text: "has no equals sign")) }
        guard let name = PercentEncoding.decode(sides[0].trimmingWhiteSpace()) else {
            return .failure(PairProblem(text: "has a name that is not percent-encoded UTF-8"))
        }
        guard !name.isEmpty else { return .failure(PairProblem(text: "has no name")) }
        guard let value = PercentEncoding.decode(sides[1].trimmingWhiteSpace()) else {
            return .failure(PairProblem(text: "named \"\(name)\" has a value that is not percent-encoded UTF-8"))
        }
        return .success((name, value))
    }

    /// Reports a value that cannot be used to ``Diagnostics``.
    ///
    /// - Parameters:
    ///   - name: the name of the variable.
    ///   - value: the value, or an invalid word of a list; `"…"` in place of one that is secret.
    ///   - expected: what would be right.
    ///   - used: what is used instead, as `5000 is used`.
    public func report(_ name: String, _ value: String, expected: String, used: String? = nil) {
        let complaint = complaint(name, value, expected, used)
        if let complaints = EnvironmentComplaints.current { return complaints.add(complaint) }
        Diagnostics.report(.warning, topic: "environment.\(name)", complaint)
    }

    /// Returns the text of a report, with words of lists as they were written: callers pass them in lower case.
    func complaint(_ name: String, _ value: String, _ expected: String, _ used: String? = nil) -> String {
        let written = text(name)?.split(separator: ",").map { $0.trimmingWhiteSpace() }.first { $0.lowercased() == value }
        return "\(name): \"\(written.map(String.init) ?? value)\" cannot be used; expected \(expected)\(used.map { "; \($0)" } ?? "")."
    }
}

/// Collects reports about environment variables. Telemetry reports them and uses defaults; a service may refuse to start instead.
package final class EnvironmentComplaints: Sendable {
    /// Receives reports instead of ``Diagnostics`` while it is set.
    @TaskLocal static var current: EnvironmentComplaints?

    private let texts = Locked<[String]>([])

    /// Performs the work, and returns the reports about variables that it reads in this task.
    package static func collect<Result>(during work: () throws -> Result) rethrows -> (result: Result, complaints: [String]) {
        let complaints = EnvironmentComplaints()
        let result = try $current.withValue(complaints) { try work() }
        return (result, complaints.texts.withLock { $0 })
    }

    func add(_ text: String) {
        texts.withLock { texts in
            // A variable may be read once for each signal.
            if !texts.contains(text) { texts.append(text) }
        }
    }
}
