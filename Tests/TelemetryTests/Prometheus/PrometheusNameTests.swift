// Names: sanitising, units, suffixes, translation strategies and escaping schemes.

import Testing

@testable import Telemetry

struct PrometheusNameTests {
    private func name(
        _ name: String, unit: String = "", type: PrometheusFamilyType = .gauge,
        _ strategy: PrometheusTranslationStrategy = .underscoreEscapingWithSuffixes, _ format: PrometheusFormat = .text
    ) -> PrometheusName? { PrometheusName(name, unit: unit, type: type, strategy: strategy, format: format) }

    @Test(arguments: [
        ("http.server.duration", "http_server_duration"), ("a..b--c", "a_b_c"), ("a__b", "a_b"), ("0digit", "_0digit"), ("a:b", "a:b"),
        ("日本", "_"), ("e\u{301}", "e_"), (":a", ":a"), ("a b", "a_b"),
    ])
    func namesAreSanitisedAndRunsOfUnderscoresBecomeOne(given: String, expected: String) {
        #expect(name(given)?.sample == expected)
    }

    @Test func metricWithoutNameIsDropped() {
        #expect(name("") == nil)
    }

    @Test(arguments: [
        ("d", "days"), ("h", "hours"), ("min", "minutes"), ("s", "seconds"), ("ms", "milliseconds"), ("us", "microseconds"),
        ("ns", "nanoseconds"), ("%", "percent"), ("By", "bytes"), ("KiBy", "kibibytes"), ("MiBy", "mebibytes"), ("GiBy", "gibibytes"),
        ("TiBy", "tebibytes"), ("kBy", "kilobytes"), ("MBy", "megabytes"), ("GBy", "gigabytes"), ("TBy", "terabytes"), ("m", "meters"),
        ("V", "volts"), ("A", "amperes"), ("J", "joules"), ("W", "watts"), ("g", "grams"), ("Cel", "celsius"), ("Hz", "hertz"),
        ("m/s", "meters_per_second"), ("By/min", "bytes_per_minute"), ("1/s", "per_second"), ("{request}/s", "per_second"), ("1", ""),
        ("{request}", ""), ("By{sent}", "bytes"), ("", ""), ("parsec", "parsec"), ("a-b", "a_b"), ("/", ""), ("{", ""), ("}s", "seconds"),
    ])
    func unitsAreTranslatedToWords(unit: String, word: String) {
        #expect(PrometheusUnit.word(for: unit) == word)
    }

    @Test func unitComesBeforeTotal() {
        #expect(name("foo", unit: "By", type: .counter)?.sample == "foo_bytes_total")
        #expect(name("foo.total", unit: "By", type: .counter)?.sample == "foo_bytes_total")
        #expect(name("foo.bytes.total", unit: "By", type: .counter)?.sample == "foo_bytes_total")
    }

    @Test func existingSuffixIsNotRepeated() {
        #expect(name("foo_seconds", unit: "s")?.sample == "foo_seconds")
        #expect(name("seconds", unit: "s")?.sample == "seconds")
        #expect(name("nanoseconds", unit: "s")?.sample == "nanoseconds_seconds", "It ends with another word.")
        #expect(name("foo_total", type: .counter)?.sample == "foo_total")
        #expect(name("foo_total", type: .gauge)?.sample == "foo_total", "Only counters have the suffix taken off and put on.")
        #expect(name("foo.", unit: "s", type: .counter)?.sample == "foo_seconds_total")
    }

    @Test func namedMetricGetsNoSuffixesAndOthersDo() {
        var options = PrometheusOptions()
        options.namesWithoutSuffixes = ["foo.total"]
        func sample(_ metric: String) -> String? {
            name(metric, unit: "By", type: .counter, options.translationStrategy(of: metric))?.sample
        }
        #expect(sample("foo.total") == "foo_total" && sample("bar.total") == "bar_bytes_total")
        options.namesWithoutSuffixes.insert("foo.counter")
        #expect(sample("foo.counter") == "foo_counter")
        options.translationStrategy = .noUTF8EscapingWithSuffixes
        #expect(options.translationStrategy(of: "foo.counter") == .noTranslation)
        #expect(options.translationStrategy(of: "bar") == .noUTF8EscapingWithSuffixes)
    }

