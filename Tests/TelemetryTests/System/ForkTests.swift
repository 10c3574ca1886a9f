// Forks of a recording process: the child continues without the resources of its parent.

import Synchronization
import Testing

@testable import Telemetry

@Suite(.serialized) struct ForkTests {
    /// Set for a longer run than continuous integration has time for.
    private static let forkCount = EnvironmentReader.process.integer("FORK_COUNT", in: 1...1_000_000) ?? 30

    @Test func childForkedWhileThreadsRecordAllSignalsDropsAndCountsWhatItRecords() async throws {
        let recorder = try Recorder()
        let shared = recorder.tracer.startSpan("shared")
        // The Swift runtime takes locks on first uses, so the child must not use anything for the first time.
        let warm = try Recorder()
        #expect(Self.recordInChild(warm, warm.tracer.startSpan("shared")) == .notCounted)
        let flags = Flags()
        for number in 0..<3 {
            flags.running.wrappingAdd(1, ordering: .relaxed)
            let isStarted = WorkerThread.start(named: "recording") {
                var count = number
                while !flags.isStopped.load(ordering: .relaxed) {
                    if flags.isResting.load(ordering: .relaxed) { _ = flags.wake.wait(until: .after(.patience)) }
                    recorder.record(count)
                    shared["number"] = .int(Int64(count))
                    _ = recorder.telemetry.meter("meter \(count % 100)").counter("made")
                    count += 1
                    flags.rounds[number].count.wrappingAdd(1, ordering: .relaxed)
                }
                flags.running.wrappingSubtract(1, ordering: .relaxed)
            }
            #expect(isStarted)
        }
        var acceptedCount: UInt64 { recorder.telemetry.health.pipelines.reduce(0) { $0 + $1.accepted } }
        while acceptedCount < 10_000 { WorkerThread.letOthersRun() }
        for _ in 0..<Self.forkCount {
            // All threads record when the child is made, and leave it the processors afterwards.
            let before = flags.counts
            flags.rest(false)
            while zip(before, flags.counts).contains(where: { $1 < $0 + 50 }) { WorkerThread.letOthersRun() }
            let child = try ForkedChild { Self.recordInChild(recorder, shared).rawValue }
            flags.rest(true)
            let ending = Self.ending(of: child)
            #expect(ending == .asExpected)
            if ending != .asExpected { break }
        }
        flags.isStopped.store(true, ordering: .relaxed)
        flags.rest(false)
        while flags.running.load(ordering: .relaxed) > 0 { WorkerThread.letOthersRun() }
        #expect(await recorder.telemetry.shutdown() == .completed)
        for pipeline in recorder.telemetry.health.pipelines {
            #expect(pipeline.waiting == 0 && pipeline.accepted == pipeline.exported + pipeline.droppedCount, "\(pipeline)")
            #expect(pipeline.dropped[.alreadyShutDown] == nil, "\(pipeline)")
        }
    }

    @Test func childExportsWhatItRecordsAfterAStartOfItsOwn() async throws {
        let recorder = try Recorder()
        recorder.record(1)
        let warm = try Recorder()
        #expect(Self.exportInChild(warm) == .asExpected)
        let ending = try inChild {
            guard let own = try? Recorder() else { return .notStarted }
            return Self.exportInChild(own)
        }
        #expect(ending == .asExpected)
        #expect(await recorder.telemetry.shutdown() == .completed)
        #expect(recorder.spans.finishedSpans.count == 1, "The child exports nothing of the parent's.")
    }

    /// How a child has ended; the rest is a signal, or that it hung.
    private enum Ending: Int32 {
        case asExpected, notCounted, claimsToBeComplete, slowAnswer, notStarted, notExported, hung, crashed
    }

    private static func recordInChild(_ recorder: Recorder, _ shared: TraceSpan) -> Ending {
        shared["in child"] = true
        for number in 0..<100 { recorder.record(number) }
        shared.end()
        _ = recorder.telemetry.tracer("new in child")
        _ = recorder.telemetry.logger("new in child")
        recorder.telemetry.meter("new in child").counter("new").add(1)
        Diagnostics.report(.debug, "in child")
        let start = SystemClock.monotonicNanoseconds()
        let results = recorder.telemetry.requests(isShutdown: true, .after(.patience)).map { $0.wait() }
        if SystemClock.monotonicNanoseconds() - start > 60_000_000_000 { return .slowAnswer }
        let health = recorder.telemetry.health.pipelines
        let counts = health.map { $0.dropped[.alreadyShutDown] ?? 0 }
        // The span that threads of the parent were changing ends, and may be lost.
        guard health.allSatisfy({ $0.waiting == 0 && $0.exported == 0 }), counts.reduce(0, +) >= 200 else { return .notCounted }
        return results.contains(.completed) ? .claimsToBeComplete : .asExpected
    }

    private static func exportInChild(_ own: Recorder) -> Ending {
        for number in 0..<100 { own.record(number) }
        let results = own.telemetry.requests(isShutdown: true, .after(.patience)).map { $0.wait() }
        if results.contains(where: { $0 != .completed }) { return .slowAnswer }
        let isExported = own.spans.finishedSpans.count == 100 && own.logs.finishedRecords.count == 100 && !own.metrics.batches.isEmpty
        return isExported ? .asExpected : .notExported
    }

    /// Runs the body in a forked child.
    private func inChild(_ body: () -> Ending) throws -> Ending {
        try Self.ending(of: ForkedChild { body().rawValue })
    }

    private static func ending(of child: ForkedChild) -> Ending {
        let status = child.wait()
        return Ending(rawValue: status) ?? (status == -9 ? .hung : .crashed)
    }

    /// The state that the test and its recording threads share.
    private final class Rounds: Sendable {
        let count = Atomic(0)
    }

    private final class Flags: Sendable {
        let isStopped = Atomic(false)
        let isResting = Atomic(false)
        let running = Atomic(0)
        let wake = Semaphore()
        let rounds = (0..<3).map { _ in Rounds() }

        /// How often each thread has recorded.
        var counts: [Int] { rounds.map { $0.count.load(ordering: .relaxed) } }

        /// Has the threads rest from their next record on, or go on.
        func rest(_ isWanted: Bool) {
            isResting.store(isWanted, ordering: .relaxed)
            if !isWanted { for _ in 0..<running.load(ordering: .relaxed) { wake.post() } }
        }
    }

    private struct Recorder {
        let telemetry: TelemetrySystem
        let tracer: Tracer
        let log: TelemetryLogger
        let counter: Telemetry.Counter<Int>
        let spans = InMemorySpanExporter(capacity: 1_000)
        let logs = InMemoryLogExporter(capacity: 1_000)
        let metrics = InMemoryMetricExporter()

        init() throws {
            telemetry = try TelemetrySystem.start(
                resource: .empty, resourceIsComplete: true, spans: [.batch(spans)], metrics: [.periodic(metrics)], logs: [.batch(logs)],
                environment: [:])
            tracer = telemetry.tracer("forking")
            log = telemetry.logger("forking")
            counter = telemetry.meter("forking").counter("forks")
        }

        func record(_ number: Int) {
            let span = tracer.startSpan("work")
            span["number"] = .int(Int64(number))
            span.end()
            log.info("work", ["number": .int(Int64(number))])
            counter.add(1, ["number": .int(Int64(number % 50))])
        }
    }
}
