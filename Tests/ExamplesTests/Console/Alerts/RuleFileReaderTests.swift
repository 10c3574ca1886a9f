// Files of rules and routes: what is wrong with them is named, all of it, with line and advice.

import ExampleSupport
import Testing

@testable import TelemetryConsole

@Suite(.enabled(if: YAMLReader.isAvailable, "libyaml is not installed")) struct RuleFileReaderTests {
    private func problems(_ text: String) -> [String] {
        do throws(YAMLFileProblems) {
            _ = try RuleFileReader.groups(Array(text.utf8), file: "r.yml")
            return []
        } catch { return error.problems.map(\.description) }
    }

    private func routingProblems(_ text: String) -> [String] {
        do throws(YAMLFileProblems) {
            _ = try RoutingFileReader.routing(Array(text.utf8), file: "a.yml")
            return []
        } catch { return error.problems.map(\.description) }
    }

    @Test("POC-32: every error of a rule file is named with its line and what would be right") func allErrorsAreNamed() {
        let text = """
            groups:
              - name: g
                interval: often
                rules:
                  - alert: A
                    expr: holt_winters(up[5m], 1, 1) > 1
                  - alert: B
                    expr: |
                      up ==
                        bool nope(
                    for: 5
                  - record: "1x"
                    expr: up[5m]
                    for: 1m
                  - expr: up
                    colour: red
                  - alert: C
                    expr: up
                    labels: {__name__: x, "a-b": y}
                    annotations: {summary: '{{ if true }}x{{ end }}', other: '{{ $value', more: '{{ $labels.x | nope }}'}
              - name: g
                rules: [{alert: D, expr: 'log_count("a OR", 5m) > 1'}]
            """
        let found = problems(text)
        for expected in [
            "r.yml:3: The group: interval is \"often\"; it must be a duration such as 30s, 5m or 1h30m",
            "r.yml:11: The rule B: for is \"5\"; it must be a duration such as 30s, 5m or 1h30m",
            "r.yml:12: The rule 1x: this is no name of a metric; it has letters, digits, _ and :",
            "r.yml:13: The rule 1x: the query gives a range vector; a rule needs an instant vector; a function such as rate() or "
                + "max_over_time() makes one of it",
            "r.yml:14: The rule 1x: only alerts have for", "r.yml:15: the rule has no name; it needs alert or record",
            "r.yml:19: The rule C: \"__name__\" is no name of a label; it has letters, digits and _",
            "r.yml:19: The rule C: \"a-b\" is no name of a label; it has letters, digits and _", "r.yml:20: The rule C: a {{ has no }}",
            "r.yml:21: the group \"g\" is in this file twice",
        ] { #expect(found.contains(expected), "\(expected) is not in \(found)") }
        for (start, part) in [
            ("r.yml:6: The rule A: 1:1: parse error: unknown function with name \"holt_winters\"", "the console knows abs"),
            ("r.yml:10: The rule B: 2:", "parse error"), ("r.yml:16: The rule has no field colour", "it has alert, record, expr"),
            ("r.yml:20: The rule C: the action {{ if true }} uses if", "they have $labels.NAME, $value"),
            ("r.yml:20: The rule C: the action {{ $labels.x | nope }} uses nope", "humanize"), ("r.yml:22: The rule D: 1:", "log_count"),
        ] { #expect(found.contains { $0.hasPrefix(start) && $0.contains(part) }, "\(start) is not in \(found)") }
        #expect(problems("groups: {}") == ["r.yml:1: The file: groups is a mapping; it must be a list"])
        #expect(problems("groups:\n  - name: [\n").first?.hasPrefix("r.yml:3: ") == true)
        #expect(problems("") == [] && problems("groups:\n") == [])
    }

    @Test("POC-33: every error of a routing file is named with its line") func allErrorsOfRoutesAreNamed() {
        let text = """
            route:
              receiver: nobody
              matchers: [a=b]
              group_by: [x, x, "..."]
              group_interval: 0s
              routes:
                - matchers: ['a~b', 'c=~"("']
                  mute_time_intervals: [night]
            receivers:
              - name: a
                email_configs: [{to: x}]
                webhook_configs: [{url: 'ftp://x/'}, {max_alerts: 1}]
              - name: a
            templates: [x]
            """
        let found = routingProblems(text)
        for start in [
            "a.yml:2: there is no receiver nobody; there are a", "a.yml:2: the first route takes all alerts",
            "a.yml:4: group_by has x twice",
            "a.yml:4: group_by has ... and other labels", "a.yml:5: The route: group_interval must be longer than 0",
            "a.yml:7: matchers: a~b: after a must come =, !=, =~ or !~", "a.yml:7: matchers: c=~\"(\": bad regular expression",
            "a.yml:8: The route: mute_time_intervals is not supported",
            "a.yml:11: The receiver: email_configs is not supported: this console",
            "a.yml:12: The webhook of a: the url is ftp://x…; it must begin with http:// or https://",
            "a.yml:12: The webhook of a has no url",
            "a.yml:13: the receiver a is there twice", "a.yml:14: templates of messages are not supported",
        ] { #expect(found.contains { $0.hasPrefix(start) }, "\(start) is not in \(found)") }
        #expect(routingProblems("receivers: [{name: a}]") == ["a.yml:1: the file has no route"])
        let many = (0..<17).map { "{url: 'http://h\($0)/'}" }.joined(separator: ", ")
        #expect(
            routingProblems("route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [\(many)]}]")
                == ["a.yml:2: the receiver a has too many webhooks; a receiver has at most 16, a file 128"])
    }

    @Test func environmentNamesAllProblemsOfAllFiles() {
        let folder = AlertVectors.folder
        do throws(StartFailure) {
            _ = try AlertManager.start(
                ServiceEnvironment(["ALERT_RULES": "/no/such.yml,/tmp,\(folder)routes.yml", "ALERT_ROUTES": "\(folder)rules.yml"]),
                SignalStores())
            Issue.record("The files are wrong.")
        } catch {
            #expect(error.kind == .configuration)
            for part in [
                "/no/such.yml: the file cannot be read", "/tmp: the file cannot be read: Is a directory",
                "routes.yml:2: The file has no field global",
                "rules.yml:2: The file has no field groups",
            ] {
                #expect(error.description.contains(part), "\(error.description)")
            }
        }
    }

    @Test("POC-32: the rules that are shipped are read, and alerts have summaries and severities") func shippedRulesAreRead() throws {
        let root = AlertVectors.folder.split(separator: "/", omittingEmptySubsequences: false).dropLast(6).joined(separator: "/")
        var names: Set<String> = []
        for file in ["services", "hello-world", "albums", "twitter", "spaceports", "apollo", "logs", "probes"] {
            let groups = try RuleFileReader.groups(try FileReading.bytes("\(root)/Deploy/alerts/\(file).yml"), file: "\(file).yml")
            #expect(!groups.isEmpty)
            for rule in groups.flatMap(\.rules) {
                names.insert(rule.name)
                if rule.kind == .alert {
                    #expect(
                        rule.annotations.contains { $0.name == "summary" } && rule.labels.contains { $0.name == "severity" }, "\(rule.name)"
                    )
                }
            }
        }
        #expect(
            names.isSuperset(of: ["HighErrorRate", "ServiceDown", "ServiceSlow", "ServiceVerySlow", "SNSPublishFailures", "ErrorsInLogs"]))
        _ = try RoutingFileReader.routing(try FileReading.bytes("\(root)/Deploy/alerts/routes.yml"), file: "routes.yml")
    }
}
