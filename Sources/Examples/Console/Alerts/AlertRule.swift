// The rules of a file, as they are evaluated.

/// A rule that raises alerts, or one that records the value of its query as a series.
package struct AlertRule: Sendable {
    enum Kind: Sendable, Equatable {
        case alert
        case record
    }

    let kind: Kind
    /// The name of the alert or of the recorded series.
    let name: String
    let query: String
    let expression: PromQLExpression
    /// How long the query must have given a series before its alert fires, in milliseconds.
    var holdTime: Int64 = 0
    /// How long an alert goes on firing when the query does not give its series any more, in milliseconds.
    var keepFiringTime: Int64 = 0
    var labels: [(name: String, value: AlertTemplate)] = []
    var annotations: [(name: String, value: AlertTemplate)] = []
    let line: Int
}

/// Rules that are evaluated together, one after another, at the same time.
package struct RuleGroup: Sendable {
    let file: String
    let name: String
    /// Milliseconds between two evaluations.
    let interval: Int64
    /// How far before the time of an evaluation its queries look, in milliseconds.
    let queryOffset: Int64
    /// Alerts or series that one rule may have; 0 for the console's own bound.
    let limit: Int
    let rules: [AlertRule]
}
