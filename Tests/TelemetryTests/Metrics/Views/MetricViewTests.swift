// Selection criteria and validation of views.

import Testing

@testable import Telemetry

struct MetricViewTests {
    private static let scope = InstrumentationScope(name: "shop", version: "1.2", schemaURL: "https://example.org/1")
    private static let instrument = InstrumentDescriptor(name: "http.Requests", kind: .counter, unit: "{request}")

    private func selects(_ selector: InstrumentSelector) -> Bool { selector.selects(Self.instrument, of: Self.scope) }

    private func problem(_ view: MetricView) -> ConfigurationError? {
        do throws(ConfigurationError) {
            _ = try ViewRegistry([view])
            return nil
        } catch {
            return error
        }
    }

    @Test func starOrNoCriterionSelectsAllInstruments() {
        #expect(selects("*") && selects(.all) && selects(.instruments()))
        #expect(InstrumentSelector.all.selects(InstrumentDescriptor(name: "", kind: .gauge), of: InstrumentationScope(name: "")))
    }

    @Test func nameSelectsExactlyRegardlessOfCase() {
        #expect(selects("http.Requests") && selects("HTTP.requests"))
        #expect(!selects("http.request") && !selects("http.requests.total") && !selects(""))
    }

    @Test(arguments: ["http.*", "*Requests", "HTTP.?equests", "*.*", "h*p.r*s", "??????????s?*"])
    func wildcardsMatchNames(pattern: String) {
        #expect(selects(.instruments(pattern)))
    }

    @Test(arguments: ["http.?", "?http.requests", "rpc.*", "http?requests?"])
    func wildcardsDoNotMatchOtherNames(pattern: String) {
        #expect(!selects(.instruments(pattern)))
    }

    @Test func allCriteriaMustMatch() {
        #expect(selects(.instruments(kind: .counter)) && !selects(.instruments(kind: .observableCounter)))
        #expect(selects(.instruments(unit: "{request}")) && !selects(.instruments(unit: "{Request}")) && !selects(.instruments(unit: "")))
        #expect(selects(.instruments(meter: "shop")) && !selects(.instruments(meter: "Shop")) && !selects(.instruments(meter: "sh*")))
        #expect(selects(.instruments(meterVersion: "1.2")) && !selects(.instruments(meterVersion: "1.2.0")))
        #expect(
            selects(.instruments(meterSchemaURL: "https://example.org/1"))
                && !selects(.instruments(meterSchemaURL: "https://example.org/2")))
        #expect(
            selects(
                .instruments(
                    "http.*", kind: .counter, unit: "{request}", meter: "shop", meterVersion: "1.2",
                    meterSchemaURL: "https://example.org/1")))
        #expect(!selects(.instruments("http.*", kind: .gauge)) && !selects(.instruments("rpc.*", kind: .counter)))
    }

    @Test func viewWithNameRequiresSelectorWithoutWildcards() {
        #expect(problem(MetricView(of: "a", name: "b")) == nil)
        for selector in ["*", "a*", "a?", .all, .instruments(kind: .counter)] as [InstrumentSelector] {
            #expect(problem(MetricView(of: selector, name: "b"))?.setting == "MetricView.name")
            #expect(problem(MetricView(of: selector, description: "b")) == nil)
        }
    }

    @Test func viewNameNeedNotFollowInstrumentSyntax() {
        #expect(problem(MetricView(of: "a", name: "1 or 2 words, é")) == nil)
    }

    @Test func invalidParametersAreErrors() {
        #expect(problem(MetricView(of: .all, cardinalityLimit: 0))?.setting == "MetricView.cardinalityLimit")
        #expect(problem(MetricView(of: .all, cardinalityLimit: 1)) == nil)
        #expect(problem(MetricView(of: .all, aggregation: .explicitBucketHistogram(boundaries: [2, 1])))?.setting == "boundaries")
        #expect(problem(MetricView(of: .all, aggregation: .explicitBucketHistogram(boundaries: [1, .infinity])))?.setting == "boundaries")
        #expect(problem(MetricView(of: .all, aggregation: .exponentialHistogram(maxSize: 1)))?.setting == "maxSize")
        #expect(problem(MetricView(of: .all, aggregation: .exponentialHistogram(maxScale: 21)))?.setting == "maxScale")
        #expect(problem(MetricView(of: .all, exemplars: .fixedSize(0)))?.setting == "fixedSize")
        #expect(problem(MetricView(of: .all, exemplars: .fixedSize(1))) == nil)
    }

    @Test func invalidReaderOptionsAreErrors() {
        #expect(MetricReaderOptions().problem == nil)
        #expect(MetricReaderOptions(aggregations: [.histogram: .exponentialHistogram(maxSize: 0)]).problem?.setting == "maxSize")
        #expect(MetricReaderOptions(cardinalityLimits: [.gauge: 0]).problem?.setting == "cardinalityLimits[.gauge]")
        #expect(MetricReaderOptions(cardinalityLimits: [.gauge: 1]).problem == nil)
    }

    @Test func excludedKeysAreRemovedFromRecordedBoundAndObservedValues() throws {
        let rig = try MetricRig(
            MetricReaderOptions(), .delta, views: [MetricView(of: .all, attributeKeys: .except(["user", "session"]))], filter: .alwaysOn)
        let counter = rig.meter.counter("recorded")
        let histogram = rig.meter.histogram("distributed", boundaries: [1])
        for user in 1...3 {
            let attributes: Attributes = ["user": .int(Int64(user)), "route": "/albums", "session": "s"]
            counter.add(user, attributes)
            rig.meter.upDownCounter("bound").bind(attributes).add(user)
            histogram.record(Double(user), attributes)
        }
        rig.meter.observableCounter("observed") {
            for user in 1...3 { $0.observe(user, ["user": AttributeValue(user), "route": "/albums"]) }
        }
        for reader in 0...1 {
            let points = try rig.collect(reader)
            for name in ["recorded", "bound", "observed"] { #expect(points[name]?.ints == [["route": "/albums"]: 6], "\(name)") }
            let distribution = points["distributed"]?.histograms
            #expect(distribution?.map(\.attributes) == [["route": "/albums"]] && distribution?.first?.bucketCounts == [1, 2])
            let exemplar = points["recorded"]?.numbers.first?.exemplars.first
            #expect(exemplar?.filteredAttributes["session"] == "s" && exemplar?.filteredAttributes["route"] == nil)
        }
    }
}
