// Conditions on attributes that the index could only narrow down, made ready for one shard.

import Telemetry

/// Attributes that a record, its scope or its resource must have, or must not have.
struct AttributeCheck {
    private struct Part {
        let test: AttributeTest
        /// Which origins have the attribute, by their numbers.
        let origins: [Bool]
        let isNegated: Bool
    }

    private var parts: [Part] = []

    /// Returns nil if a term is about anything else.
    init?(_ terms: [SearchTerm], _ table: OriginTable) {
        for term in terms {
            var (inner, isNegated) = (term, false)
            while case .not(let negated) = inner { (inner, isNegated) = (negated, !isNegated) }
            guard case .condition(let condition) = inner, case .attribute(let key) = condition.field else { return nil }
            let test = AttributeTest(key: key, condition)
            parts.append(Part(test: test, origins: Self.origins(test, table), isNegated: isNegated))
        }
    }

    /// Returns which origins have an attribute, in their resource or scope.
    static func origins(_ test: AttributeTest, _ table: OriginTable) -> [Bool] {
        let resources = table.resources.map { $0.bytes.withUnsafeBytes { test.holds(attributes: 1, of: $0) } }
        return table.scopes.map { scope in
            resources[Int(scope.resource)] || scope.bytes.withUnsafeBytes { test.holds(attributes: 3, of: $0) }
        }
    }

    func passes(_ message: UnsafeRawBufferPointer, origin: Int) -> Bool {
        parts.allSatisfy { part in
            let isInOrigin = origin < part.origins.count && part.origins[origin]
            return (isInOrigin || part.test.holds(message, .logRecord)) != part.isNegated
        }
    }
}
