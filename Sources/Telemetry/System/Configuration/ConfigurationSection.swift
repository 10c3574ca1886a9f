// Reads the properties of one mapping, and tells what is wrong with them.

/// A mapping of a configuration file. Each property is asked for by name; what is left at the end is unknown.
///
/// An absent property and one without a value give nil, so that the default counts.
final class ConfigurationSection {
    let path: String
    let problems: ConfigurationProblems
    private let members: [ConfigurationNode.Member]
    private let place: ConfigurationPlace?
    private var known: [String] = []

    init(path: String, members: [ConfigurationNode.Member], place: ConfigurationPlace?, problems: ConfigurationProblems) {
        self.path = path
        self.members = members
        self.place = place
        self.problems = problems
    }

    /// Makes a section of a value that must be a mapping; nil if it is none, which is told.
    ///
    /// - Parameter isNullable: true if a property without a value stands for a mapping without members.
    convenience init?(
        _ node: ConfigurationNode, path: String, isNullable: Bool, isSecret: Bool = false, problems: ConfigurationProblems
    ) {
        switch node.content {
        case .mapping(let members): self.init(path: path, members: members, place: node.place, problems: problems)
        case .null where isNullable: self.init(path: path, members: [], place: node.place, problems: problems)
        case .unusable: return nil
        default:
            let noun = isSecret ? node.plainNoun : node.noun
            problems.fail("\(noun) cannot be used; expected a mapping", at: node.place, property: path)
            return nil
        }
    }

    func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// The names of all members, as they are written.
    var keys: [String] { members.map(\.key) }

    /// Returns the member with its value, whatever it is.
    func member(_ key: String) -> ConfigurationNode.Member? {
        known.append(key)
        guard let member = members.first(where: { $0.key == key }) else { return nil }
        note(member)
        return member
    }

    /// Returns all members: with any key, and none of them is unknown any more.
    func allMembers() -> [ConfigurationNode.Member] {
        known += keys
        for member in members { note(member) }
        return members
    }

    private func note(_ member: ConfigurationNode.Member) {
        // A list or mapping below begins at its first element; its key is what one looks for.
        let isScalar =
            if case .mapping = member.value.content { false } else if case .sequence = member.value.content { false } else { true }
        problems.note(isScalar && !member.value.isNull ? member.value.place : member.keyPlace, of: path(of: member.key))
    }

    /// Returns the value of a member that has one.
    func node(_ key: String) -> ConfigurationNode? {
        guard let value = member(key)?.value, !value.isNull, !value.isUnusable else { return nil }
        return value
    }

    private func fail(_ key: String, _ node: ConfigurationNode, _ expected: String) {
        problems.fail("\(node.noun) cannot be used; expected \(expected)", at: node.place, property: path(of: key))
    }

    /// Tells that a required property is missing.
    func requires(_ key: String, _ expected: String) {
        if let member = members.first(where: { $0.key == key }) {
            guard member.value.isNull else { return }
            problems.fail("has no value; expected \(expected)", at: member.keyPlace, property: path(of: key))
        } else {
            problems.fail("\"\(key)\" is missing; expected \(expected)", at: place, property: path)
        }
    }

    // MARK: Scalars

    func boolean(_ key: String) -> Bool? {
        guard let node = node(key) else { return nil }
        if case .boolean(let value) = node.content { return value }
        fail(key, node, "true or false, without quotes")
        return nil
    }

    func integer(_ key: String, in range: ClosedRange<Int>, _ unit: String = "") -> Int? {
        guard let node = node(key) else { return nil }
        if case .integer(let value) = node.content, range.contains(value) { return value }
        let number = unit.isEmpty ? "a whole number" : "a whole number of \(unit)"
        let bounds =
            range.upperBound >= Self.mostMilliseconds ? "\(range.lowerBound) or more" : "from \(range.lowerBound) to \(range.upperBound)"
        fail(key, node, "\(number), \(bounds), without quotes")
        return nil
    }

