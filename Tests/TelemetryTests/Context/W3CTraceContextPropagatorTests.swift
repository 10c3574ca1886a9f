// The headers `traceparent` and `tracestate` of W3C Trace Context Level 2.

import Testing

@testable import Telemetry

struct W3CTraceContextPropagatorTests {
    private static let traceText = "0af7651916cd43dd8448eb211c80319c"
    private static let spanText = "b7ad6b7169203331"
    private static let parent = "00-\(traceText)-\(spanText)-01"

    private let propagator = W3CTraceContextPropagator()

    private func extracted(_ headers: [String: String]) -> SpanContext {
        propagator.extract(from: headers, into: .root).spanContext
    }

    @Test func validHeaderIsReadAsRemoteSampledContext() throws {
        let context = extracted(["traceparent": Self.parent])
        #expect(context.traceID.description == Self.traceText)
        #expect(context.spanID.description == Self.spanText)
        #expect(context.flags == .sampled)
        #expect(context.isRemote && context.isValid)
        #expect(context.traceState.isEmpty)
    }

    @Test(arguments: [
        "", "0", "00", "zz-\(traceText)-\(spanText)-01", "0-\(traceText)-\(spanText)-01", "ff-\(traceText)-\(spanText)-01",
        "FF-\(traceText)-\(spanText)-01", "0A-\(traceText)-\(spanText)-01", "+1-\(traceText)-\(spanText)-01",
        "00-\(traceText)-\(spanText)-0", "00-\(traceText)-\(spanText)-zz", "00-\(traceText)-\(spanText)-0A",
        "00-\(traceText)-\(spanText)-+1", "00-\(traceText)-\(spanText)-.1", "00-\(traceText)-\(spanText)-011",
        "00-00000000000000000000000000000000-\(spanText)-01", "00-\(traceText)-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-\(spanText)-01", "00-\(traceText)-B7AD6B7169203331-01",
        "00-+af7651916cd43dd8448eb211c80319c-\(spanText)-01", "00-.af7651916cd43dd8448eb211c80319c-\(spanText)-01",
        "00-0af7651916cd43dd8448eb211c80319-\(spanText)-01", "00-0af7651916cd43dd8448eb211c80319g-\(spanText)-01",
        "00-\(traceText)-b7ad6b716920333-01", "00-\(traceText)-b7ad6b716920333o-01", "00-\(traceText)-b7ad6b716920333\u{0}-01",
        "00_\(traceText)-\(spanText)-01", "00-\(traceText)_\(spanText)-01", "00-\(traceText)-\(spanText)_01",
        "00-é\(traceText.dropFirst(2))-\(spanText)-01", "00-\(traceText)-\(spanText)-é", "\u{1F600}", "-", "----",
        "00 -\(traceText)-\(spanText)-01", "\(traceText)-\(spanText)-01", "00-\(traceText)-\(spanText)",
    ])
    func malformedHeaderLeavesContextUnchanged(_ header: String) {
        let before = Context.root.with(spanContext: Self.local).settingBaggage("user", to: "ada")
        let after = propagator.extract(from: ["traceparent": header, "tracestate": "a=1"], into: before)
        #expect(after.spanContext == Self.local)
        #expect(after.baggage["user"] == "ada")
        #expect(after.node === before.node)
    }

