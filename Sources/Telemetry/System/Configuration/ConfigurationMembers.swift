// The members of a mapping while it is read.

/// Collects the members of a mapping; a repeated key is told.
struct ConfigurationMembers {
    private let problems: ConfigurationProblems
    private var members: [ConfigurationNode.Member] = []
    private var places: [String: ConfigurationPlace] = [:]
    /// The members of merged mappings: those of the first one count before those of the others.
    private var merged: [ConfigurationNode.Member] = []
    private var mergePlace: ConfigurationPlace?
    private var count = 1
    private var depth = 1

    init(_ problems: ConfigurationProblems) {
        self.problems = problems
    }

    mutating func append(_ key: String, _ place: ConfigurationPlace, _ value: ConfigurationNode) {
        count += value.count
        depth = max(depth, 1 + value.depth)
        guard key.utf8.count <= ConfigurationLimits.keyBytes else {
            problems.fail("the key \"\(key.prefix(20))…\" has more than \(ConfigurationLimits.keyBytes) bytes", at: place)
            return
        }
        if let first = places[key] {
            problems.fail("the key \"\(key)\" stands twice, first in line \(first.line); expected it once", at: place)
            return
        }
        places[key] = place
        members.append(ConfigurationNode.Member(key: key, keyPlace: place, value: value))
    }

    /// Takes the members of a mapping, or of each mapping in a list, for keys that are not there themselves.
    mutating func merge(_ value: ConfigurationNode, _ place: ConfigurationPlace) {
        count += value.count
        depth = max(depth, 1 + value.depth)
        if let mergePlace {
            problems.fail("the key \"<<\" stands twice, first in line \(mergePlace.line); expected it once, with a list", at: place)
            return
        }
        mergePlace = place
        let sources = if case .sequence(let elements) = value.content { elements } else { [value] }
        for source in sources where !source.isUnusable {
            if case .mapping(let members) = source.content {
                merged += members
            } else {
                problems.fail("\(source.noun) cannot be merged; expected a mapping, or a list of mappings", at: source.place)
            }
        }
    }

    func node(at place: ConfigurationPlace) -> ConfigurationNode {
        var (all, keys) = (members, Set(places.keys))
        for member in merged where keys.insert(member.key).inserted { all.append(member) }
        return ConfigurationNode(content: .mapping(all), place: place, count: count, depth: depth)
    }
}
