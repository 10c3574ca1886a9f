// Texts of labels and annotations, as Prometheus expands them.

import Testing

@testable import TelemetryConsole

struct AlertTemplateTests {
    private func expanded(_ text: String, value: Double = 0, labels: [(String, String)] = [("job", "shop"), ("code", "500")]) throws
        -> String
    {
        let set = LabelSet(labels.map { LabelSet.Label($0.0, $0.1) })
        return try AlertTemplate(text).expanded(AlertTemplate.Context(labels: set, value: value, externalURL: "http://c"))
    }

    @Test(arguments: [
        ("{{ $labels.job }} at {{ $value }}", 0.25, "shop at 0.25"), ("{{$labels.nothing}}|{{ .Labels.code }}|{{ .Value }}", 3, "|500|3"),
        ("a {{- /* left out */ -}} b", 0, "ab"), ("{{ $value | humanize }}", 1234567, "1.235M"),
        ("{{ $value | humanize }}", 0.00123, "1.23m"),
        ("{{ humanize1024 $value }}", 1_572_864, "1.5Mi"), ("{{ $value | humanizeDuration }}", 93_784.5, "1d 2h 3m 4s"),
        ("{{ $value | humanizeDuration }}", 0.0123, "12.3ms"), ("{{ $value | humanizeDuration }}", 12.5, "12.5s"),
        ("{{ $value | humanizePercentage }}", 0.1234567, "12.35%"),
        ("{{ printf \"%.1f%% of %s (%5v)\" $value $labels.job 1 }}", 12.345, "12.3% of shop (    1)"),
        ("{{ printf \"%d\" $value }}", 5, "%!d(float64=5)"), ("{{ index $labels \"job\" | toUpper }}", 0, "SHOP"),
        ("{{ title \"a b\" }}", 0, "A B"),
        ("{{ $value }}", 1e6, "1e+06"), ("{{ $value }}", 123456, "123456"), ("{{ $value }}", 0.00001234, "1.234e-05"),
        ("{{ $value }}", .infinity, "+Inf"),
        ("{{ $value }}", -0.5, "-0.5"), ("{{ (printf \"%.0f\" $value) | printf \"<%s>\" }}", 2.4, "<2>"),
        ("}} {x} {{ `{{` }}", 0, "}} {x} {{"),
        ("{{ $labels }} {{ $externalURL }}", 0, "map[code:500 job:shop] http://c"),
        ("{{ humanize $labels.job }}", 0, "<error expanding template: \"shop\" is no number>"),
    ]) func actionsAreCarriedOut(text: String, value: Double, result: String) throws {
        #expect(try expanded(text, value: value) == result)
    }

    @Test(arguments: [
        ("{{ range . }}", "uses range"), ("{{ $value", "a {{ has no }}"), ("{{ }}", "is empty"), ("{{ $other }}", "which is no variable"),
        ("{{ humanize }}", "0 arguments; it takes one"), ("{{ \"a }}", "a {{ has no }}"), ("{{ (1 }}", "has a ( without )"),
        ("{{ 1 | 2 }}", "no function"),
    ]) func textsThatAreNoTemplatesAreRefused(text: String, reason: String) {
        do throws(AlertTemplate.SyntaxError) {
            _ = try AlertTemplate(text)
            Issue.record("\(text) is no template.")
        } catch { #expect(error.reason.contains(reason), "\(error.reason)") }
    }
}
