// Conversion of Swift values to attribute values, in literals, subscripts and recording calls.

import Testing

@testable import Telemetry

struct AttributeValueConvertibleTests {
    private enum Tier: String, AttributeValueConvertible { case paid }
    private enum Level: UInt8, AttributeValueConvertible { case high = 9 }
    private struct Money: AttributeValueConvertible {
        let cents: Int
        var attributeValue: AttributeValue? { cents == 0 ? nil : .double(Double(cents) / 100) }
    }

    private let name = "text"
    private let missing: String? = nil

    @Test func stringsNumbersAndBooleansConvert() {
        #expect(name.attributeValue == .string("text") && name.dropFirst().attributeValue == .string("ext"))
        #expect(Character("c").attributeValue == .string("c") && true.attributeValue == .bool(true))
        #expect(1.5.attributeValue == .double(1.5) && Float(0.5).attributeValue == .double(0.5))
        let numbers: [any AttributeValueConvertible] = [
            7, Int8(7), Int16(7), Int32(7), Int64(7), UInt(7), UInt8(7), UInt16(7), UInt32(7), UInt64(7),
        ]
        #expect(numbers.map(\.attributeValue) == Array(repeating: .int(7), count: 10))
        #expect(Int64.min.attributeValue == .int(.min) && UInt64.max.attributeValue == .string("18446744073709551615"))
    }

    @Test func enumerationsAndCustomTypesConvert() {
        #expect(Tier.paid.attributeValue == .string("paid") && Level.high.attributeValue == .int(9))
        #expect(Money(cents: 150).attributeValue == .double(1.5) && Money(cents: 0).attributeValue == nil)
    }

    @Test func collectionsConvertElementByElement() {
        #expect(["a", "b"].attributeValue == ["a", "b"] && [1, 2].attributeValue == [1, 2])
        #expect([Tier.paid].attributeValue == ["paid"] && [[1], []].attributeValue == [[1], []])
        #expect(["a", nil].attributeValue == ["a", .empty], "A missing element keeps its place.")
        #expect([UInt8(1), 2].attributeValue == .bytes([1, 2]))
        #expect(["k": 1, "none": nil].attributeValue == ["k": 1])
    }

    @Test func nilValuesOmitKey() {
        let attributes: Attributes = ["name": name, "missing": missing, "money": Money(cents: 0), "level": Optional(Level.high)]
        #expect(attributes == ["name": "text", "level": 9])
        #expect(AttributeValue(missing) == .empty)
    }

    @Test func literalsOfVariablesEqualLiteralsOfConstants() {
        let attributes: Attributes = ["a": name, "b": 1, "": name, "a": Tier.paid, "c": .bytes([1]), "d": ["x", name]]
        #expect(attributes == ["a": "paid", "b": 1, "c": .bytes([1]), "d": ["x", "text"]])
        #expect(attributes.map(\.key) == ["a", "b", "c", "d"])
    }

    @Test func subscriptsAcceptConvertibleVariables() {
        var attributes: Attributes = ["a": 1, "b": 2, "c": 3]
        attributes["a"] = name
        attributes["b"] = missing
        attributes["c"] = Money(cents: 0)
        attributes["d"] = [name]
        #expect(attributes == ["a": "text", "d": ["text"]])
    }

    @Test func arraysAndMapsOfSeveralTypesAreMadeOfVariables() {
        let count = 3
        let list: AttributeValue = .array([count, name, missing, Tier.paid, "text", 1.5])
        #expect(list == .array([.int(3), .string("text"), .empty, .string("paid"), .string("text"), .double(1.5)]))
        let map: AttributeValue = .map(["count": count, "name": name, "missing": missing, "nested": .array([count, true])])
        #expect(map == .map(["count": .int(3), "name": .string("text"), "nested": .array([.int(3), .bool(true)])]))
        let attributes: Attributes = ["list": .array([count, name]), "tier": Tier.paid]
        #expect(attributes == ["list": .array([3, "text"]), "tier": "paid"])
        #expect(AttributeValue([1, 2, 3][1...]) == [2, 3])
    }

    @Test func dictionaryOfSeveralTypesBecomesAttributes() {
        let values: [String: any AttributeValueConvertible] = ["b": name, "a": 1, "c": missing, "d": Tier.paid]
        #expect(Attributes(values).map(\.key) == ["a", "b", "d"] && Attributes(values) == ["a": 1, "b": "text", "d": "paid"])
    }

    @Test func spansMeasurementsAndLogRecordsAcceptConvertibleVariables() async throws {
        let (spans, metrics, logs) = (InMemorySpanExporter(), InMemoryMetricExporter(), InMemoryLogExporter())
        let telemetry = try TelemetrySystem.start(
            resource: Resource(attributes: ["name": name, "missing": missing]), spans: [spans],
            metrics: [.periodic(metrics)], logs: [.simple(logs)])
        let tracer = telemetry.tracer("variables")
        tracer.startSpan("started", ["name": name, "missing": missing, "literal": 1]).end()
        tracer.withSpan("enclosed", kind: .client, ["tier": Tier.paid]) { span in
            span["name"] = name
            span["missing"] = missing
            span.setAttribute("level", Level.high)
            span.setAttributes(["a": name])
            span.addEvent("event", ["a": name])
            span.addLink(span.context, ["a": name])
        }
        await tracer.withSpan("awaited", ["a": name]) { _ in await Task.yield() }
        let counter = telemetry.meter("variables").counter("counted")
        counter.add(1, ["tier": Tier.paid])
        counter.add(2, ["tier": "paid"])
        counter.bind(["tier": Tier.paid]).add(3)
        telemetry.logger("variables").info("said", ["name": name, "missing": missing])
        telemetry.logger("variables").emit(LogRecord(name, attributes: ["tier": Tier.paid]))
        await telemetry.forceFlush()
        #expect(spans.finishedSpans.map(\.attributes) == [["name": "text", "literal": 1], enclosedAttributes, ["a": "text"]])
        #expect(spans.finishedSpans.first?.resource.attributes["name"] == "text")
        #expect(
            spans.finishedSpans[1].events.map(\.attributes) == [["a": "text"]]
                && spans.finishedSpans[1].links.map(\.attributes) == [["a": "text"]])
        #expect(metrics.value(of: "counted", ["tier": Tier.paid]) == .int(6))
        #expect(logs.finishedRecords.map(\.attributes) == [["name": "text"], ["tier": "paid"]])
        #expect(logs.finishedRecords.map(\.body) == ["said", "text"])
        await telemetry.shutdown()
    }

    private var enclosedAttributes: Attributes { ["tier": "paid", "name": "text", "level": 9, "a": "text"] }
}
