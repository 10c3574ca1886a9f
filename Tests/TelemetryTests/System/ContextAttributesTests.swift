// Attributes of a context on spans, log records and measurements.

import Testing

@testable import Telemetry

struct ContextAttributesTests {
    private static let tenant = Context.root.with(attributes: ["tenant.id": "t1", "plan": "gold"])

    /// Notes the attributes of spans at their start.
    private final class SpanNotes: SpanProcessor {
        let seen = Locked<[Attributes]>([])

        func onStart(_ span: TraceSpan, parent: Context) { seen.withLock { $0.append(span.attributes) } }
        func onEnd(_ span: ReadableSpan) {}
    }

    @Test func attributesAreAddedAndReplacedByKey() {
        let inner = Self.tenant.with(attributes: ["plan": "free", "region": "eu", "": "none"])
        #expect(inner.attributes == ["tenant.id": "t1", "plan": "free", "region": "eu"])
        #expect(Self.tenant.attributes == ["tenant.id": "t1", "plan": "gold"])
        #expect(Context.root.attributes.isEmpty && Context.root.with(attributes: [:]).attributes.isEmpty)
    }

    @Test func attributesSurviveOtherChangesOfTheContext() {
        let key = ContextKey("request", default: 0)
        let context = Self.tenant.settingBaggage("user", to: "ada").with(7, for: key).with(spanContext: .madeUp())
        #expect(context.attributes == Self.tenant.attributes && context.baggage["user"] == "ada" && context[key] == 7)
        #expect(context.suppressed.attributes == Self.tenant.attributes)
        #expect(context.with(baggage: .empty).attributes == Self.tenant.attributes)
    }

    @Test func aContextHoldsAtMost128AttributesAndReportsFurtherOnes() {
        let many = Attributes((0..<200).map { (key: "k\($0)", value: AttributeValue.int(Int64($0))) })
        let context = Context.root.with(attributes: many)
        #expect(context.attributes.count == 128 && context.attributes["k127"] == 127 && context.attributes["k128"] == nil)
        #expect(context.with(attributes: ["k0": "new"]).attributes["k0"] == "new")
    }

    @Test(arguments: [true, false]) func spansGetAttributesOfTheirParentContext(isBelowASpan: Bool) throws {
        let recording = Recording()
        let parent = isBelowASpan ? Self.tenant.with(spanContext: .madeUp()) : Self.tenant
        recording.tracer.startSpan("work", parent: parent, ["plan": "own", "n": 1]).end()
        #expect(try recording.spans.last.unwrapped().attributes == ["plan": "own", "n": 1, "tenant.id": "t1"])
    }

    @Test func spansBelowTheSpanOfAContextGetItsAttributesAndOthersDoNot() {
        let recording = Recording()
        Self.tenant.run {
            recording.tracer.withSpan("outer") { _ in recording.tracer.withSpan("inner") { $0["plan"] = "changed" } }
        }
        recording.tracer.withSpan("later") { _ in }
        #expect(recording.spans.map(\.name) == ["inner", "outer", "later"])
        #expect(recording.spans[0].attributes == ["tenant.id": "t1", "plan": "changed"])
        #expect(recording.spans[1].attributes == Self.tenant.attributes && recording.spans[2].attributes.isEmpty)
    }