    static let mostMilliseconds = Int.max / 1_000_000

    func milliseconds(_ key: String, atLeast least: Int = 0) -> Duration? {
        integer(key, in: least...Self.mostMilliseconds, "milliseconds").map { .milliseconds($0) }
    }

    /// Returns a duration in milliseconds, where 0 means no limit: some thirty years.
    func timeout(_ key: String) -> Duration? { milliseconds(key).map { $0 == .zero ? .seconds(1_000_000_000) : $0 } }

    func number(_ key: String, in range: ClosedRange<Double>) -> Double? {
        guard let node = node(key) else { return nil }
        let number: Double? =
            switch node.content {
            case .integer(let value): Double(value)
            case .number(let value): value
            default: nil
            }
        if let number, range.contains(number) { return number }
        fail(key, node, "a number from \(range.lowerBound) to \(range.upperBound), without quotes")
        return nil
    }

    /// Returns a text. A number or truth value from an environment variable is the text of the variable.
    ///
    /// - Parameter acceptsNumber: whether an unquoted number counts as its text.
    func text(_ key: String, acceptsNumber: Bool = false) -> String? {
        guard let node = node(key) else { return nil }
        if let text = Self.text(of: node, acceptsNumber: acceptsNumber) { return text }
        fail(key, node, Self.expectedText(for: node))
        return nil
    }

    static func text(of node: ConfigurationNode, acceptsNumber: Bool = false) -> String? {
        switch node.content {
        case .text(let text): text
        case .boolean, .integer, .number: node.isSubstituted || acceptsNumber ? node.written : nil
        default: nil
        }
    }

    private static func expectedText(for node: ConfigurationNode) -> String {
        switch node.content {
        case .boolean, .integer, .number: "a text: \"\(node.written)\" in quotes"
        default: "a text"
        }
    }

    /// Returns the value that a word of a table stands for.
    func choice<Value>(_ key: String, _ table: KeyValuePairs<String, Value>) -> Value? {
        guard let node = node(key) else { return nil }
        if let text = Self.text(of: node), let value = table.first(where: { $0.key == text })?.value { return value }
        fail(key, node, "one of: \(table.map(\.key).joined(separator: ", "))")
        return nil
    }

    // MARK: Lists and mappings

    /// Returns the elements of a list with their paths.
    ///
    /// - Parameters:
    ///   - isRequired: whether the list must be there; it must then have an element.
    ///   - isSecret: whether texts in the wrong place are not shown.
    func list(
        _ key: String, of what: String, isRequired: Bool = false, mayBeEmpty: Bool = false, isSecret: Bool = false
    ) -> [(node: ConfigurationNode, path: String)] {
        if isRequired { requires(key, "a list of \(what) with at least one") }
        guard let member = member(key), !member.value.isUnusable else { return [] }
        let node = member.value
        if node.isNull {
            if !isRequired {
                problems.fail(
                    "has no value; expected a list of \(what), or leave out the property", at: member.keyPlace, property: path(of: key))
            }
            return []
        }
        guard case .sequence(let elements) = node.content else {
            let noun = isSecret ? node.plainNoun : node.noun
            problems.fail(
                "\(noun) cannot be used; expected a list of \(what), one in a line after a dash", at: node.place, property: path(of: key))
            return []
        }
        if elements.isEmpty, !mayBeEmpty {
            let otherwise = isRequired ? "" : ", or leave out the property"
            problems.fail(
                "an empty list cannot be used; expected a list of \(what) with at least one\(otherwise)", at: node.place,
                property: path(of: key))
        }
        return elements.enumerated().map { index, element in
            let path = "\(path(of: key))[\(index)]"
            problems.note(element.place, of: path)
            return (element, path)
        }
    }

    /// Returns a list of texts; nil if there is none.
    func texts(_ key: String, of what: String, mayBeEmpty: Bool = false) -> [String]? {
        guard member(key) != nil else { return nil }
        return list(key, of: what, mayBeEmpty: mayBeEmpty).compactMap { element, path in
            if let text = Self.text(of: element) { return text }
            if !element.isUnusable {
                problems.fail(
                    "\(element.noun) cannot be used; expected \(Self.expectedText(for: element))", at: element.place, property: path)
            }
            return nil
        }
    }

