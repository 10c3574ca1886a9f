// Pages in the text format: types, conflicts and cached series.

import Synchronization
import Testing

@testable import Telemetry

struct PrometheusTextTests {
    private typealias Samples = PrometheusSamples

    @Test func pageHasHelpTypeAndSamples() {
        let page = Samples.page([
            Samples.counter(
                "http.requests", unit: "{request}", description: "Requests\nserved \\ \"all\"",
                [Samples.point(3, ["method": "GET"]), Samples.point(.double(0.5), ["method": "PUT"])])
        ])
        #expect(
            page == """
                # HELP http_requests_total Requests\\nserved \\\\ "all"
                # TYPE http_requests_total counter
                http_requests_total{method="GET"} 3
                http_requests_total{method="PUT"} 0.5

                """)
    }

    @Test func gaugesAndNonMonotonicSumsAreGauges() {
        #expect(Samples.page([Samples.gauge("g", unit: "By", [Samples.point(-1)])]) == "# TYPE g_bytes gauge\ng_bytes -1\n")
        let sum = MetricData(name: "queue", points: .sum([Samples.point(4)], temporality: .cumulative, isMonotonic: false))
        #expect(Samples.page([sum]) == "# TYPE queue gauge\nqueue 4\n")
    }

    @Test func monotonicSumsAreCountersWithTotalSuffix() {
        #expect(Samples.page([Samples.counter("c")]) == "# TYPE c_total counter\nc_total 1\n")
        #expect(
            Samples.page([Samples.counter("c")]) { $0.translationStrategy = .underscoreEscapingWithoutSuffixes }
                == "# TYPE c counter\nc 1\n")
    }

    @Test func histogramsAreCumulativeAndTheirCountIsTheLastBucket() {
        let point = HistogramPoint(
            series: Series(["k": "v"]), startTime: Samples.start, time: Samples.now, count: 999, sum: 7.5, min: 0, max: 9,
            boundaries: [0.5, 5],
            bucketCounts: [2, 1, 4], exemplars: [])
        let page = Samples.page([MetricData(name: "h", unit: "s", points: .histogram([point], temporality: .cumulative))])
        #expect(
            page == """
                # TYPE h_seconds histogram
                h_seconds_bucket{k="v",le="0.5"} 2
                h_seconds_bucket{k="v",le="5"} 3
                h_seconds_bucket{k="v",le="+Inf"} 7
                h_seconds_sum{k="v"} 7.5
                h_seconds_count{k="v"} 7

                """)
    }

    @Test func histogramWithoutSumHasNoSumSample() {
        let page = Samples.page([Samples.histogram("h", sum: nil, boundaries: [], counts: [7])])
        #expect(page == "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 7\nh_count 7\n")
    }

    @Test func summariesHaveQuantilesInOrder() {
        let page = Samples.page([Samples.summary("s", [.init(0.99, value: 3), .init(0.5, value: 0.25)])])
        #expect(page == "# TYPE s summary\ns{quantile=\"0.5\"} 0.25\ns{quantile=\"0.99\"} 3\ns_sum 1.5\ns_count 3\n")
    }

    @Test func specialNumbersAreRendered() {
        let values: [MetricNumber] = [.double(.nan), .double(.infinity), .double(-.infinity), .int(.min), .double(1e21)]
        let page = Samples.page([Samples.gauge("g", values.enumerated().map { Samples.point($1, ["i": .int(Int64($0))]) })])
        #expect(page.hasSuffix("{i=\"0\"} NaN\ng{i=\"1\"} +Inf\ng{i=\"2\"} -Inf\ng{i=\"3\"} -9223372036854775808\ng{i=\"4\"} 1e+21\n"))
    }

    @Test func textHasNoExemplarsUnitsOrTimes() {
        let page = Samples.page([Samples.counter("c", unit: "s", [Samples.point(1, exemplars: [Samples.exemplar(1)])])])
        #expect(page == "# TYPE c_seconds_total counter\nc_seconds_total 1\n")
    }

    @Test func typeMetadataSelectsUnknownAndInfo() {
        let page = Samples.page([
            Samples.gauge("a", metadata: ["prometheus.type": "unknown"]), Samples.gauge("b", metadata: ["prometheus.type": "info"]),
        ])
        #expect(page == "# TYPE a untyped\na 1\n# TYPE b_info gauge\nb_info 1\n")
        let open = Samples.page([Samples.gauge("b", metadata: ["prometheus.type": "info"])], .openMetrics)
        #expect(open == "# TYPE b info\nb_info 1\n# EOF\n")
    }

    @Test func invalidCounterValuesAreDropped() {
        let points = [Samples.point(-1, ["i": 1]), Samples.point(.double(.nan), ["i": 2]), Samples.point(2, ["i": 3])]
        for format in [PrometheusFormat.text, .openMetrics] {
            let page = Samples.page([Samples.counter("c", points)], format) { $0.includesStartTimes = false }
            #expect(page.hasPrefix("# TYPE c\(format == .text ? "_total" : "") counter\nc_total{i=\"3\"} 2\n"))
        }
    }

    // MARK: Conflicts

    @Test func metricsOfOneNameInDifferentScopesShareAFamily() {
        let scopes = ["a", "b"].map {
            ScopeMetrics(
                instrumentationScope: InstrumentationScope(name: $0),
                metrics: [Samples.counter("c", description: "d"), Samples.gauge("g \($0)")])
        }
        #expect(
            Samples.page(MetricBatch(resource: .empty, scopes: scopes)) == """
                # HELP c_total d
                # TYPE c_total counter
                c_total{otel_scope_name="a"} 1
                c_total{otel_scope_name="b"} 1
                # TYPE g_a gauge
                g_a{otel_scope_name="a"} 1
                # TYPE g_b gauge
                g_b{otel_scope_name="b"} 1

                """)
    }

    @Test func seriesOfOneNameMayHaveDifferentLabels() {
        let scopes = [
            ScopeMetrics(
                instrumentationScope: InstrumentationScope(name: "a"),
                metrics: [Samples.counter("c", [Samples.point(1, ["method": "GET"])])]),
            ScopeMetrics(
                instrumentationScope: InstrumentationScope(name: "b"), metrics: [Samples.counter("c", [Samples.point(2, ["route": "/"])])]),
        ]
        let page = Samples.page(MetricBatch(resource: .empty, scopes: scopes)) { $0.includesScopeLabels = false }
        #expect(page == "# TYPE c_total counter\nc_total{method=\"GET\"} 1\nc_total{route=\"/\"} 2\n")
    }

    @Test func typeConflictDropsTheLaterMetric() {
        let page = Samples.page([Samples.gauge("m"), Samples.histogram("m"), Samples.gauge("m", [Samples.point(2, ["k": "v"])])])
        #expect(page == "# TYPE m gauge\nm 1\nm{k=\"v\"} 2\n")
    }

    @Test func descriptionOrUnitConflictKeepsThePoints() {
        let page = Samples.page([
            Samples.gauge("m", unit: "{a}", description: ""),
            Samples.gauge("m", unit: "{b}", description: "first", [Samples.point(2, ["k": 1])]),
            Samples.gauge("m", description: "second", [Samples.point(3, ["k": 2])]),
        ])
        #expect(page == "# HELP m first\n# TYPE m gauge\nm 1\nm{k=\"1\"} 2\nm{k=\"2\"} 3\n")
    }

    @Test func metricNamedLikeSamplesOfAnotherIsDropped() {
        let page = Samples.page([Samples.histogram("h", boundaries: [], counts: [1]), Samples.gauge("h.count"), Samples.gauge("h.more")])
        #expect(page == "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_sum 7\nh_count 1\n# TYPE h_more gauge\nh_more 1\n")
        let open = Samples.page([Samples.counter("c"), Samples.gauge("c")], .openMetrics) { $0.includesStartTimes = false }
        #expect(open == "# TYPE c counter\nc_total 1\n# EOF\n", "Both families would be called c.")
    }

    @Test func seriesWithEqualLabelsAreRenderedOnce() {
        let points = [Samples.point(1, ["a.b": "x"]), Samples.point(2, ["a_b": "x"]), Samples.point(3, ["a_b": "x", "c": ""])]
        #expect(Samples.page([Samples.gauge("g", points)]) == "# TYPE g gauge\ng{a_b=\"x\"} 1\n")
        let scopes = ["a", "b"].map { ScopeMetrics(instrumentationScope: InstrumentationScope(name: $0), metrics: [Samples.counter("c")]) }
        #expect(
            Samples.page(MetricBatch(resource: .empty, scopes: scopes)) { $0.includesScopeLabels = false }
                == "# TYPE c_total counter\nc_total 1\n")
    }

    @Test func histogramsWithInvalidBoundariesAreDropped() {
        #expect(Samples.page([Samples.histogram("h", boundaries: [5, 1], counts: [1, 1, 1])]) == "# TYPE h histogram\n")
        #expect(Samples.page([Samples.histogram("h", boundaries: [1, .infinity], counts: [1, 1, 1])]) == "# TYPE h histogram\n")
    }

    @Test func conflictsAreReportedWithARemedyAndOtherMetricsAreNot() async {
        // In a process of its own, since other tests set handlers too.
        await #expect(processExitsWith: .success) {
            typealias Samples = PrometheusSamples
            let messages = Mutex<[String]>([])
            Diagnostics.setHandler { diagnostic in messages.withLock { $0.append(diagnostic.message) } }
            let other = [Samples.point(1, ["k": 1])]
            for metrics in [
                [Samples.gauge("same", unit: "s", description: "a"), Samples.gauge("same", unit: "s", description: "a", other)],
                [Samples.gauge("conflict"), Samples.histogram("conflict")],
                [Samples.gauge("description", description: "a"), Samples.gauge("description", description: "b", other)],
                [Samples.gauge("unit", unit: "{a}"), Samples.gauge("unit", unit: "{b}", other)],
                [Samples.gauge("labels", [Samples.point(1, ["a.b": 1]), Samples.point(2, ["a_b": 1])])],
            ] { _ = Samples.page(metrics) }
            let expected = [
                "conflict\" on Prometheus' page is left out: conflict is already the name of another type of metric; rename one of them,"
                    + " for example by a view.",
                "description\" on Prometheus' page has another description than the metric of the same name before; that one's is written.",
                "unit\" on Prometheus' page has another unit than the metric of the same name before; that one's is written.",
                "labels\" on Prometheus' page has two series with the labels {a_b=\"1\"}; one is left out. Give their attributes names that"
                    + " differ by more than characters that Prometheus replaces.",
            ]
            try #require(messages.withLock { $0 } == expected.map { "The metric \"\($0)" })
        }
    }

    // MARK: Memory

    @Test func pagesFollowAddedAndRemovedSeries() {
        // A renderer each: together they would evict each other from its cache before it is used.
        let renderers = [PrometheusFormat.text, .openMetrics, .protobuf, PrometheusFormat(.text100, escaping: .allowUTF8)].map {
            (format: $0, renderer: PrometheusRenderer(options: PrometheusOptions()))
        }
        let counter = MetricDescriptor(name: "c", unit: "", description: "")
        let histogram = MetricDescriptor(name: "h", unit: "", description: "")
        let resource = RecordedResource(.empty)
        var random = SplitMix64(seed: 7)
        let all = (0..<12).map { Series(["k": .int(Int64($0))]) }
        var series: [Series] = []
        for round in 0..<300 {
            switch Int.random(in: 0..<6, using: &random) {
            case 0: series.removeAll { _ in Bool.random(using: &random) }
            case 1: series.shuffle(using: &random)
            case 2: break
            default: series += all.filter { one in !series.contains { $0 === one } }.prefix(1)
            }
            let boundaries: [Double] = round % 50 < 25 ? [1, 2] : [1, 2, 3]
            let numbers = series.enumerated().map { place, one in
                NumberPoint(
                    series: one, startTime: Samples.start, time: Samples.now, value: .int(Int64(round * 100 + place)), exemplars: [])
            }
            let distributions = series.map { one in
                HistogramPoint(
                    series: one, startTime: Samples.start, time: Samples.now, count: 0, sum: Double(round), min: nil, max: nil,
                    boundaries: boundaries, bucketCounts: Array(repeating: UInt64(round), count: boundaries.count + 1), exemplars: [])
            }
            var metrics = [
                MetricData(descriptor: counter, points: .sum(numbers, temporality: .cumulative, isMonotonic: true)),
                MetricData(descriptor: histogram, points: .histogram(distributions, temporality: .cumulative)),
            ]
            if round % 7 == 0 { metrics.reverse() }
            if round % 11 == 0 { metrics.removeLast() }
            let batch = MetricBatch(
                recordedResource: resource, scopes: [ScopeMetrics(instrumentationScope: Samples.nameless, metrics: metrics)])
            for (format, renderer) in renderers {
                let remembered = renderer.page(of: batch, format: format, isCompressed: false).bytes
                let fresh = PrometheusRenderer(options: PrometheusOptions()).page(of: batch, format: format, isCompressed: false).bytes
                #expect(remembered == fresh, "round \(round)")
            }
        }
    }

    @Test func cachedSeriesRenderTheSameLines() {
        let renderer = PrometheusRenderer(options: PrometheusOptions())
        let resource = RecordedResource(.service("shop"))
        let descriptor = MetricDescriptor(name: "c", unit: "", description: "")
        let series = Series(["k": "v"])
        for value in 1...3 {
            let point = NumberPoint(
                series: series, startTime: Samples.start, time: Samples.now, value: .int(Int64(value)), exemplars: [])
            let metric = MetricData(descriptor: descriptor, points: .sum([point], temporality: .cumulative, isMonotonic: true))
            let batch = MetricBatch(
                recordedResource: resource, scopes: [ScopeMetrics(instrumentationScope: Samples.nameless, metrics: [metric])])
            let page = String(decoding: renderer.page(of: batch, format: .text, isCompressed: false).bytes, as: UTF8.self)
            #expect(page.hasSuffix("c_total{k=\"v\"} \(value)\n"))
        }
    }

    @Test func pagesAreCompressedOnRequest() throws {
        let renderer = PrometheusRenderer(options: PrometheusOptions())
        let batch = Samples.hostile
        let plain = renderer.page(of: batch, format: .text, isCompressed: false).bytes
        let (bytes, isCompressed) = renderer.page(of: batch, format: .text, isCompressed: true)
        #expect(isCompressed)
        #expect(try Gzip.decompressed(bytes, maximumBytes: 1 << 20) == plain)
    }
}