    @Test func recordersFromThePoolKeepNoAttributes() {
        let recording = Recording()
        for number in 0..<50 {
            let parent = number.isMultiple(of: 2) ? Self.tenant.with(spanContext: .madeUp()) : .root
            recording.tracer.startSpan("work", parent: parent).end()
        }
        for (number, span) in recording.spans.enumerated() { #expect(span.attributes.isEmpty == !number.isMultiple(of: 2)) }
    }

    @Test func samplersAndProcessorsSeeTheAttributes() throws {
        let asked = Locked<[Attributes]>([])
        let sampler = CustomSampler { request in
            let attributes = request.attributes
            asked.withLock { $0.append(attributes) }
            return SamplingDecision(.recordAndSample, traceState: .empty)
        }
        let notes = SpanNotes()
        let recording = Recording(sampler: sampler, processors: [notes])
        recording.tracer.startSpan("work", parent: Self.tenant, ["plan": "own"]).end()
        let expected: Attributes = ["plan": "own", "tenant.id": "t1"]
        #expect(asked.withLock { $0 } == [expected] && notes.seen.withLock { $0 } == [expected])
        #expect(try recording.spans.last.unwrapped().attributes == expected)
    }

    @Test func limitDropsAttributesOfTheContextFirst() throws {
        let recording = Recording(limits: SpanLimits(attributeCount: 2))
        recording.tracer.startSpan("work", parent: Self.tenant, ["a": 1, "b": 2]).end()
        let span = try recording.spans.last.unwrapped()
        #expect(span.attributes == ["a": 1, "b": 2] && span.droppedAttributeCount == 2)
    }

    @Test(arguments: LogPath.allCases) func recordsGetAttributesOfTheirContext(path: LogPath) async throws {
        let recording = LogRecording(path)
        Self.tenant.run { recording.log.info("now", ["plan": "own", "n": 1]) }
        recording.log.emit(LogRecord("given", context: Self.tenant.with(spanContext: .madeUp())))
        recording.log.info("outside")
        let records = await recording.records()
        #expect(records.map(\.attributes) == [["plan": "own", "n": 1, "tenant.id": "t1"], Self.tenant.attributes, [:]])
    }

    @Test(arguments: LogPath.allCases) func limitOfRecordsDropsAttributesOfTheContextFirst(path: LogPath) async throws {
        let recording = LogRecording(path, limits: LogRecordLimits(attributeCount: 2))
        Self.tenant.run { recording.log.info("now", ["a": 1, "b": 2]) }
        let record = try await recording.record()
        #expect(record.attributes == ["a": 1, "b": 2] && record.droppedAttributeCount == 2)
    }

    @Test(arguments: LogPath.allCases) func attributesUnderAKeyPrecedeThoseOfTheContext(path: LogPath) async throws {
        let key = ContextKey<Attributes>("fields", default: [:])
        let recording = LogRecording(path, processors: [ContextLogAttributes(key)])
        Self.tenant.with(["plan": "field", "f": 1], for: key).run { recording.log.info("now", ["f": 2]) }
        let fields = try await recording.record().attributes.dictionary
        #expect(fields["f"] == 2 && fields["tenant.id"] == "t1" && fields.count == 3)
    }

    @Test func logProcessorsSeeTheAttributes() {
        let seen = Locked<[Attributes]>([])
        let notes = CustomLogProcessor(emit: { record in
            let attributes = record.attributes
            seen.withLock { $0.append(attributes) }
        })
        let recording = LogRecording(processors: [notes])
        Self.tenant.run { recording.log.info("now", ["plan": "own"]) }
        #expect(seen.withLock { $0 } == [["plan": "own", "tenant.id": "t1"]])
    }

    @Test func nothingIsPropagated() {
        let all: [any Propagator] = [.traceContext, .baggage, .b3Multi, .jaeger]
        var (with, without): ([String: String], [String: String]) = ([:], [:])
        for propagator in all {
            propagator.inject(Self.tenant.with(spanContext: .madeUp()), into: &with)
            propagator.inject(Context.root.with(spanContext: .madeUp()), into: &without)
        }
        #expect(with == without && !with.isEmpty && !with.values.contains { $0.contains("t1") || $0.contains("gold") })
    }

    @Test func measurementsGetTheSelectedKeysOnly() async throws {
        let memory = InMemoryMetricExporter()
        let telemetry = try TelemetrySystem.start(
            spans: [], metrics: [.periodic(memory)], metricOptions: MetricOptions(contextAttributes: .only(["tenant.id"])), logs: [],
            environment: [:])
        let meter = telemetry.meter("tests")
        let (counter, bound) = (meter.counter("calls"), meter.counter("bound").bind(["kind": "b"]))
        let (histogram, gauge) = (meter.histogram("sizes").bind(), meter.gauge("level"))
        Self.tenant.run {
            counter.add(1, ["kind": "a"])
            counter.add(2, ["kind": "a", "tenant.id": "own"])
            bound.add(3)
            histogram.record(1)
            gauge.record(5)
        }
        counter.add(4, ["kind": "a"], context: Self.tenant)
        counter.add(8, ["kind": "a"])
        bound.add(16)
        await telemetry.shutdown()
        let found = sums(memory)
        #expect(found["calls"] == [["kind": "a", "tenant.id": "t1"]: 5, ["kind": "a", "tenant.id": "own"]: 2, ["kind": "a"]: 8])
        #expect(found["bound"] == [["kind": "b", "tenant.id": "t1"]: 3, ["kind": "b"]: 16])
        #expect(found["sizes"] == [["tenant.id": "t1"]: 1] && found["level"] == [["tenant.id": "t1"]: 5])
    }

    @Test func viewsAndLimitsApplyToAttributesOfTheContext() async throws {
        let memory = InMemoryMetricExporter()
        let telemetry = try TelemetrySystem.start(
            spans: [], metrics: [.periodic(memory)],
            views: [
                MetricView(of: "calls", attributeKeys: .except(["plan"])), MetricView(of: "few", cardinalityLimit: 3),
            ],
            metricOptions: MetricOptions(contextAttributes: .all), logs: [], environment: [:])
        let (calls, few) = (telemetry.meter("tests").counter("calls"), telemetry.meter("tests").counter("few"))
        for number in 0..<10 {
            Context.root.with(attributes: ["tenant.id": number, "plan": number]).run {
                calls.add(1)
                few.add(1)
            }
        }
        await telemetry.shutdown()
        let found = sums(memory)
        #expect(found["calls"]?.count == 10 && found["calls"]?[["tenant.id": 3]] == 1)
        #expect(found["few"]?[["otel.metric.overflow": true]] == 7 && found["few"]?.count == 4)
    }

    @Test func signalsTakeWhatTheirOptionsSelect() async throws {
        let (spans, metrics, logs) = (InMemorySpanExporter(), InMemoryMetricExporter(), InMemoryLogExporter())
        let telemetry = try TelemetrySystem.start(
            spans: [spans], spanOptions: SpanOptions(contextAttributes: .only(["plan"])), metrics: [.periodic(metrics)], logs: [logs],
            logOptions: LogOptions(contextAttributes: .none), environment: [:])
        Self.tenant.run {
            telemetry.tracer("tests").withSpan("work") { _ in telemetry.logger("tests").info("now") }
            telemetry.meter("tests").counter("calls").add(1)
        }
        await telemetry.shutdown()
        #expect(spans.finishedSpans.map(\.attributes) == [["plan": "gold"]])
        #expect(logs.finishedRecords.map(\.attributes) == [[:]] && sums(metrics)["calls"] == [[:]: 1])
    }

    /// The sums, counts or last values of the last collection, by metric and attributes.
    private func sums(_ memory: InMemoryMetricExporter) -> [String: [[String: AttributeValue]: Double]] {
        var found: [String: [[String: AttributeValue]: Double]] = [:]
        for metric in memory.batches.last?.metrics ?? [] {
            switch metric.points {
            case .sum, .gauge:
                for point in metric.points.numbers {
                    found[metric.name, default: [:]][point.attributes.dictionary] = point.value.doubleValue
                }
            case .histogram(let points, _):
                for point in points { found[metric.name, default: [:]][point.attributes.dictionary] = Double(point.count) }
            default: break
            }
        }
        return found
    }
}
