// Where alerts are sent to: the tree of routes, receivers and inhibitions of Alertmanager's configuration.

import Telemetry

/// A webhook of a receiver.
struct AlertWebhook: Sendable {
    let url: HTTPURL
    var sendsResolved = true
    /// Alerts of one message; 0 for all.
    var maximumAlerts = 0
    /// Milliseconds that one request may take.
    var timeout: Int64 = 10_000
    /// What the field `Authorization` of its requests says.
    var authorization: ClientAuthorization?
    /// The TLS of its connections; nil for `http`.
    var tls: ClientTLS?
}

/// One of the receivers that routes lead to; one without webhooks takes alerts and sends nothing.
struct AlertReceiver: Sendable {
    let name: String
    var webhooks: [AlertWebhook] = []
}

/// A rule by which alerts mute others with the same labels.
struct InhibitRule: Sendable {
    var source: [AlertMatcher] = []
    var target: [AlertMatcher] = []
    var equal: [String] = []

    func isSource(_ labels: LabelSet) -> Bool { source.allSatisfy { $0.matches(labels) } }

    func isTarget(_ labels: LabelSet) -> Bool { target.allSatisfy { $0.matches(labels) } }

    /// Returns the values that source and target have in common.
    func common(_ labels: LabelSet) -> [String] { equal.map { labels[$0] } }
}

/// A node of the tree of routes, with what it inherits from those above it.
struct AlertRoute: Sendable {
    /// The way to the node by its matchers, which is a part of the key of its groups.
    var key = "{}"
    /// The number of the node in the tree.
    var index = 0
    var matchers: [AlertMatcher] = []
    var receiver = ""
    var groupBy: [String] = []
    var groupsByAll = false
    var groupWait: Int64 = 30_000
    var groupInterval: Int64 = 300_000
    var repeatInterval: Int64 = 14_400_000
    var continues = false
    var routes: [AlertRoute] = []

    /// Returns the routes that an alert takes: the deepest that match, in the order of the file.
    func matching(_ labels: LabelSet) -> [AlertRoute] {
        guard matchers.allSatisfy({ $0.matches(labels) }) else { return [] }
        var all: [AlertRoute] = []
        for route in routes {
            let found = route.matching(labels)
            all += found
            if !found.isEmpty, !route.continues { break }
        }
        return all.isEmpty ? [self] : all
    }

    /// Returns the labels by which alerts of the route are put together.
    func groupLabels(of labels: LabelSet) -> LabelSet { groupsByAll ? labels : labels.keeping(groupBy) }
}

/// A routing file.
package struct AlertRouting: Sendable {
    let root: AlertRoute
    let receivers: [String: AlertReceiver]
    let inhibitRules: [InhibitRule]
    /// The text of the file without its secrets.
    let source: String

    /// The routing of a console without a file: alerts are grouped and sent nowhere.
    static let none = AlertRouting(
        root: AlertRoute(receiver: "none", groupBy: ["alertname"]), receivers: ["none": AlertReceiver(name: "none")], inhibitRules: [],
        source: "")
}
