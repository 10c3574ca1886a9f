// Reads routing files in the format of Alertmanager.

package import ExampleSupport
import Telemetry

/// Reads `route`, `receivers` and `inhibit_rules`, and checks that they fit together.
package struct RoutingFileReader {
    private static let maximumRoutes = 1_000
    private static let maximumDepth = 20
    /// Each webhook may have ``WebhookSender/requestsOfAddress`` threads when it does not answer.
    private static let (maximumWebhooks, maximumWebhooksOfReceiver) = (128, 16)
    private static let otherReceivers = [
        "discord", "email", "incidentio", "pagerduty", "slack", "opsgenie", "wechat", "pushover", "victorops", "sns", "telegram", "webex",
        "msteams", "msteamsv2", "jira", "rocketchat", "mattermost",
    ]
    private static let noTimes = "this console has no time intervals; a silence mutes alerts for a time"

    var reader: YAMLFileReader
    private var receivers: [String: AlertReceiver] = [:]
    private var routeCount = 0
    private var webhookCount = 0

    package static func routing(_ text: [UInt8], file: String) throws(YAMLFileProblems) -> AlertRouting {
        var reader = RoutingFileReader(reader: YAMLFileReader(file: file))
        var routing: AlertRouting?
        if let document = reader.reader.document(text, need: "route and receivers") { routing = reader.read(document) }
        guard reader.reader.problems.isEmpty, let routing else { throw YAMLFileProblems(problems: reader.reader.problems) }
        return routing
    }

    private mutating func read(_ document: YAMLNode) -> AlertRouting? {
        let known = ["global", "route", "receivers", "inhibit_rules", "templates"]
        let unsupported = [
            "mute_time_intervals": Self.noTimes, "time_intervals": Self.noTimes, "tracing": "set OTEL_EXPORTER_OTLP_ENDPOINT",
            "event_recorder": "this console records no events",
        ]
        guard let fields = reader.fields(document, "The file", known, unsupported: unsupported) else { return nil }
        if let global = fields["global"] {
            _ = reader.fields(global, "global", ["resolve_timeout"], unsupported: ["http_config": "set it in each webhook"])
        }
        for node in reader.elements(fields, "templates") {
            reader.report("templates of messages are not supported; webhooks get the whole message", node.line)
        }
        for node in reader.elements(fields, "receivers") { readReceiver(node) }
        let inhibitions = reader.elements(fields, "inhibit_rules").compactMap { inhibition($0) }
        guard let route = fields["route"] else {
            reader.report("the file has no route", document.line)
            return nil
        }
        guard let root = self.route(route, parent: nil, depth: 1) else { return nil }
        return AlertRouting(root: root, receivers: receivers, inhibitRules: inhibitions, source: RoutingText.text(of: document))
    }

    // MARK: Receivers

    private mutating func readReceiver(_ node: YAMLNode) {
        let others = Dictionary(uniqueKeysWithValues: Self.otherReceivers.map { ("\($0)_configs", "this console sends webhooks only") })
        guard let fields = reader.fields(node, "The receiver", ["name", "webhook_configs"], unsupported: others) else { return }
        guard let name = reader.text(fields, "name"), !name.isEmpty else { return reader.report("the receiver has no name", node.line) }
        if receivers[name] != nil { reader.report("the receiver \(name) is there twice", node.line) }
        let webhooks = reader.elements(fields, "webhook_configs").compactMap { webhook($0, "The webhook of \(name)") }
        webhookCount += webhooks.count
        if webhooks.count > Self.maximumWebhooksOfReceiver || webhookCount > Self.maximumWebhooks {
            reader.report(
                "the receiver \(name) has too many webhooks; a receiver has at most \(Self.maximumWebhooksOfReceiver), a file "
                    + "\(Self.maximumWebhooks)", node.line)
        }
        receivers[name] = AlertReceiver(name: name, webhooks: webhooks)
    }

    // MARK: Routes

    private mutating func route(_ node: YAMLNode, parent: AlertRoute?, depth: Int) -> AlertRoute? {
        let known = [
            "receiver", "group_by", "group_wait", "group_interval", "repeat_interval", "match", "match_re", "matchers", "continue",
            "routes",
        ]
        let unsupported = [
            "mute_time_intervals": Self.noTimes, "active_time_intervals": Self.noTimes, "labels": "Alertmanager has them since 0.34 only",
        ]
        guard let fields = reader.fields(node, "The route", known, unsupported: unsupported) else { return nil }
        routeCount += 1
        guard depth <= Self.maximumDepth, routeCount <= Self.maximumRoutes else {
            reader.report("there are at most \(Self.maximumRoutes) routes, \(Self.maximumDepth) levels deep", node.line)
            return nil
        }
        var route = parent ?? AlertRoute()
        route.routes = []
        route.index = routeCount - 1
        route.matchers = matchers(fields, "matchers", "match", "match_re").sorted(by: AlertMatcher.isBefore)
        route.key = parent.map { "\($0.key)/\(AlertMatcher.text(route.matchers))" } ?? "{}"
        route.continues = reader.truth(fields, "continue", default: false)
        if let receiver = reader.text(fields, "receiver") { route.receiver = receiver }
        if parent == nil {
            if route.receiver.isEmpty { reader.report("the first route has no receiver", node.line) }
            if !route.matchers.isEmpty { reader.report("the first route takes all alerts; it has no matchers", node.line) }
        }
        if !route.receiver.isEmpty, receivers[route.receiver] == nil {
            let names = receivers.keys.sorted().joined(separator: ", ")
            reader.report(
                "there is no receiver \(route.receiver); \(names.isEmpty ? "the file has none" : "there are \(names)")",
                fields["receiver"]?.line ?? node.line)
        }
        readGrouping(fields, &route)
        if let wait = reader.duration(fields, "group_wait") { route.groupWait = wait }
        if let interval = reader.duration(fields, "group_interval", isPositive: true) { route.groupInterval = interval }
        if let interval = reader.duration(fields, "repeat_interval", isPositive: true) { route.repeatInterval = interval }
        for child in reader.elements(fields, "routes") {
            if let child = self.route(child, parent: route, depth: depth + 1) { route.routes.append(child) }
        }
        return route
    }

    private mutating func readGrouping(_ fields: YAMLFileReader.Fields, _ route: inout AlertRoute) {
        guard fields["group_by"] != nil else { return }
        let names = reader.texts(fields, "group_by")
        route.groupsByAll = names.contains { $0.text == "..." }
        route.groupBy = names.map(\.text).filter { $0 != "..." }
        if route.groupsByAll, !route.groupBy.isEmpty {
            reader.report("group_by has ... and other labels; it has ... alone or labels", names[0].line)
        }
        var seen: Set<String> = []
        for (name, line) in names {
            if !seen.insert(name).inserted { reader.report("group_by has \(name) twice", line) }
            if name != "...", !YAMLFileReader.isLabelName(name) { reader.report("group_by: \"\(name)\" is no name of a label", line) }
        }
    }

    // MARK: Matchers

    private mutating func inhibition(_ node: YAMLNode) -> InhibitRule? {
        let known = [
            "name", "source_matchers", "source_match", "source_match_re", "target_matchers", "target_match", "target_match_re", "equal",
        ]
        guard let fields = reader.fields(node, "The inhibition", known) else { return nil }
        var rule = InhibitRule()
        rule.source = matchers(fields, "source_matchers", "source_match", "source_match_re")
        rule.target = matchers(fields, "target_matchers", "target_match", "target_match_re")
        rule.equal = reader.texts(fields, "equal").map(\.text)
        return rule
    }

    /// Returns the matchers of a list, and those of the two mappings that it has replaced.
    private mutating func matchers(_ fields: YAMLFileReader.Fields, _ list: String, _ equal: String, _ regex: String) -> [AlertMatcher] {
        var matchers: [AlertMatcher] = []
        for (text, line) in reader.texts(fields, list) {
            do throws(AlertMatcher.SyntaxError) { matchers += try AlertMatcher.parse(text) } catch {
                reader.report("\(list): \(error.reason)", line)
            }
        }
        for (key, isRegex) in [(equal, false), (regex, true)] {
            for pair in reader.pairs(fields, key) {
                do throws(PatternError) {
                    matchers.append(try AlertMatcher(pair.name, isRegex ? "^(?:\(pair.value))$" : pair.value, isRegex: isRegex))
                } catch {
                    reader.report("\(key): bad regular expression \"\(pair.value)\": \(error)", pair.node.line)
                }
            }
        }
        return matchers
    }
}
