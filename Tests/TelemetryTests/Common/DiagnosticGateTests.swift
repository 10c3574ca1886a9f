// The rate limit of diagnostics.

import Testing

@testable import Telemetry

struct DiagnosticGateTests {
    @Test func messagesBeyondWindowLimitAreCounted() {
        var gate = DiagnosticGate()
        for _ in 0..<DiagnosticGate.messagesPerWindow {
            #expect(gate.admit(.error, topic: nil, every: .seconds(60), now: 5) == .admitted(leftOutCount: 0))
        }
        for _ in 0..<7 { #expect(gate.admit(.error, topic: nil, every: .seconds(60), now: 6) == .leftOut) }
        let later = DiagnosticGate.windowNanoseconds + 5
        #expect(gate.admit(.error, topic: nil, every: .seconds(60), now: later) == .admitted(leftOutCount: 7))
        #expect(gate.admit(.error, topic: nil, every: .seconds(60), now: later) == .admitted(leftOutCount: 0))
    }

    @Test func topicIsAdmittedOncePerInterval() {
        var gate = DiagnosticGate()
        #expect(gate.admit(.warning, topic: "a", every: .seconds(1), now: 0) == .admitted(leftOutCount: 0))
        #expect(gate.admit(.warning, topic: "a", every: .seconds(1), now: 999_999_999) == .leftOut)
        #expect(gate.admit(.warning, topic: "b", every: .seconds(1), now: 999_999_999) == .admitted(leftOutCount: 0))
        #expect(gate.admit(.warning, topic: "a", every: .seconds(1), now: 1_000_000_000) == .admitted(leftOutCount: 0))
        #expect(gate.admit(.warning, topic: "a", every: .seconds(-1), now: 1_000_000_000) == .admitted(leftOutCount: 0))
    }

    @Test func rateLimitedMessageDoesNotSilenceTopic() {
        var gate = DiagnosticGate()
        for _ in 0..<DiagnosticGate.messagesPerWindow { _ = gate.admit(.error, topic: nil, every: .zero, now: 0) }
        #expect(gate.admit(.error, topic: "a", every: .seconds(60), now: 1) == .leftOut)
        let later = DiagnosticGate.windowNanoseconds
        #expect(gate.admit(.error, topic: "a", every: .seconds(60), now: later) == .admitted(leftOutCount: 1))
    }

    @Test func messagesBelowMinimumSeverityAreNotCounted() {
        var gate = DiagnosticGate()
        #expect(gate.admit(.debug, topic: nil, every: .zero, now: 0) == .leftOut)
        #expect(gate.admit(.info, topic: nil, every: .zero, now: 0) == .admitted(leftOutCount: 0))
        gate.minimumSeverity = .error
        #expect(gate.admit(.warning, topic: nil, every: .zero, now: 0) == .leftOut)
        #expect(gate.admit(.error, topic: nil, every: .zero, now: 0) == .admitted(leftOutCount: 0))
    }

    @Test func rememberedTopicsAreBounded() {
        var gate = DiagnosticGate()
        for number in 0..<10_000 {
            let now = UInt64(number) * DiagnosticGate.windowNanoseconds
            #expect(gate.admit(.error, topic: "t\(number)", every: .seconds(60), now: now) == .admitted(leftOutCount: 0))
        }
    }
}
