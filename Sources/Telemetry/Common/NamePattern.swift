// Patterns of views, scope configurators and attribute filters.

/// A case-sensitive pattern in which `*` matches any number of characters and `?` exactly one.
struct NamePattern: Sendable, Hashable {
    private let pattern: [Unicode.Scalar]

    init(_ pattern: String) {
        self.pattern = Array(pattern.unicodeScalars)
    }

    /// Returns whether the pattern matches the whole name.
    func matches(_ name: String) -> Bool {
        let name = Array(name.unicodeScalars)
        var (inPattern, inName) = (0, 0)
        // Where to resume if the rest after the latest `*` does not match: the `*` then matches one more character. Earlier ones
        // need not be retried, so that the time is bounded by the product of both lengths.
        var retry: (inPattern: Int, inName: Int)?
        while inName < name.count {
            if inPattern < pattern.count, pattern[inPattern] == "*" {
                retry = (inPattern, inName)
                inPattern += 1
            } else if inPattern < pattern.count, pattern[inPattern] == "?" || pattern[inPattern] == name[inName] {
                inPattern += 1
                inName += 1
            } else if let last = retry {
                retry = (last.inPattern, last.inName + 1)
                (inPattern, inName) = (last.inPattern + 1, last.inName + 1)
            } else {
                return false
            }
        }
        return pattern[inPattern...].allSatisfy { $0 == "*" }
    }
}