    private static let local = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3))

    @Test func versionZeroLongerThan55CharactersIsRefused() {
        #expect(!extracted(["traceparent": Self.parent + "-what-the-future-will-be-like"]).isValid)
        #expect(!extracted(["traceparent": Self.parent + "-"]).isValid)
        #expect(!extracted(["traceparent": Self.parent + "."]).isValid)
    }

    @Test(arguments: [("", true), ("-", true), ("-what-the-future-will-be-like", true), (".what", false), ("0", false), ("é", false)])
    func laterVersionMayHaveFieldsAfterHyphen(_ rest: String, _ isValid: Bool) throws {
        let context = extracted(["traceparent": "cc" + Self.parent.dropFirst(2) + rest])
        #expect(context.isValid == isValid)
        guard isValid else { return }
        var headers: [String: String] = [:]
        propagator.inject(Context.root.with(spanContext: context), into: &headers)
        #expect(headers["traceparent"] == Self.parent, "It is sent on as version 00.")
    }

    @Test func laterVersionShorterThan55CharactersIsRefused() {
        #expect(!extracted(["traceparent": "01" + Self.parent.dropFirst(2).dropLast()]).isValid)
    }

    @Test func anyOtherByteThanLowerCaseDigitIsRefusedAtEachPlace() {
        let digits = Set("0123456789abcdef".utf8)
        let places = [0, 1] + Array(3..<35) + Array(36..<52) + [53, 54]
        for byte in UInt8(0x20)..<0x7f {
            for place in places {
                var bytes = Array(Self.parent.utf8)
                bytes[place] = byte
                let context = extracted(["traceparent": String(decoding: bytes, as: UTF8.self)])
                #expect(context.isValid == digits.contains(byte), "\(byte) at \(place)")
            }
        }
    }

    @Test func eachDigitIsReadAtItsPlace() {
        var random = SplitMix64(seed: 14)
        for _ in 0..<1_000 {
            let (high, low, span) = (random.next(), random.next(), random.next())
            let text = [high, low, span].map { number in
                String(repeating: "0", count: 16 - String(number, radix: 16).count) + String(number, radix: 16)
            }
            let context = extracted(["traceparent": "00-\(text[0])\(text[1])-\(text[2])-01"])
            #expect(context.traceID.description == text[0] + text[1])
            #expect(context.spanID.description == text[2])
        }
    }

    @Test func unknownFlagsAreInjectedAsZero() {
        for value in UInt8.min...UInt8.max {
            let digits = String(decoding: [Hexadecimal.digit(value >> 4), Hexadecimal.digit(value & 15)], as: UTF8.self)
            let context = extracted(["traceparent": "00-\(Self.traceText)-\(Self.spanText)-\(digits)"])
            #expect(context.isSampled == (value & 1 == 1))
            #expect(context.flags.contains(.random) == (value & 2 == 2))
            var headers: [String: String] = [:]
            let unmasked = SpanContext(traceID: context.traceID, spanID: context.spanID, flags: TraceFlags(rawValue: value))
            propagator.inject(Context.root.with(spanContext: unmasked), into: &headers)
            #expect(headers["traceparent"] == "00-\(Self.traceText)-\(Self.spanText)-0\(value & 3)")
        }
    }

    @Test func whiteSpaceAroundHeaderIsTrimmed() {
        #expect(extracted(["traceparent": " \t\(Self.parent)\t "]).isValid)
    }

    @Test func headerNamesAreCaseInsensitive() {
        for name in ["traceparent", "TraceParent", "TRACEPARENT", "tRaCeParent"] {
            let context = extracted([name: Self.parent, "TraceState": "a=1"])
            #expect(context.isValid)
            #expect(context.traceState.headerValue == "a=1")
        }
        #expect(!extracted(["trace-parent": Self.parent]).isValid)
        #expect(!extracted(["trace.parent": Self.parent]).isValid)
    }

    @Test func twoTraceparentHeadersStartNewTrace() {
        let context = propagator.extract(
            from: HeaderList([("traceparent", Self.parent), ("Traceparent", Self.parent)]), into: .root)
        #expect(!context.spanContext.isValid)
        #expect(!extracted(["Traceparent": Self.parent, "TRACEPARENT": Self.parent]).isValid)
    }

    @Test func multipleTracestateHeadersAreJoinedInOrder() {
        let headers = HeaderList([
            ("tracestate", "foo=1,bar=2"), ("traceparent", Self.parent), ("TraceState", ""), ("tracestate", "baz=3"),
        ])
        #expect(propagator.extract(from: headers, into: .root).spanContext.traceState.headerValue == "foo=1,bar=2,baz=3")
    }

    @Test func malformedTracestateKeepsTraceparent() {
        let context = extracted(["traceparent": Self.parent, "tracestate": "foo=1,FOO=2"])
        #expect(context.isValid && context.isSampled)
        #expect(context.traceState.isEmpty)
    }

    @Test func withoutValidTraceparentTracestateIsNotRead() {
        #expect(extracted(["tracestate": "foo=1"]).traceState.isEmpty)
        #expect(extracted(["traceparent": "zz", "tracestate": "foo=1"]).traceState.isEmpty)
    }

    @Test func unsampledContextIsInjected() {
        var headers: [String: String] = [:]
        let state = TraceState.empty.setting("rojo", to: "00f067aa0ba902b7")
        let context = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3), flags: .random, traceState: state)
        propagator.inject(Context.root.with(spanContext: context), into: &headers)
        #expect(
            headers == [
                "traceparent": "00-00000000000000010000000000000002-0000000000000003-02", "tracestate": "rojo=00f067aa0ba902b7",
            ])
    }

    @Test func invalidContextIsNotInjected() {
        var headers = ["host": "example.com"]
        propagator.inject(.root, into: &headers)
        propagator.inject(Context.root.with(spanContext: SpanContext(traceID: TraceID(high: 0, low: 1), spanID: .invalid)), into: &headers)
        propagator.inject(Context.root.with(spanContext: SpanContext(traceID: .invalid, spanID: SpanID(1))), into: &headers)
        #expect(headers == ["host": "example.com"])
    }

    @Test func fieldsListsWhatIsWritten() {
        #expect(propagator.fields == ["traceparent", "tracestate"])
    }

    @Test func headerOfAMegabyteIsRefused() {
        let long = String(repeating: "0", count: 1_000_000)
        #expect(!extracted(["traceparent": long]).isValid)
        #expect(extracted(["traceparent": Self.parent, "tracestate": long]).traceState.isEmpty)
        #expect(extracted(["traceparent": Self.parent, "tracestate": String(repeating: " ,", count: 500_000)]).traceState.isEmpty)
    }

    @Test func randomContextsRoundTrip() {
        var random = SplitMix64(seed: 1)
        for _ in 0..<20_000 {
            var state = TraceState.empty
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                state = state.setting("k\(random.next() % 50)", to: String(random.next(), radix: 36))
            }
            let sent = SpanContext(
                traceID: TraceID(high: random.next(), low: random.next() | 1), spanID: SpanID(random.next() | 1),
                flags: TraceFlags(rawValue: UInt8.random(in: 0...3, using: &random)), traceState: state)
            var headers: [String: String] = [:]
            propagator.inject(Context.root.with(spanContext: sent), into: &headers)
            let received = extracted(headers)
            #expect(received.traceID == sent.traceID && received.spanID == sent.spanID && received.flags == sent.flags)
            #expect(received.traceState == sent.traceState && received.isRemote)
        }
    }

    @Test func randomHeadersNeverTrapAndRoundTrip() {
        var random = SplitMix64(seed: 2)
        for round in 0..<30_000 {
            let parent = round % 4 == 0 ? random.bytes(upTo: 80) : random.damaged(Array(Self.parent.utf8))
            let state = round % 4 == 1 ? random.bytes(upTo: 80) : random.damaged(Array("foo=1 , b@r/*=t61rcWkgMzE,,0-_=~!".utf8))
            let headers = ["traceparent": String(decoding: parent, as: UTF8.self), "tracestate": String(decoding: state, as: UTF8.self)]
            let context = extracted(headers)
            guard context.isValid else { continue }
            var written: [String: String] = [:]
            propagator.inject(Context.root.with(spanContext: context), into: &written)
            let again = extracted(written)
            guard again == context else {
                Issue.record("Read differently after being written: \(headers)")
                return
            }
        }
    }
}

