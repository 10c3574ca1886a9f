// Composition of propagators, carriers of the host, and the global propagator.

import Testing

@testable import Telemetry

@Suite(.serialized) struct PropagatorTests {
    private static let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test func compositeInjectsAndExtractsWithEachPropagator() {
        let propagator: any Propagator = .composite([.traceContext, .baggage])
        let headers = ["traceparent": Self.parent, "tracestate": "a=1", "baggage": "user=ada"]
        let context = propagator.extract(from: headers, into: .root)
        #expect(context.spanContext.isRemote && context.baggage["user"] == "ada")
        var written: [String: String] = [:]
        propagator.inject(context, into: &written)
        #expect(written == headers)
        #expect(propagator.fields == ["traceparent", "tracestate", "baggage"])
        let doubled: any Propagator = .composite([.baggage, propagator, .baggage])
        #expect(doubled.fields == ["baggage", "traceparent", "tracestate"])
    }

    @Test func failingPropagatorOfCompositeDoesNotAffectOthers() {
        let propagator: any Propagator = .composite([.traceContext, .baggage])
        let context = propagator.extract(from: ["traceparent": "zz", "baggage": "user=ada"], into: .root)
        #expect(!context.spanContext.isValid && context.baggage["user"] == "ada")
    }

    @Test func noOpPropagatorDoesNothing() {
        let propagator: any Propagator = .noOp
        let context = Context.root.settingBaggage("user", to: "ada")
        var headers: [String: String] = [:]
        propagator.inject(context, into: &headers)
        #expect(headers.isEmpty && propagator.fields.isEmpty)
        #expect(propagator.extract(from: ["traceparent": Self.parent], into: context).node === context.node)
    }

    @Test func globalPropagatorIsNoOpUntilItIsSet() {
        #expect(Propagators.initial is NoOpPropagator)
        let before = Propagators.global
        defer { Propagators.global = before }
        // Other tests start systems meanwhile, which set it too.
        let isSet = (0..<1_000).contains { _ in
            Propagators.global = .baggage
            return Propagators.global is W3CBaggagePropagator
        }
        #expect(isSet)
    }

    @Test func extractStartsFromCurrentContext() {
        let outer = Context.root.settingBaggage("user", to: "ada")
        let propagator: any Propagator = .traceContext
        outer.run {
            #expect(propagator.extract(from: ["traceparent": Self.parent]).baggage["user"] == "ada")
            #expect(propagator.extract(from: MessageBox(), using: MessageAccess()).baggage["user"] == "ada")
        }
    }

    @Test func foreignCarrierIsAccessedThroughGetterAndSetter() {
        let propagator: any Propagator = .composite([.traceContext, .baggage])
        var message = MessageBox()
        let context = propagator.extract(
            from: ["traceparent": Self.parent, "tracestate": "a=1", "baggage": "user=ada"], into: .root)
        propagator.inject(context, into: &message, using: MessageAccess())
        #expect(message.lines == ["traceparent: \(Self.parent)", "tracestate: a=1", "baggage: user=ada"])
        let again = propagator.extract(from: message, into: .root, using: MessageAccess())
        #expect(again.spanContext == context.spanContext && again.baggage == context.baggage)
        #expect(MessageAccess().names(in: message) == ["traceparent", "tracestate", "baggage"])
    }

    @Test func singleValueReaderNeedsNoForEachValue() {
        let reader = SingleValueReader()
        #expect(reader.values(for: "traceparent") == [Self.parent])
        #expect(reader.values(for: "tracestate") == [])
        #expect(W3CTraceContextPropagator().extract(from: reader, into: .root).spanContext.isValid)
    }

