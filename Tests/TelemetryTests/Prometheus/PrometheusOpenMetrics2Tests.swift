// Pages in OpenMetrics 2.0: start times beside values, composite values, native histograms; the older formats do not change.

import Testing

@testable import Telemetry

struct PrometheusOpenMetrics2Tests {
    private typealias Samples = PrometheusSamples

    private static let identifiers = #"{trace_id="4bf92f3577b34da6a3ce929d0e0e4736",span_id="00f067aa0ba902b7"}"#

    private func page(_ metrics: MetricData..., change: (inout PrometheusOptions) -> Void = { _ in }) -> String {
        Samples.page(metrics, .openMetrics2, change)
    }

    @Test func counterHasItsStartAndExemplarInOneLine() {
        let counter = Samples.counter(
            "spent", unit: "s", description: "say \"it\"",
            [
                Samples.point(
                    .double(3), ["a": "b"], exemplars: [Samples.exemplar(2), Samples.exemplar(.double(0.67), seconds: 1_700_000_031)])
            ])
        #expect(
            page(counter) == """
                # TYPE spent_seconds_total counter
                # UNIT spent_seconds_total seconds
                # HELP spent_seconds_total say \\"it\\"
                spent_seconds_total{a="b"} 3.0 st@1700000000.123 # \(Self.identifiers) 0.67 1700000031.000
                # EOF

                """)
        #expect(page(Samples.counter("c"), change: { $0.includesStartTimes = false }) == "# TYPE c_total counter\nc_total 1\n# EOF\n")
    }

    @Test func counterWithoutSuffixIsACounter() {
        #expect(page(Samples.counter("c"), change: { $0.translationStrategy = .noTranslation }).hasPrefix("# TYPE c counter\nc 1 st@"))
    }

    @Test func histogramIsOneCompositeValueWithAnExemplarOfEachBucket() {
        let exemplars = [Samples.exemplar(0), Samples.exemplar(1, seconds: 1_700_000_050), Samples.exemplar(9)]
        #expect(
            page(Samples.histogram("h", ["k": "v"], exemplars: exemplars)) == """
                # TYPE h histogram
                h{k="v"} {count:7,sum:7.0,bucket:[1.0:2,5.0:3,+Inf:7]} st@1700000000.123 # \(Self.identifiers) 1.0 1700000050.000 \
                # \(Self.identifiers) 9.0 1700000030.000
                # EOF

                """)
        #expect(page(Samples.histogram("h", boundaries: [], counts: [7])).contains("h {count:7,sum:7.0,bucket:[+Inf:7]} st@"))
    }

    @Test func histogramWithoutSumHasNone() {
        #expect(page(Samples.histogram("h", sum: nil)).contains("{count:7,sum:NaN,bucket:"))
        #expect(
            page(Samples.histogram("h", sum: -3, boundaries: [-1], counts: [1, 2])).contains("h {count:3,sum:-3.0,bucket:[-1.0:1,+Inf:3]}"))
    }

    @Test func exponentialHistogramIsNative() {
        #expect(
            page(Samples.exponential("h", exemplars: [Samples.exemplar(9)])) == """
                # TYPE h histogram
                h {count:41,sum:123.5,schema:0,zero_threshold:1e-128,zero_count:4,positive_spans:[4:1,2:3],positive_buckets:[10,20,5,2]} \
                st@1700000000.123 # \(Self.identifiers) 9.0 1700000030.000
                # EOF

                """)
        var distribution = ExponentialHistogramPoint.Distribution()
        (distribution.count, distribution.sum, distribution.scale, distribution.zeroThreshold) = (3, -2, 3, 0.25)
        distribution.negative = .init(offset: -2, counts: [1, 2])
        #expect(
            page(Samples.exponential("n", distribution)).contains(
                "n {count:3,sum:-2.0,schema:3,zero_threshold:0.25,zero_count:0,negative_spans:[-1:2],negative_buckets:[1,2]} st@"))
        (distribution.negative, distribution.sum) = (.init(offset: 0, counts: []), 0)
        #expect(page(Samples.exponential("e", distribution)).contains("e {count:0,sum:0.0,schema:3,zero_threshold:0.25,zero_count:0} st@"))
        distribution.scale = -5
        #expect(page(Samples.exponential("w", distribution)) == "# TYPE w histogram\n# EOF\n", "Prometheus has no such schema.")
    }

    @Test func summaryIsOneCompositeValue() {
        let summary = Samples.summary("s", [.init(0.99, value: .nan), .init(0.5, value: 0.25)])
        #expect(page(summary).contains("s {count:3,sum:1.5,quantile:[0.5:0.25,0.99:NaN]} st@1700000000.123\n"))
        #expect(page(Samples.summary("s", [])).contains("s {count:3,sum:1.5,quantile:[]} st@"))
        #expect(page(Samples.summary("s", [.init(0.5, value: -1)])) == "# TYPE s summary\n# EOF\n")
    }

    @Test func infoAndTargetKeepTheirNames() {
        let build = Samples.gauge("build", metadata: ["prometheus.type": "info"], [Samples.point(1, ["version": "1.0"])])
        let text = Samples.page(
            Samples.batch(
                [build, Samples.gauge("u", metadata: ["prometheus.type": "unknown"])], resource: Resource(attributes: ["a": "b"])),
            .openMetrics2)
        #expect(text.hasPrefix("# TYPE target_info info\n# HELP target_info Target metadata\ntarget_info{a=\"b\"} 1\n"))
        #expect(text.contains("# TYPE build_info info\nbuild_info{version=\"1.0\"} 1\n") && text.contains("# TYPE u unknown\nu 1\n"))
    }

    @Test func namesOfAnyCharactersAreQuoted() {
        let text = Samples.page(
            [Samples.counter("foo.bar", unit: "By", [Samples.point(3, ["service.name": "x"])])],
            PrometheusFormat(.openMetrics200, escaping: .allowUTF8)
        ) { $0.translationStrategy = .noTranslation }
        #expect(text.contains("# TYPE \"foo.bar\" counter\n{\"foo.bar\",\"service.name\"=\"x\"} 3 st@"))
    }

    // MARK: The grammar

    /// Examples of the specification. (OpenMetrics 2.0.0-rc0, "Overall Structure" and "Metric types".)
    private static let examples = [
        "# TYPE foo gauge\nfoo 17.0 123\nfoo 18.0 456\n", "# TYPE foo gauge\n",
        "# TYPE foo_total counter\nfoo_total 17.0 st@1520430000.123\n",
        "# TYPE foo_total counter\nfoo_total 17.0 1520879607.789 st@1520430000.123 # {trace_id=\"KOO5S4vxi0o\"} 0.67 1520879606.1\n",
        "# TYPE foo summary\nfoo {count:17,sum:324789.3,quantile:[]} st@1520430000.123\n",
        "# TYPE foo histogram\nfoo {count:17,sum:324789.3,bucket:[0.0:0,1e-05:0,0.0001:5,0.1:8,1.0:10,10.0:11,100000.0:11,1e+06:15,1e+23:16,"
            + "1.1e+23:17,+Inf:17]} st@1520430000.123\n",
        "# TYPE foo histogram\nfoo {count:17,sum:324789.3,schema:0,zero_threshold:1e-4,zero_count:0,positive_spans:[0:2],positive_buckets:"
            + "[5,12],bucket:[0.01:0,0.1:8,1.0:11,10.0:17,+Inf:17]} st@1520430000.123 # {} 0.054 1520879607.7\n",
        "# TYPE \"foodb.read.errors\" counter\n{\"foodb.read.errors\",\"service.name\"=\"my_service\"} 3482\n",
        "{\"\\\"bar\\\".seconds.count\",\"b\\\\\"=\"escaping\\\" example \\n \"} 0\n",
        "# TYPE foo gaugehistogram\nfoo {gcount:42,gsum:3289.3,bucket:[0.01:20,0.1:25,1:34,+Inf:42]}\n",
    ]

    private static let wrong = [
        "# TYPE foo histogram\nfoo_count 3\nfoo 3\n", "# TYPE foo histogram\nfoo {count:3,sum:1,bucket:[1:2,+Inf:4]}\n",
        "# TYPE foo histogram\nfoo {count:3, sum:1,bucket:[+Inf:3]}\n", "# TYPE foo counter\nfoo 1 # {} 1 2 st@3\n",
        "# TYPE foo gauge\nfoo 1 st@3\n", "# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\na 2\n", "# TYPE foo_total counter\nfoo_total -1\n",
        "# TYPE foo info\nfoo 1\n", "# comment\n", "foo{a=\"\\x\"} 1\n", "foo 1,5\n",
    ]

    @Test func readerOfTheseTestsTakesTheSpecificationsExamplesAndNoOthers() throws {
        for example in Self.examples { #expect(throws: Never.self, "\(example)") { try OpenMetrics2Grammar(example + "# EOF\n") } }
        for example in Self.wrong {
            #expect(throws: OpenMetrics2Grammar.Violation.self, "\(example)") { try OpenMetrics2Grammar(example + "# EOF\n") }
        }
        #expect(throws: OpenMetrics2Grammar.Violation.self) { try OpenMetrics2Grammar("a 1\n") }
    }

    @Test(arguments: PrometheusEscaping.allCases, PrometheusTranslationStrategy.allCases)
    func hostilePagesKeepTheGrammar(escaping: PrometheusEscaping, strategy: PrometheusTranslationStrategy) throws {
        let format = PrometheusFormat(.openMetrics200, escaping: escaping)
        let text = Samples.page(Samples.hostile, format) { $0.translationStrategy = strategy }
        let page = try OpenMetrics2Grammar(text)
        #expect(page.samples.count > 40 && page.samples.contains { $0.exemplarCount > 0 } && page.samples.contains { $0.startTime != nil })
        #expect(Set(page.types.values).isSuperset(of: ["counter", "gauge", "histogram", "summary", "info", "unknown"]))
    }

    @Test func secondPageOfOneRendererIsLikeTheFirst() {
        let renderer = PrometheusRenderer(options: PrometheusOptions())
        let batch = Samples.batch([Samples.histogram("h"), Samples.exponential("e"), Samples.summary("s", [.init(0.5, value: 1)])])
        let pages = (0..<3).map { _ in renderer.page(of: batch, format: .openMetrics2, isCompressed: false).bytes }
        #expect(pages[0] == pages[1] && pages[1] == pages[2])
    }

    // MARK: Negotiation

    private func format(_ accept: String) -> PrometheusFormat { PrometheusNegotiation.format(accept: accept, fallback: .text) }

    @Test func versionTwoIsForReadersThatAskForIt() {
        let name = "application/openmetrics-text"
        #expect(format("\(name);version=2.0.0") == .openMetrics2)
        #expect(format("\(name);version=2.0.0;q=0.5,\(name);version=1.0.0;q=0.9") == .openMetrics)
        #expect(format("\(name);version=2.0.0;q=0.9,\(name);version=1.0.0;q=0.5") == .openMetrics2)
        #expect(format(name) == .openMetrics && format("\(name);version=3.0.0") == .text && format("application/*") == .openMetrics)
        #expect(PrometheusFormat.openMetrics2.contentType == "application/openmetrics-text; version=2.0.0; charset=utf-8")
        #expect(format("\(name);version=2.0.0;escaping=allow-utf-8").contentType.hasSuffix("charset=utf-8; escaping=allow-utf-8"))
    }
}