    @Test func unitOneAddsNothing() {
        #expect(name("utilization", unit: "1")?.sample == "utilization")
    }

    @Test(arguments: [
        (PrometheusTranslationStrategy.underscoreEscapingWithSuffixes, "foo_bar_bytes_total", "foo_bar_bytes_total"),
        (.underscoreEscapingWithoutSuffixes, "foo_bar", "foo_bar"),
        (.noUTF8EscapingWithSuffixes, "foo_bar_bytes_total", "foo.bar_bytes_total"),
        (.noTranslation, "foo_bar", "foo.bar"),
    ])
    func translationPrecedesEscaping(strategy: PrometheusTranslationStrategy, underscores: String, utf8: String) {
        let old = name("foo.bar", unit: "By", type: .counter, strategy, .text)
        #expect(old?.sample == underscores)
        let new = name("foo.bar", unit: "By", type: .counter, strategy, PrometheusFormat(.text100, escaping: .allowUTF8))
        #expect(new?.sample == utf8)
        let asked = name("foo.bar", unit: "By", type: .counter, strategy, PrometheusFormat(.text100, escaping: .underscores))
        #expect(asked?.sample == underscores)
    }

    @Test(arguments: [
        (PrometheusEscaping.underscores, "metric.name/with_slashes", "metric_name_with_slashes"), (.underscores, "a..b", "a__b"),
        (.underscores, "1a", "_a"), (.dots, "metric.name.with.dots", "metric_dot_name_dot_with_dot_dots"), (.dots, "a_b", "a__b"),
        (.dots, "a/b", "a_b"), (.values, "metric.name", "U__metric_2e_name"), (.values, "a_b.c", "U__a__b_2e_c"), (.values, "a_b", "a_b"),
        (.values, "日", "U___65e5_"), (.allowUTF8, "metric.name", "metric.name"),
    ])
    func escapingSchemesEscapeNames(scheme: PrometheusEscaping, given: String, expected: String) {
        #expect(PrometheusText.escaped(given, scheme, allowsColon: true) == expected)
    }

    @Test func oldestFormatsEscapeWithUnderscores() {
        for syntax in [PrometheusFormat.Syntax.text004, .openMetrics001] {
            #expect(PrometheusFormat(syntax, escaping: .allowUTF8).escaping == .underscores)
        }
    }

    @Test func openMetricsNamesTheFamilyOfACounterWithoutTotal() {
        let counter = name("foo", type: .counter, .underscoreEscapingWithSuffixes, .openMetrics)
        #expect(counter?.family == "foo" && counter?.sample == "foo_total" && counter?.type == .counter)
        let plain = name("foo", type: .counter, .noTranslation, .openMetrics)
        #expect(plain?.family == "foo" && plain?.sample == "foo" && plain?.type == .unknown, "It has no counter without the suffix.")
        let ready = name("foo_total", type: .counter, .noTranslation, .openMetrics)
        #expect(ready?.family == "foo" && ready?.sample == "foo_total" && ready?.type == .counter)
    }

    @Test func sanitisedRandomNamesAreLegacyNames() {
        var random = SplitMix64(seed: 39)
        for _ in 0..<5000 {
            let scalars = (0..<Int.random(in: 1...8, using: &random)).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 0...(Bool.random(using: &random) ? 0x7F : 0x1FFFF), using: &random))
            }
            var text = ""
            text.unicodeScalars.append(contentsOf: scalars)
            guard !text.isEmpty else { continue }
            #expect(PrometheusText.isLegacyName(PrometheusText.metricName(text), allowsColon: true), "\(scalars)")
            #expect(PrometheusText.isLegacyName(PrometheusText.labelName(text), allowsColon: false), "\(scalars)")
            #expect(!PrometheusText.labelName(text).contains("__"))
            for scheme in [PrometheusEscaping.underscores, .dots, .values] {
                #expect(PrometheusText.isLegacyName(PrometheusText.escaped(text, scheme, allowsColon: false), allowsColon: false))
            }
        }
    }
}
