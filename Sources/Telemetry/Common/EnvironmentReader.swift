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

    /// Returns true only for `true` in any case; a value other than `true` and `false` is reported and counts as false.
    public func boolean(_ name: String) -> Bool {
        guard let text = text(name) else { return false }
        switch text.lowercased() {
        case "true": return true
        case "false": return false
        default:
            report(name, text, expected: "true or false")
            return false
        }
    }

    /// Returns a whole number in a range; nil if the variable is unset, or has no such value, which is reported.
    public func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let text = text(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            let expected =
                range.upperBound == .max
                ? "a whole number from \(range.lowerBound)" : "a whole number from \(range.lowerBound) to \(range.upperBound)"
            report(name, text, expected: expected)
            return nil
        }
        return number
    }

    /// Returns a number in a range; nil if the variable is unset, or has no such value, which is reported.
    public func number(_ name: String, in range: ClosedRange<Double>) -> Double? {
        guard let text = text(name) else { return nil }
        guard let number = Double(text), range.contains(number) else {
            report(name, text, expected: "a number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    /// Returns a duration, which the variable gives in whole milliseconds; nil if it is unset, or has no such value, which is reported.
    public func duration(_ name: String) -> Duration? {
        integer(name, in: 0...(Int.max / 1_000_000)).map { .milliseconds($0) }
    }

    /// Returns a duration in whole milliseconds, where 0 means no limit: some thirty years.
    func timeout(_ name: String) -> Duration? {
        duration(name).map { $0 == .zero ? .seconds(1_000_000_000) : $0 }
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
        var pairs: [(name: String, value: String)] = []
        for part in text.split(separator: ",") where !part.trimmingWhiteSpace().isEmpty {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, let key = PercentEncoding.decode(sides[0].trimmingWhiteSpace()), !key.isEmpty,
                let value = PercentEncoding.decode(sides[1].trimmingWhiteSpace())
            else {
                // The value is not reported: headers contain secrets.
                report(name, "…", expected: "pairs name=value separated by commas, with %2C for a comma; the whole variable is left out")
                return nil
            }
            pairs.append((key, value))
        }
        return pairs.isEmpty ? nil : pairs
    }

    /// Reports a value that cannot be used to ``Diagnostics``.
    ///
    /// - Parameters:
    ///   - name: the name of the variable.
    ///   - value: the value, or an invalid word of a list; `"…"` in place of one that is secret.
    ///   - expected: what would be right, and what is used instead.
    public func report(_ name: String, _ value: String, expected: String) {
        let complaint = complaint(name, value, expected)
        if let complaints = EnvironmentComplaints.current { return complaints.add(complaint) }
        Diagnostics.report(.warning, topic: "environment.\(name)", complaint)
    }

    /// Returns the text of a report, with words of lists as they were written: callers pass them in lower case.
    func complaint(_ name: String, _ value: String, _ expected: String) -> String {
        let written = text(name)?.split(separator: ",").map { $0.trimmingWhiteSpace() }.first { $0.lowercased() == value }
        return "\(name): \"\(written.map(String.init) ?? value)\" cannot be used; expected \(expected)."
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