/// Headers as a list, in which a name can stand more than once.
struct HeaderList: CarrierReader, CarrierWriter {
    var fields: [(name: String, value: String)]

    init(_ fields: [(String, String)] = []) {
        self.fields = fields.map { (name: $0.0, value: $0.1) }
    }

    var names: [String] { fields.map(\.name) }

    func value(for name: String) -> String? { values(for: name).first }

    func forEachValue(for name: String, _ body: (String) -> Void) {
        for field in fields where field.name.lowercased() == name.lowercased() { body(field.value) }
    }

    mutating func setValue(_ value: String, for name: String) {
        fields.removeAll { $0.name.lowercased() == name.lowercased() }
        fields.append((name, value))
    }
}

extension SplitMix64 {
    /// Any bytes, most of them such as occur in headers.
    mutating func bytes(upTo count: Int) -> [UInt8] {
        let common = Array("00-af19;,=% \t@*/_~+zF".utf8)
        return (0..<Int.random(in: 0...count, using: &self)).map { _ in
            Bool.random(using: &self) ? common.randomElement(using: &self) ?? 0 : UInt8.random(in: 0...255, using: &self)
        }
    }

    /// The bytes with up to two of them changed, taken out or doubled.
    mutating func damaged(_ original: [UInt8]) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 0...2, using: &self) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &self)
            switch Int.random(in: 0..<4, using: &self) {
            case 0: bytes.remove(at: place)
            case 1: bytes.insert(bytes[place], at: place)
            case 2: bytes[place] = UInt8.random(in: 0...255, using: &self)
            default: bytes[place] ^= 0x20
            }
        }
        return bytes
    }
}