    /// Returns the sections of a list of mappings.
    ///
    /// - Parameter acceptsMapping: whether a mapping counts as the list of its members, as some SDKs write it; it is warned of.
    func sections(
        _ key: String, of what: String, isRequired: Bool = false, mayBeEmpty: Bool = false, atMost limit: Int = .max,
        isSecret: Bool = false,
        acceptsMapping: Bool = false
    ) -> [ConfigurationSection] {
        if acceptsMapping, let node = node(key), case .mapping(let members) = node.content {
            let path = path(of: key)
            problems.warn(
                "a mapping counts as the list of its members; expected a list of \(what), one in a line after a dash", at: node.place,
                property: path)
            return members.enumerated().map { index, member in
                problems.note(member.keyPlace, of: "\(path)[\(index)]")
                return ConfigurationSection(path: "\(path)[\(index)]", members: [member], place: member.keyPlace, problems: problems)
            }
        }
        let elements = list(key, of: what, isRequired: isRequired, mayBeEmpty: mayBeEmpty, isSecret: isSecret)
        guard elements.count <= limit else {
            problems.fail(path(of: key), "the list has \(elements.count) elements; expected at most \(limit)")
            return []
        }
        return elements.compactMap { element, path in
            ConfigurationSection(element, path: path, isNullable: false, isSecret: isSecret, problems: problems)
        }
    }

    /// Returns a mapping below this one; nil if there is none.
    ///
    /// - Parameter isNullable: true if the property without a value counts as a mapping without members.
    func section(_ key: String, isNullable: Bool = false) -> ConfigurationSection? {
        guard let member = member(key) else { return nil }
        if member.value.isNull, !isNullable {
            problems.fail("has no value; expected a mapping, or leave out the property", at: member.keyPlace, property: path(of: key))
            return nil
        }
        return ConfigurationSection(member.value, path: path(of: key), isNullable: isNullable, problems: problems)
    }

    /// Returns the section of a property that must be there.
    func requiredSection(_ key: String, _ expected: String) -> ConfigurationSection? {
        requires(key, expected)
        guard let member = member(key), !member.value.isNull else { return nil }
        return ConfigurationSection(member.value, path: path(of: key), isNullable: false, problems: problems)
    }

    /// Returns the only member of a mapping that chooses one of several things; nil if there is another number of members, which is told.
    func onlyMember(of what: String) -> ConfigurationNode.Member? {
        guard members.count == 1, let member = members.first else {
            let names = members.prefix(10).map(\.key).joined(separator: ", ") + (members.count > 10 ? ", …" : "")
            let found = members.isEmpty ? "is empty" : "has \(members.count) members: \(names)"
            problems.fail("\(found); expected exactly one \(what)", at: place, property: path)
            return nil
        }
        return self.member(member.key)
    }

    /// Tells all members that nothing has asked for.
    ///
    /// - Parameter isOpen: true if unknown members are allowed: they are warned of only.
    func finish(isOpen: Bool = false) {
        for member in members where !known.contains(member.key) {
            // Looking for a near name takes time, and a file may have any number of unknown ones.
            if problems.leavesOut(isWarning: isOpen) { continue }
            let near = NearName.of(member.key, among: known).map { "; did you mean \"\($0)\"?" }
            let message =
                "\"\(member.key)\" is unknown\(near ?? "; known here: \(known.isEmpty ? "nothing" : known.uniqued.joined(separator: ", "))")"
            if isOpen {
                problems.warn(message, at: member.keyPlace, property: path)
            } else {
                problems.fail(message, at: member.keyPlace, property: path)
            }
        }
    }
}

extension [String] {
    /// The elements without repetitions.
    fileprivate var uniqued: [String] { reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }
}
