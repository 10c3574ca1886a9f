// Conditions that time, severity and origin decide.

/// Tests what the columns of all shards have.
enum LogColumnTest {
    /// Returns which origins have the service or scope.
    static func origins(_ condition: SearchCondition, _ table: OriginTable) -> [Bool] {
        let services = table.services.texts.map { condition.holds($0) }
        return table.scopes.map { scope in
            condition.field == .scope ? condition.holds(scope.name) : services[Int(table.resources[Int(scope.resource)].service)]
        }
    }

    /// Returns which severities pass, by their numbers.
    static func severities(_ condition: SearchCondition) -> [Bool] {
        let first = Int(condition.number ?? 0)
        let numbers = first...(Int(condition.text) == nil ? first + 3 : first)
        return (0...24).map { condition.comparison.holds($0, numbers) }
    }
}
