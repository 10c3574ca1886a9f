// The members of a mapping while it is read.

/// Collects the members of a mapping; a repeated key is told.
struct ConfigurationMembers {
    private let problems: ConfigurationProblems
    private var members: [ConfigurationNode.Member] = []
    private var places: [String: ConfigurationPlace] = [:]
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

    func node(at place: ConfigurationPlace) -> ConfigurationNode {
        ConfigurationNode(content: .mapping(members), place: place, count: count, depth: depth)
    }
}
