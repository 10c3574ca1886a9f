// Pages in OpenMetrics: units, exemplars, start times, and exponential histograms with explicit buckets.

import Testing

@testable import Telemetry

struct PrometheusOpenMetricsTests {
    private typealias Samples = PrometheusSamples

    private func page(_ metrics: MetricData..., change: (inout PrometheusOptions) -> Void = { _ in }) -> String {
        Samples.page(metrics, .openMetrics, change)
    }

    @Test func countersHaveUnitStartTimeAndLatestExemplar() {
        let exemplars = [
            Samples.exemplar(2), Samples.exemplar(.double(0.67), seconds: 1_700_000_031, ["k.l": "v"]), Samples.exemplar(4, seconds: 1),
        ]
        let counter = Samples.counter(
            "spent", unit: "s", description: "say \"it\"", [Samples.point(.double(3), ["a": "b"], exemplars: exemplars)])
        #expect(
            page(counter) == """
                # TYPE spent_seconds counter
                # UNIT spent_seconds seconds
                # HELP spent_seconds say \\"it\\"
                spent_seconds_total{a="b"} 3.0 # {trace_id="4bf92f3577b34da6a3ce929d0e0e4736",span_id="00f067aa0ba902b7",k_l="v"} 0.67 1700000031.000
                spent_seconds_created{a="b"} 1700000000.123
                # EOF

                """)
    }

    @Test func histogramsHaveTheLatestExemplarOfEachBucket() {
        let exemplars = [Samples.exemplar(0), Samples.exemplar(1, seconds: 1_700_000_050), Samples.exemplar(9)]
        let identifiers = #"{trace_id="4bf92f3577b34da6a3ce929d0e0e4736",span_id="00f067aa0ba902b7"}"#
        #expect(
            page(Samples.histogram("h", exemplars: exemplars))
                == """
                # TYPE h histogram
                h_bucket{le="1.0"} 2 # \(identifiers) 1 1700000050.000
                h_bucket{le="5.0"} 3
                h_bucket{le="+Inf"} 7 # \(identifiers) 9 1700000030.000
                h_sum 7.0
                h_count 7
                h_created 1700000000.123
                # EOF

                """.replacing(" 1 17", with: " 1.0 17").replacing(" 9 17", with: " 9.0 17"))
    }

    @Test func exemplarsOfGaugesAreDropped() {
        #expect(page(Samples.gauge("g", [Samples.point(1, exemplars: [Samples.exemplar(1)])])) == "# TYPE g gauge\ng 1\n# EOF\n")
    }

    @Test func labelsOfAnExemplarHave128CharactersAndIdentifiersWin() {
        let long = String(repeating: "é", count: 60)
        let exemplar = PrometheusExemplar(
            Samples.exemplar(1, ["trace_id": "mine", "a": .string(long), "b": "fits", "c": .string(long)]),
            PrometheusLabelMaker(strategy: .underscoreEscapingWithSuffixes, escaping: .underscores))
        // 63 characters are taken by the identifiers, 61 by the first attribute; the second takes 5, and 4 are left.
        #expect(exemplar.labels.map(\.name) == ["trace_id", "span_id", "a"])
        #expect(exemplar.labels.first?.value == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(exemplar.labels.reduce(0) { $0 + $1.name.unicodeScalars.count + $1.value.unicodeScalars.count } <= 128)
    }

    @Test func startTimesCanBeDisabled() {
        #expect(page(Samples.counter("c"), change: { $0.includesStartTimes = false }) == "# TYPE c counter\nc_total 1\n# EOF\n")
    }

    @Test func unitLineRequiresNameWithUnitSuffix() {
        #expect(page(Samples.gauge("g", unit: "s"), change: { $0.translationStrategy = .noTranslation }) == "# TYPE g gauge\ng 1\n# EOF\n")
        #expect(page(Samples.gauge("g", unit: "{thing}")) == "# TYPE g gauge\ng 1\n# EOF\n")
    }

    @Test func sumAndCountRequireMonotonicSum() {
        for histogram in [
            Samples.histogram("h", sum: nil), Samples.histogram("h", sum: -1), Samples.histogram("h", sum: .nan),
            Samples.histogram("h", boundaries: [-1, 5]),
        ] {
            let text = page(histogram)
            #expect(!text.contains("h_sum") && !text.contains("h_count") && text.contains("h_bucket{le=\"+Inf\"} 7"))
        }
    }

    @Test func labelsOfExemplarsAreEscaped() {
        let text = page(Samples.counter("c", [Samples.point(1, exemplars: [Samples.exemplar(1, ["k": "a\"b\\c\nd"])])]))
        #expect(text.contains(#"span_id="00f067aa0ba902b7",k="a\"b\\c\nd"} 1"#))
    }

    @Test func summaryHasNoNegativeQuantiles() {
        let text = page(Samples.summary("s", [.init(0, value: -1), .init(0.5, value: .nan), .init(1, value: 3)]))
        #expect(text.contains("# TYPE s summary\ns{quantile=\"0.5\"} NaN\ns{quantile=\"1.0\"} 3.0\ns_sum 1.5\ns_count 3\ns_created"))
    }

    @Test func openMetrics001IsRenderedLike100() {
        let counter = Samples.counter("c")
        #expect(Samples.page([counter], PrometheusFormat(.openMetrics001)) == Samples.page([counter], .openMetrics))
    }

    // MARK: Exponential histograms

    @Test func exponentialHistogramsHaveBoundsAtPowersOfTwo() {
        #expect(
            Samples.page([Samples.exponential("e")]) == """
                # TYPE e histogram
                e_bucket{le="0"} 4
                e_bucket{le="16"} 14
                e_bucket{le="32"} 14
                e_bucket{le="64"} 14
                e_bucket{le="128"} 34
                e_bucket{le="256"} 39
                e_bucket{le="512"} 41
                e_bucket{le="+Inf"} 41
                e_sum 123.5
                e_count 41

                """)
    }

    @Test func fixedBoundsAreStableWhenTheScaleDecreases() {
        var distribution = ExponentialHistogramPoint.Distribution()
        distribution.sum = 1
        distribution.scale = 2
        distribution.positive = .init(offset: -4, counts: [1, 2, 3, 4, 5, 6, 7, 8])
        let fine = Samples.page([Samples.exponential("e", distribution)])
        #expect(fine.contains("le=\"0.5\"} 0\n") && fine.contains("le=\"1\"} 10\n") && fine.contains("le=\"2\"} 36\n"))
        distribution.scale = 1
        distribution.positive = .init(offset: -2, counts: [3, 7, 11, 15])
        #expect(Samples.page([Samples.exponential("e", distribution)]) == fine)
        distribution.negative = .init(offset: 0, counts: [1, 0, 2])
        distribution.zeroCount = 0
        let signed = Samples.page([Samples.exponential("e", distribution)])
        #expect(signed.contains("le=\"-2\"} 2\n") && signed.contains("le=\"-1\"} 3\n") && signed.contains("le=\"0\"} 3\n"))
        #expect(signed.contains("le=\"1\"} 13\n") && signed.contains("le=\"+Inf\"} 39\n"))
    }

    @Test func numberOfFixedBoundsIsLimited() {
        var random = SplitMix64(seed: 20)
        for _ in 0..<500 {
            var distribution = ExponentialHistogramPoint.Distribution()
            distribution.scale =
                Bool.random(using: &random)
                ? Int.random(in: -12...22, using: &random) : [.min, .max, -64, 64].randomElement(using: &random) ?? 0
            let offset =
                Bool.random(using: &random)
                ? Int.random(in: -2000...2000, using: &random) : [.min, .max, -1 << 30, 1 << 30].randomElement(using: &random) ?? 0
            distribution.positive = .init(
                offset: offset, counts: (0..<Int.random(in: 0...200, using: &random)).map { _ in UInt64.random(in: 0...3, using: &random) })
            distribution.negative = .init(
                offset: -(offset == .min ? 0 : offset),
                counts: (0..<Int.random(in: 0...200, using: &random)).map { _ in UInt64.random(in: 0...3, using: &random) })
            distribution.zeroCount = UInt64.random(in: 0...1, using: &random)
            distribution.sum = 1
            let point = ExponentialHistogramPoint(startTime: Samples.start, time: Samples.now, distribution: distribution)
            let fixed = HistogramPoint(fixedBucketsOf: point)
            #expect(Aggregation.areValid(fixed.boundaries) && fixed.bucketCounts.count == fixed.boundaries.count + 1)
            #expect(fixed.boundaries.count <= 2 * 64 + 2)
            let isKnown = NativeHistogram(distribution).map { $0.count == fixed.bucketCounts.reduce(0, +) }
            #expect(isKnown != false)
        }
    }
}
