// The trace assembler, driven with explicit times.

import Testing

@testable import Telemetry

struct TraceAssemblerTests {
    private let first = TraceID(high: 1, low: 1)
    private let second = TraceID(high: 2, low: 2)
    private let third = TraceID(high: 3, low: 3)

    private func ids(_ traces: [[TraceTreeSpan]]) -> [[UInt64]] { traces.map { $0.map(\.spanID.number) } }

    @Test func traceCompletesAfterItsRootAndAQuietPeriod() {
        var assembler = TraceAssembler(completion: .root, settle: .milliseconds(200))
        assembler.add(Samples.span(2, in: 1, "child", isRemote: true, trace: first), at: .zero)
        #expect(assembler.takeCompleted(at: .seconds(1)).isEmpty)
        assembler.add(Samples.span(1, "root", trace: first), at: .seconds(1))
        #expect(assembler.takeCompleted(at: .milliseconds(1_199)).isEmpty)
        assembler.add(Samples.span(3, in: 1, "late child", trace: first), at: .milliseconds(1_199))
        #expect(assembler.takeCompleted(at: .milliseconds(1_200)).isEmpty)
        #expect(ids(assembler.takeCompleted(at: .milliseconds(1_399))) == [[2, 1, 3]])
        #expect(assembler.traceCount == 0 && assembler.spanCount == 0)
        #expect(assembler.takeCompleted(at: .seconds(9)).isEmpty)
    }

    @Test func exporterCompletesTracesAtTheLocalRoot() {
        var assembler = TraceAssembler(completion: .localRoot)
        assembler.add(Samples.span(3, in: 2, "child", trace: first), at: .zero)
        #expect(assembler.takeCompleted(at: .zero).isEmpty)
        assembler.add(Samples.span(2, in: 1, "server", isRemote: true, trace: first), at: .zero)
        #expect(ids(assembler.takeCompleted(at: .zero)) == [[3, 2]])
    }

    @Test func incompleteTraceIsReturnedAfterTheTimeout() {
        var assembler = TraceAssembler(completion: .root, patience: .seconds(30))
        assembler.add(Samples.span(2, in: 1, "child", trace: first), at: .seconds(5))
        #expect(assembler.takeCompleted(at: .milliseconds(34_999)).isEmpty)
        #expect(ids(assembler.takeCompleted(at: .seconds(35))) == [[2]])
    }

    @Test func oldestTraceIsDroppedAndCounted() {
        var assembler = TraceAssembler(completion: .root, maximumTraces: 2)
        assembler.add(Samples.span(1, in: 9, "a", trace: first), at: .zero)
        assembler.add(Samples.span(2, in: 9, "b", trace: first), at: .zero)
        assembler.add(Samples.span(3, in: 9, "c", trace: second), at: .zero)
        assembler.add(Samples.span(4, in: 9, "d", trace: third), at: .zero)
        #expect(assembler.droppedTraceCount == 1)
        #expect(assembler.droppedSpanCount == 2)
        #expect(assembler.spanCount == 2)
        #expect(ids(assembler.takeAll()) == [[3], [4]])
        #expect(assembler.spanCount == 0)
    }

    @Test(arguments: [0, -1])
    func limitBelowOneHoldsOneSpanOfOneTrace(limit: Int) {
        var assembler = TraceAssembler(completion: .root, maximumTraces: limit, maximumSpansPerTrace: limit)
        for id in 1...3 { assembler.add(Samples.span(UInt64(id), in: 9, "s", trace: id == 3 ? second : first), at: .zero) }
        #expect(ids(assembler.takeAll()) == [[3]] && assembler.droppedSpanCount == 2)
    }

    @Test func oldestSpansOfTraceAreDroppedAndCounted() {
        var assembler = TraceAssembler(completion: .root, maximumSpansPerTrace: 3)
        for id in 1...8 { assembler.add(Samples.span(UInt64(id), in: id == 2 ? 0 : 9, "s", trace: first), at: .zero) }
        #expect(assembler.droppedSpanCount == 5)
        #expect(assembler.spanCount == 3)
        // The root came, even though it had to give way.
        #expect(ids(assembler.takeCompleted(at: .zero)) == [[6, 7, 8]])
    }
}
