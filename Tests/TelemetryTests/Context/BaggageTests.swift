// The baggage API.

import Testing

@testable import Telemetry

struct BaggageTests {
    @Test func baggageIsImmutableAndLastWriteWins() {
        let first = Baggage.empty.setting("user", to: "ada")
        let second = first.setting("user", to: "grace", metadata: "ttl=1").setting("plan", to: "free")
        #expect(first["user"] == "ada")
        #expect(second["user"] == "grace")
        #expect(
            second.entries == [
                Baggage.Entry(name: "user", value: "grace", metadata: "ttl=1"), Baggage.Entry(name: "plan", value: "free"),
            ])
        #expect(second.setting("user", to: "ada").entries.first?.metadata == "")
    }

    @Test func entriesCanBeRemovedAndCleared() {
        let baggage = Baggage.empty.setting("a", to: "1").setting("b", to: "2")
        #expect(baggage.removing("a").entries.map(\.name) == ["b"])
        #expect(baggage.removing("a").removing("b") == .empty)
        #expect(baggage.removing("c") == baggage)
        let context = Context.root.with(baggage: baggage)
        #expect(context.with(baggage: .empty).baggage.isEmpty)
    }

    @Test func baggageIsASequenceOfItsEntries() {
        let baggage = Baggage.empty.setting("a", to: "1").setting("b", to: "2", metadata: "ttl=1")
        #expect(baggage.map(\.value) == ["1", "2"])
        #expect(baggage.contains { $0.name == "b" && $0.metadata == "ttl=1" })
        #expect(Array(Baggage.empty) == [])
    }

    @Test func baggageIsACollectionOfItsEntries() {
        let baggage = Baggage.empty.setting("a", to: "1").setting("b", to: "2")
        #expect(baggage.count == 2 && baggage[1].name == "b" && baggage.first?.value == "1" && baggage.last?.value == "2")
        #expect(baggage.reversed().map(\.name) == ["b", "a"])
        #expect(Baggage.empty.count == 0 && Baggage.empty.first == nil)
    }

    @Test func literalTakesLastValueAndNoEmptyName() {
        let baggage: Baggage = ["tenant": "a", "plan": "free", "": "x", "tenant": "b"]
        #expect(baggage == Baggage.empty.setting("tenant", to: "b").setting("plan", to: "free"))
        #expect(([:] as Baggage) == .empty)
        let pairs = ["b": "2", "a": "1", "": "x"]
        #expect(Baggage(pairs) == Baggage.empty.setting("a", to: "1").setting("b", to: "2"))
    }

    @Test func subscriptSetsAndRemoves() {
        var baggage = Baggage.empty.setting("plan", to: "free", metadata: "ttl=1")
        baggage["plan"] = "gold"
        baggage["tenant"] = "a"
        #expect(baggage.entries == [Baggage.Entry(name: "plan", value: "gold"), Baggage.Entry(name: "tenant", value: "a")])
        baggage["plan"] = nil
        baggage["missing"] = nil
        baggage[""] = "x"
        #expect(baggage.map(\.name) == ["tenant"])
    }

    @Test func anyNonEmptyStringIsValidName() {
        #expect(Baggage.empty.setting("", to: "1").isEmpty)
        #expect(Baggage.empty.setting("名", to: "値")["名"] == "値")
        #expect(Baggage.empty.setting("a", to: "")["a"] == "")
        #expect(Baggage.empty.setting("Ada", to: "1")["ada"] == nil)
    }

    @Test func baggageWorksWithoutAnyTelemetrySystem() {
        Context.root.settingBaggage("user", to: "ada").run {
            var headers: [String: String] = [:]
            W3CBaggagePropagator().inject(.current, into: &headers)
            #expect(headers == ["baggage": "user=ada"])
            #expect(W3CBaggagePropagator().extract(from: headers, into: .root).baggage == Context.current.baggage)
            #expect(Context.current.with(baggage: .empty).baggage.isEmpty)
        }
    }

    @Test func emptyBaggageNeedsNoStorage() {
        #expect(Baggage.empty.isEmpty && Baggage.empty.entries.isEmpty)
        #expect(MemoryLayout<Baggage>.size == MemoryLayout<UInt>.size)
        #expect(Context.root.with(baggage: .empty).node?.extras == nil)
    }

    @Test func baggageAndSpanContextAreIndependent() {
        let identity = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3))
        let context = Context.root.settingBaggage("user", to: "ada").with(spanContext: identity)
        #expect(context.baggage["user"] == "ada" && context.spanContext == identity)
        #expect(context.settingBaggage("plan", to: "free").spanContext == identity)
    }
}

extension Context {
    /// This context with one baggage entry more.
    func settingBaggage(_ name: String, to value: String) -> Context {
        with(baggage: baggage.setting(name, to: value))
    }
}
