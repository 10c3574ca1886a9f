// The conditions of a selector.

/// A condition on one label; a label that a series does not have is the empty text.
package struct LabelMatcher: Sendable {
    package enum Test: Sendable {
        case equal(String)
        case notEqual(String)
        case matches(AnchoredPattern)
        case notMatches(AnchoredPattern)
    }

    package let name: String
    package let test: Test

    func matches(_ value: String) -> Bool {
        switch test {
        case .equal(let text): value == text
        case .notEqual(let text): value != text
        case .matches(let pattern): pattern.matches(value)
        case .notMatches(let pattern): !pattern.matches(value)
        }
    }

    var isEqual: Bool { if case .equal = test { true } else { false } }

    /// True if a series without the label matches.
    var matchesEmpty: Bool { matches("") }

    func matches(_ labels: LabelSet) -> Bool { matches(labels[name]) }
}

extension LabelMatcher: CustomStringConvertible {
    package var description: String {
        switch test {
        case .equal(let text): "\(name)=\"\(text)\""
        case .notEqual(let text): "\(name)!=\"\(text)\""
        case .matches(let pattern): "\(name)=~\"\(pattern.text)\""
        case .notMatches(let pattern): "\(name)!~\"\(pattern.text)\""
        }
    }
}