    @Test func forEachValueDefaultsToSingleValue() {
        // A getter that knows one value a name has all values too: that one.
        var values: [String] = []
        MessageAccess().forEachValue(for: "a", in: MessageBox(lines: ["a: 1", "b: 2"])) { values.append($0) }
        MessageAccess().forEachValue(for: "c", in: MessageBox(lines: ["a: 1", "b: 2"])) { values.append($0) }
        #expect(values == ["1"])
        let headers = HeaderList([("a", "1"), ("b", "2"), ("A", "3")])
        #expect(headers.values(for: "a") == ["1", "3"] && headers.value(for: "a") == "1" && headers.values(for: "c") == [])
        let propagator: any Propagator = .baggage
        #expect(propagator.extract(from: HeaderList([("baggage", "a=1"), ("baggage", "b=2")]), into: .root).baggage.entries.count == 2)
    }

    @Test func dictionaryLookupIgnoresCase() {
        let headers = ["Content-Type": "text/plain", "X": "1"]
        #expect(headers.value(for: "content-type") == "text/plain")
        #expect(headers.value(for: "X") == "1" && headers.value(for: "x") == "1")
        #expect(headers.value(for: "y") == nil)
        #expect(headers.names.sorted() == ["Content-Type", "X"])
        #expect(["a": "1", "A": "2"].value(for: "a") == "1")
        #expect(["bA": "1", "Ba": "2"].values(for: "ba") == ["2", "1"])
    }

    @Test func headersWithSeveralValuesAreRead() {
        let headers = ["TraceParent": [Self.parent], "baggage": ["a=1", "b=2"], "Baggage": ["c=3"], "other": []]
        let propagator: any Propagator = .composite([.traceContext, .baggage])
        let context = propagator.extract(from: headers, into: .root)
        #expect(context.spanContext.isValid && context.baggage.map(\.name) == ["a", "b"])
        let spellings = ["baggage": [], "Baggage": ["b=2", "c=3"], "BAGGAGE": ["a=1"], "x-baggage": ["d=4"]]
        #expect(propagator.extract(from: spellings, into: .root).baggage.map(\.name) == ["a", "b", "c"])
        #expect(HeaderLists(headers: spellings).value(for: "baggage") == "a=1" && HeaderLists(headers: headers).value(for: "none") == nil)
        let twice = ["traceparent": [Self.parent, Self.parent]]
        #expect(!W3CTraceContextPropagator().extract(from: twice, into: .root).spanContext.isValid)
    }

    @Test func headersWithSeveralValuesAreWritten() {
        var headers = ["Baggage": ["old=1", "old=2"], "accept": ["a", "b"]]
        W3CBaggagePropagator().inject(Context.root.settingBaggage("user", to: "ada"), into: &headers)
        #expect(headers == ["baggage": ["user=ada"], "accept": ["a", "b"]])
        headers["BAGGAGE"] = ["old=1"]
        W3CBaggagePropagator().inject(Context.root.settingBaggage("user", to: "grace"), into: &headers)
        #expect(headers == ["baggage": ["user=grace"], "accept": ["a", "b"]])
    }

    @Test func dictionarySetValueReplacesOtherSpellings() {
        var headers = ["Traceparent": "old", "TRACEPARENT": "older", "host": "h"]
        headers.setValue("new", for: "traceparent")
        #expect(headers == ["traceparent": "new", "host": "h"])
        headers.setValue("newer", for: "traceparent")
        #expect(headers == ["traceparent": "newer", "host": "h"])
    }

    private struct SingleValueReader: CarrierReader {
        var names: [String] { ["traceparent"] }

        func value(for name: String) -> String? { name == "traceparent" ? PropagatorTests.parent : nil }
    }
}

/// A carrier that knows nothing of telemetry.
private struct MessageBox {
    var lines: [String] = []
}

private struct MessageAccess: CarrierGetter, CarrierSetter {
    func value(for name: String, in message: MessageBox) -> String? {
        message.lines.first { $0.hasPrefix(name + ": ") }.map { String($0.dropFirst(name.count + 2)) }
    }

    func names(in message: MessageBox) -> [String] {
        message.lines.map { String($0.prefix { $0 != ":" }) }
    }

    func setValue(_ value: String, for name: String, in message: inout MessageBox) {
        message.lines.append("\(name): \(value)")
    }
}
