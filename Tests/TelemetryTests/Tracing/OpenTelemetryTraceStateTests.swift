// Parsing and writing of the trace state's member `ot`.

import Testing

@testable import Telemetry

struct OpenTelemetryTraceStateTests {
    private func state(_ text: String) -> TraceState { TraceState.empty.setting("ot", to: text) }

    private func written(_ text: String, _ change: (inout OpenTelemetryTraceState) -> Void = { _ in }) -> String? {
        var own = OpenTelemetryTraceState(state(text))
        change(&own)
        return own.written(to: state(text))["ot"]
    }

    /// What another SDK's tests expect of the same texts.
    @Test(
        arguments: [
            ("a", "a"), ("#", "#"), (";", nil), ("a;", "a"), ("a;b;", "a;b"), ("animal:bear;food:pizza", "animal:bear;food:pizza"),
            ("rv:1234567890abcd", "rv:1234567890abcd"), ("rv:01020304050607", "rv:01020304050607"), ("rv:1234567890abcde", nil),
            ("th:1234567890abcd", "th:1234567890abcd"), ("th:10000000000000", "th:1"), ("th:1234500000000", "th:12345"), ("th:0", "th:0"),
            ("th:100000000000000", nil), ("th:", nil), ("th:x", nil), ("th:1000", "th:1"), ("th:10000000000001", "th:10000000000001"),
            ("th:10000000000010", "th:1000000000001"), ("rv:x", nil), ("rv:xxxxxxxxxxxxxx", nil), ("rv:1000000000000", nil),
            ("rv:10000000000000", "rv:10000000000000"), ("rv:6E6D1A75832A2F", nil), ("th:C", nil),
        ] as [(String, String?)])
    func memberRoundTrips(text: String, expected: String?) {
        #expect(written(text) == expected)
    }

    @Test func unknownSubkeysArePreserved() throws {
        let before = try TraceState(headerValue: "vendor=1,ot=p:8;rv:6e6d1a75832a2f;k1:13,other=2").unwrapped()
        var own = OpenTelemetryTraceState(before)
        own.threshold = SamplingThreshold(probability: 0.25)
        let after = own.written(to: before)
        #expect(after.headerValue == "ot=th:c;rv:6e6d1a75832a2f;p:8;k1:13,vendor=1,other=2", "A changed member moves to the left.")
        own.threshold = nil
        #expect(own.written(to: after).headerValue == "ot=rv:6e6d1a75832a2f;p:8;k1:13,vendor=1,other=2")
        #expect(OpenTelemetryTraceState(before).randomness == 0x6e_6d1a_7583_2a2f)
    }

    @Test func unchangedTraceStateIsNotRewritten() throws {
        let state = try TraceState(headerValue: "vendor=1,ot=th:c;rv:6e6d1a75832a2f;k:1").unwrapped()
        #expect(OpenTelemetryTraceState(state).written(to: state) == state)
        let without = try TraceState(headerValue: "vendor=1").unwrapped()
        #expect(OpenTelemetryTraceState(without).written(to: without) == without)
        #expect(OpenTelemetryTraceState(.empty).written(to: .empty).isEmpty)
    }

    @Test func memberIsRemovedWithItsLastSubkey() throws {
        let state = try TraceState(headerValue: "ot=th:c,vendor=1").unwrapped()
        var own = OpenTelemetryTraceState(state)
        own.threshold = nil
        #expect(own.written(to: state).headerValue == "vendor=1")
    }

    @Test func tooLongMemberDropsTheThresholdAndIsNotTruncated() {
        let fits = "a:" + String(repeating: "X", count: 249)
        #expect(written(fits) { $0.threshold = .keepsAll } == "th:0;" + fits)
        let tooLong = "a:" + String(repeating: "X", count: 250)
        #expect(written(tooLong) { $0.threshold = .keepsAll } == tooLong)
        #expect(written(tooLong) { $0.insertRandomness(1) } == tooLong)
        let withThreshold = "th:c;" + fits
        #expect(written(withThreshold) { $0.threshold = SamplingThreshold(probability: 0.01) } == fits, "No wrong threshold is left.")
    }

    @Test func memberOfMaximumLengthIsParsed() {
        let rest = "a:" + String(repeating: "X", count: 214)
        let text = rest + ";rv:1234567890abcd;th:1234567890abcd;x:3"
        #expect(text.utf8.count == 256)
        #expect(written(text) == "th:1234567890abcd;rv:1234567890abcd;" + rest + ";x:3")
    }

    @Test func explicitRandomnessIsNotOverwritten() {
        #expect(written("rv:6e6d1a75832a2f") { $0.insertRandomness(1) } == "rv:6e6d1a75832a2f")
        #expect(written("p:1") { $0.insertRandomness(.max) } == "rv:ffffffffffffff;p:1")
        #expect(written("p:1") { $0.insertRandomness(0xab_0000_0000_0000_01) } == "rv:00000000000001;p:1")
    }

    @Test func randomMembersAreParsedAndRoundTrip() {
        var random = SplitMix64(seed: 235)
        let pieces = ["th:", "rv:", "c", "0", ";", ":", "6e6d1a75832a2f", "x", "A", "é", " ", "th:fd70a", "rv:00000000000000", "p:8", "@"]
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0..<24, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            let state = TraceState.empty.setting("ot", to: text)
            var own = OpenTelemetryTraceState(state)
            if Bool.random(using: &random) { own.threshold = SamplingThreshold(value: random.next()) }
            if Bool.random(using: &random) { own.insertRandomness(random.next()) }
            let written = own.written(to: state)
            #expect((written["ot"] ?? "").utf8.count <= 256)
            let again = OpenTelemetryTraceState(written)
            #expect(again.written(to: written) == written)
            #expect(again.randomness == own.randomness)
        }
    }
}
