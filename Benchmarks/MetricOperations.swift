// Measurements and pages of Prometheus, as operations of rows.

import Telemetry

enum MetricOperations {
    static let all: [Operation] = [
        Operation("counter-bound") {
            let (meter, between) = try Self.meter()
            let counter = (meter.counter("albums.created") as Counter<Int>).bind(Self.attributes)
            return ({ for _ in 0..<$0 { counter.add(1) } }, between)
        },
        Operation("counter-prebuilt-3") {
            let (meter, between) = try Self.meter()
            let counter: Counter<Int> = meter.counter("albums.created")
            let attributes = Self.attributes
            return ({ for _ in 0..<$0 { counter.add(1, attributes) } }, between)
        },
        Operation("counter-constants-3") {
            let (meter, between) = try Self.meter()
            let counter: Counter<Int> = meter.counter("albums.created")
            return (
                {
                    for _ in 0..<$0 {
                        counter.add(
                            1, ["http.request.method": "GET", "http.route": "/albums/:id", "http.response.status_code": 200])
                    }
                }, between
            )
        },
        Operation("counter-variables-3") {
            let (meter, between) = try Self.meter()
            let counter: Counter<Int> = meter.counter("albums.created")
            let (methods, statuses) = (["GET", "PUT"], [200, 404])
            return (
                { calls in
                    for call in 0..<calls { Self.count(counter, method: methods[call & 1], status: statuses[call >> 1 & 1]) }
                }, between
            )
        },
        Operation("counter-10-series") { try Self.inTurn(10) },
        Operation("counter-1000-series", checkedCalls: 40_000) { try Self.inTurn(1_000) },
        Operation("counter-100000-series", callsARound: 200_000, checkedCalls: 1_000_000) { try Self.inTurn(100_000) },
        Operation("histogram-bound") {
            let (meter, between) = try Self.meter()
            let histogram = (meter.histogram("album.duration") as Histogram<Double>).bind(Self.attributes)
            return ({ for call in 0..<$0 { histogram.record(Double(call & 1023)) } }, between)
        },
        Operation("histogram-prebuilt-3") {
            let (meter, between) = try Self.meter()
            let histogram: Histogram<Double> = meter.histogram("album.duration")
            let attributes = Self.attributes
            return ({ for call in 0..<$0 { histogram.record(Double(call & 1023), attributes) } }, between)
        },
        Operation("exponential-histogram-bound") {
            let view = MetricView(of: "album.duration", aggregation: .exponentialHistogram())
            let (meter, between) = try Self.meter(views: [view])
            let histogram = (meter.histogram("album.duration") as Histogram<Double>).bind(Self.attributes)
            return ({ for call in 0..<$0 { histogram.record(Double(call & 1023)) } }, between)
        },
        Operation("counter-nothing-started") {
            // No reader, and no exporter from the environment.
            let meter = try TelemetrySystem.start(spans: [], metrics: [], logs: [], environment: [:]).meter("benchmark")
            let counter: Counter<Int> = meter.counter("albums.created")
            return (
                {
                    for _ in 0..<$0 {
                        counter.add(1, ["http.request.method": "GET", "http.route": "/albums/:id", "server.address": "albums.example.com"])
                    }
                }, {}
            )
        },
        Operation("prometheus-page", callsARound: 20, checkedCalls: 1_000, isSharedWork: true) {
            let page = try Self.page()
            return ({ calls in Blocking.run { for _ in 0..<calls { keep(await page.exporter.page()) } } }, {})
        },
        Operation("prometheus-page-changing", callsARound: 20, checkedCalls: 300, isSharedWork: true) {
            let page = try Self.page()
            return (
                { calls in
                    Blocking.run {
                        for _ in 0..<calls {
                            page.change()
                            keep(await page.exporter.page())
                        }
                    }
                }, {}
            )
        },
    ]

    static let attributes: Attributes = [
        "http.request.method": "GET", "http.route": "/albums/:id", "http.response.status_code": 200,
    ]

    private static func meter(views: [MetricView] = []) throws -> (Meter, @Sendable () -> Void) {
        let reader = PullMetricReader()
        let meter = try TelemetrySystem.start(spans: [], metrics: [reader], views: views).meter("benchmark")
        return (meter, { _ = try? reader.collect() })
    }

    /// As a service writes it: a literal with the variables of the request.
    @inline(never)
    private static func count(_ counter: Counter<Int>, method: String, status: Int) {
        counter.add(1, ["http.request.method": method, "http.route": "/albums/:id", "http.response.status_code": status])
    }

    private static func inTurn(_ seriesCount: Int) throws -> (work: Operation.Work, between: @Sendable () -> Void) {
        let reader = PullMetricReader(options: MetricReaderOptions(cardinalityLimits: [.counter: seriesCount]))
        let meter = try TelemetrySystem.start(spans: [], metrics: [reader]).meter("benchmark")
        let counter: Counter<Int> = meter.counter("albums.played")
        let attributes = OwnAttributes(count: seriesCount)
        for set in attributes.ofThread { counter.add(1, set) }
        return (
            { calls in
                let sets = attributes.ofThread
                var place = 0
                for _ in 0..<calls {
                    counter.add(1, sets[place])
                    place = place + 1 == seriesCount ? 0 : place + 1
                }
            }, {}
        )
    }

    /// A page of 2,304 lines: 1,000 counters and 100 histograms of ten boundaries.
    struct Page: Sendable {
        let exporter: PrometheusExporter
        fileprivate let sets: [Attributes]
        fileprivate let counter: Counter<Int>
        fileprivate let histogram: Histogram<Double>

        /// Adds to the counters in turn.
        func addInTurn(_ calls: Int) {
            var place = 0
            for _ in 0..<calls {
                counter.add(1, sets[place])
                place = place + 1 == sets.count ? 0 : place + 1
            }
        }

        /// Changes one series in ten, as between two scrapes of a service.
        fileprivate func change() {
            for number in stride(from: 0, to: 1_000, by: 10) { counter.add(1, ["album.id": AttributeValue(number), "genre": "jazz"]) }
            for number in stride(from: 0, to: 100, by: 10) {
                histogram.record(Double(number), ["album.id": AttributeValue(number), "genre": "jazz"])
            }
        }
    }

    static func page() throws -> Page {
        var options = PrometheusOptions()
        options.includesScopeLabels = false
        options.includesTargetInfo = false
        let exporter = PrometheusExporter(hasEndpoint: false, options: options)
        let meter = try TelemetrySystem.start(spans: [], metrics: [exporter]).meter("benchmark")
        let page = Page(
            exporter: exporter, sets: (0..<1_000).map { ["album.id": AttributeValue($0), "genre": "jazz"] },
            counter: meter.counter("albums.played", description: "How often albums were played"),
            histogram: meter.histogram(
                "album.duration", unit: "s", description: "How long albums take", boundaries: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]))
        for (number, set) in page.sets.enumerated() { page.counter.add(number, set) }
        for number in 0..<100 {
            for value in 0..<20 { page.histogram.record(Double(value * value), ["album.id": AttributeValue(number), "genre": "jazz"]) }
        }
        return page
    }
}
