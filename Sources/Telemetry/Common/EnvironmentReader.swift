// Reads settings from environment variables by the specification's rules.

/// Reads settings from environment variables. What does not parse is reported once and counts as not set.
///
/// (Specification: configuration, "Environment Variable Specification" and "Common"; an empty value counts as not set.)
struct EnvironmentReader: Sendable {
    private let lookUp: @Sendable (String) -> String?

    /// The variables of the process.
    static let process = EnvironmentReader { ProcessInformation.environmentVariable($0) }

    init(_ lookUp: @escaping @Sendable (String) -> String?) {
        self.lookUp = lookUp
    }

    /// Made-up variables, for tests and for programs that bring their own.
    init(_ variables: [String: String]) {
        lookUp = { variables[$0] }
    }

    /// The text without white space around it; nil when not set or empty.
    func text(_ name: String) -> String? {
        guard let value = lookUp(name) else { return nil }
        let trimmed = value.trimmingWhiteSpace()
        return trimmed.isEmpty ? nil : String(trimmed)
    }

    /// True only for `true` in any case; anything but `true` and `false` is reported and counts as false.
    func boolean(_ name: String) -> Bool {
        guard let text = text(name) else { return false }
        switch text.lowercased() {
        case "true": return true
        case "false": return false
        default:
            report(name, text, "true or false")
            return false
        }
    }

    /// A whole number in a range.
    func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let text = text(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            let expected =
                range.upperBound == .max
                ? "a whole number from \(range.lowerBound)" : "a whole number from \(range.lowerBound) to \(range.upperBound)"
            report(name, text, expected)
            return nil
        }
        return number
    }

    /// A number in a range.
    func number(_ name: String, in range: ClosedRange<Double>) -> Double? {
        guard let text = text(name) else { return nil }
        guard let number = Double(text), range.contains(number) else {
            report(name, text, "a number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    /// Whole milliseconds.
    func duration(_ name: String) -> Duration? {
        integer(name, in: 0...(Int.max / 1_000_000)).map { .milliseconds($0) }
    }

    /// Whole milliseconds, where 0 means no limit: some thirty years.
    func timeout(_ name: String) -> Duration? {
        duration(name).map { $0 == .zero ? .seconds(1_000_000_000) : $0 }
    }

    /// Words separated by commas, in lower case, each once.
    func list(_ name: String) -> [String]? { words(name)?.map { $0.lowercased() } }

    /// Words separated by commas as they were written, each once whatever its case.
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

    /// Pairs `name=value` separated by commas, percent-encoded; nil when there are none, or any of it does not parse, which is reported.
    func pairs(_ name: String) -> [(name: String, value: String)]? {
        guard let text = text(name) else { return nil }
        var pairs: [(name: String, value: String)] = []
        for part in text.split(separator: ",") where !part.trimmingWhiteSpace().isEmpty {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, let key = PercentEncoding.decode(sides[0].trimmingWhiteSpace()), !key.isEmpty,
                let value = PercentEncoding.decode(sides[1].trimmingWhiteSpace())
            else {
                // Not the text itself: headers hold secrets.
                report(name, "…", "pairs name=value separated by commas, with %2C for a comma; the whole variable is left out")
                return nil
            }
            pairs.append((key, value))
        }
        return pairs.isEmpty ? nil : pairs
    }

    /// Reports a value that cannot be used, or one word of a list.
    func report(_ name: String, _ value: String, _ expected: String) {
        let complaint = complaint(name, value, expected)
        if let complaints = EnvironmentComplaints.current { return complaints.add(complaint) }
        Diagnostics.report(.warning, topic: "environment.\(name)", complaint)
    }

    /// What a report says. The words of a list come in lower case; they are shown as they were written.
    func complaint(_ name: String, _ value: String, _ expected: String) -> String {
        let written = text(name)?.split(separator: ",").map { $0.trimmingWhiteSpace() }.first { $0.lowercased() == value }
        return "\(name): \"\(written.map(String.init) ?? value)\" cannot be used; expected \(expected)."
    }
}

/// What is wrong with environment variables. Telemetry reports it and uses defaults; a service whose variables are all its own had better
/// not start with others than those that were meant.
package final class EnvironmentComplaints: Sendable {
    /// Takes what would be reported otherwise.
    @TaskLocal static var current: EnvironmentComplaints?

    private let texts = Locked<[String]>([])

    /// Performs the work, and returns what is wrong with the variables that it reads on the calling thread.
    package static func collect<Result>(during work: () throws -> Result) rethrows -> (result: Result, complaints: [String]) {
        let complaints = EnvironmentComplaints()
        let result = try $current.withValue(complaints) { try work() }
        return (result, complaints.texts.withLock { $0 })
    }

    func add(_ text: String) {
        texts.withLock { texts in
            // A variable may be read for several signals.
            if !texts.contains(text) { texts.append(text) }
        }
    }
}
