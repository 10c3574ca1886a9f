// Collects what is wrong in a configuration.

/// The problems and warnings of one configuration, and the places of its properties.
///
/// It is used by one call on one thread.
final class ConfigurationProblems {
    let file: String
    private(set) var errors: [ConfigurationProblem] = []
    private(set) var warnings: [ConfigurationProblem] = []
    /// The place of each property that was read.
    private(set) var places: [String: ConfigurationPlace] = [:]
    private var leftOutCount = 0

    init(file: String, places: [String: ConfigurationPlace] = [:]) {
        self.file = file
        self.places = places
    }

    var isEmpty: Bool { errors.isEmpty }

    /// Counts a further problem, and returns true, if there are too many to tell it.
    func leavesOut(isWarning: Bool) -> Bool {
        guard (isWarning ? warnings : errors).count >= ConfigurationLimits.problems else { return false }
        if !isWarning { leftOutCount += 1 }
        return true
    }

    func fail(_ message: String, at place: ConfigurationPlace?, property: String = "") {
        guard !leavesOut(isWarning: false) else { return }
        let problem = problem(message, place, property)
        if !errors.contains(problem) { errors.append(problem) }
    }

    /// Fails at the place of the property, or of the nearest one that contains it.
    func fail(_ property: String, _ message: String) { fail(message, at: place(of: property), property: property) }

    func warn(_ message: String, at place: ConfigurationPlace?, property: String = "") {
        let problem = problem(message, place, property)
        if warnings.count < ConfigurationLimits.problems, !warnings.contains(problem) { warnings.append(problem) }
    }

    /// Keeps the place of a property. A longer path has that of what contains it: each level of a long key would repeat it.
    func note(_ place: ConfigurationPlace, of property: String) {
        if property.utf8.count <= ConfigurationLimits.pathBytes { places[property] = place }
    }

    func place(of property: String) -> ConfigurationPlace? {
        var property = property[...]
        while true {
            if let place = places[String(property)] { return place }
            guard let end = property.lastIndex(where: { $0 == "." || $0 == "[" }) else { return nil }
            property = property[..<end]
        }
    }

    private func problem(_ message: String, _ place: ConfigurationPlace?, _ property: String) -> ConfigurationProblem {
        // Control characters of the file could fake another line.
        ConfigurationProblem(
            file: file, line: place?.line, column: place?.column, property: Self.escaped(property), message: Self.escaped(message))
    }

    private static func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.value < 0x20 }) else { return text }
        return text.unicodeScalars.map { $0.value < 0x20 ? $0.escaped(asASCII: true) : String($0) }.joined()
    }

    /// Returns what is expected in place of a configuration with these problems.
    static func expectation(_ problems: [ConfigurationProblem]) -> String {
        problems.count == 1 ? "a configuration without this problem" : "a configuration without these \(problems.count) problems"
    }

    /// All problems in the order of their places, with one that counts those that were left out.
    var sorted: [ConfigurationProblem] {
        let sorted = errors.sorted { ($0.line ?? 0, $0.column ?? 0, $0.property) < ($1.line ?? 0, $1.column ?? 0, $1.property) }
        guard leftOutCount > 0 else { return sorted }
        return sorted + [ConfigurationProblem(file: file, message: "\(quantity(leftOutCount, "further problem")) left out")]
    }
}
