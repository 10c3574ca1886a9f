// Order, retries, flush and stop of the replayer.

import Synchronization
import Testing

@testable import Telemetry

/// A receiver that returns scripted outcomes, then accepts everything.
private final class ScriptedSpoolReceiver: SpoolReceiver {
    private struct State {
        var outcomes: [OTLPOutcome]
        var isAway = false
        var received: [String] = []
        var attempts = 0
    }

    let name = "http://receiver"
    private let state: Mutex<State>
    private let before: @Sendable (String) -> Void
    /// Raised to end a hanging call.
    let release = WakeSignal()
    let hangs: Bool

    init(_ outcomes: [OTLPOutcome] = [], isAway: Bool = false, hangs: Bool = false, before: @escaping @Sendable (String) -> Void = { _ in })
    {
        state = Mutex(State(outcomes: outcomes, isAway: isAway))
        self.hangs = hangs
        self.before = before
    }

    var received: [String] { state.withLock { $0.received } }
    var attempts: Int { state.withLock { $0.attempts } }

    func comeBack() { state.withLock { $0.isAway = false } }

    func send(_ request: UnsafeRawBufferPointer, deadline: Deadline) -> OTLPOutcome {
        let text = String(decoding: request, as: UTF8.self)
        before(text)
        state.withLock { $0.attempts += 1 }
        if hangs { _ = release.wait(until: deadline) }
        return state.withLock { state in
            if state.isAway { return .retryable(after: nil, reason: "away") }
            let outcome = state.outcomes.isEmpty ? .delivered : state.outcomes.removeFirst()
            if case .retryable = outcome { return outcome }
            state.received.append(text)
            return outcome
        }
    }

    func interrupt() { release.raise() }
}

struct SpoolReplayerTests {
    private static let quick = RetryPolicy(initialDelay: .milliseconds(1), maximumDelay: .milliseconds(2))
    private static let slow = RetryPolicy(initialDelay: .seconds(3600), maximumDelay: .seconds(3600))
    private static let patience = Duration.patience

    private static func spool(_ root: TemporaryDirectory, clock: TelemetryClock = .system, age: Duration = .seconds(3600)) throws -> Spool {
        try Spool(.directory(root.path, maximumAge: age, synchronization: .never), name: "traces-here-00000000", clock: clock)
    }

    private static func replayer(_ spool: Spool, _ receiver: ScriptedSpoolReceiver, retry: RetryPolicy = quick) -> SpoolReplayer {
        let replayer = SpoolReplayer(spool, to: receiver, retry: retry, timeout: .seconds(60))
        #expect(replayer.start())
        return replayer
    }

    private static func batches(_ root: TemporaryDirectory) -> [String] { root.files.filter { $0.hasSuffix(".batch") } }

    @Test func batchesAreSentOnceAndInOrderAfterOutage() async throws {
        let root = try TemporaryDirectory()
        let spool = try Self.spool(root)
        let receiver = ScriptedSpoolReceiver(isAway: true)
        let replayer = Self.replayer(spool, receiver)
        for index in 0..<30 { spool.store("\(index)", items: 2) }
        #expect(await eventually { receiver.attempts > 3 })
        #expect(receiver.received.isEmpty && spool.counts.own.waiting == 60)
        #expect(replayer.lastFailure?.message.contains("away") == true && replayer.retries > 0)
        receiver.comeBack()
        #expect(await eventually { spool.isEmpty })
        #expect(receiver.received == (0..<30).map { "\($0)" })
        #expect(spool.counts.own == SpoolCounts.Tally(stored: 60, delivered: 60))
        #expect(await replayer.stop(deadline: .after(Self.patience)) == .completed)
    }

    @Test func acknowledgedBatchIsRemovedBeforeNextIsSent() async throws {
        let root = try TemporaryDirectory()
        let spool = try Self.spool(root)
        let left = Mutex<[Int]>([])
        let receiver = ScriptedSpoolReceiver { _ in left.withLock { $0.append(Self.batches(root).count) } }
        for index in 0..<5 { spool.store("\(index)") }
        let replayer = Self.replayer(spool, receiver)
        #expect(await replayer.flush(deadline: .after(Self.patience)) == .completed)
        #expect(left.withLock { $0 } == [5, 4, 3, 2, 1])
        #expect(Self.batches(root).isEmpty)
        await _ = replayer.stop(deadline: .after(Self.patience))
    }

    @Test func rejectedItemsAreCountedAndNextBatchIsSent() async throws {
        let root = try TemporaryDirectory()
        let spool = try Self.spool(root)
        let receiver = ScriptedSpoolReceiver([
            .retryable(after: nil, reason: "not yet"), .rejected(reason: "no"), .partiallyRejected(count: 4, reason: "some"),
            .deliveredWithWarning("well"),
            .partiallyRejected(count: 1_000_000, reason: "more than there are"),
        ])
        for index in 0..<5 { spool.store("\(index)", items: 10) }
        let replayer = Self.replayer(spool, receiver, retry: Self.slow)
        #expect(await eventually { replayer.lastFailure != nil })
        #expect(await replayer.flush(deadline: .after(Self.patience)) == .failed)
        #expect(spool.counts.own == SpoolCounts.Tally(stored: 50, delivered: 26, rejected: 24))
        #expect(receiver.received == ["0", "1", "2", "3", "4"])
        var status = ExporterStatus()
        status.add(spool.counts)
        #expect(status.delivered == 26 && status.dropped == [.rejected: 24] && status.waiting == 0)
        await _ = replayer.stop(deadline: .after(Self.patience))
    }

    @Test func damagedBatchIsSkippedAndFlushFails() async throws {
        let root = try TemporaryDirectory()
        let spool = try Self.spool(root)
        for index in 0..<3 { spool.store("\(index)") }
        try root.write([0], to: Self.batches(root)[1])
        let receiver = ScriptedSpoolReceiver()
        let replayer = Self.replayer(spool, receiver, retry: Self.slow)
        #expect(await eventually { spool.isEmpty })
        #expect(receiver.received == ["0", "2"])
        #expect(spool.counts.own == SpoolCounts.Tally(stored: 3, delivered: 2, lost: 1))
        await _ = replayer.stop(deadline: .after(Self.patience))
    }

    @Test func flushTriesAtOnceAndDoesNotWaitForUnavailableReceiver() async throws {
        let root = try TemporaryDirectory()
        let spool = try Self.spool(root)
        let receiver = ScriptedSpoolReceiver(isAway: true)
        // Without the flush the next attempt would come after an hour.
        let replayer = Self.replayer(spool, receiver, retry: Self.slow)
        spool.store("0")
        #expect(await eventually { receiver.attempts == 1 })
        #expect(await replayer.flush(deadline: .after(Self.patience)) == .failed)
        #expect(receiver.attempts >= 2)
        receiver.comeBack()
        #expect(await replayer.flush(deadline: .after(Self.patience)) == .completed)
        #expect(receiver.received == ["0"])
        #expect(await replayer.stop(deadline: .after(Self.patience)) == .completed)
        #expect(await replayer.flush(deadline: .after(Self.patience)) == .completed, "No batch waits.")
    }

    @Test func flushHonorsRetryAfter() async throws {
        let root = try TemporaryDirectory()
        let spool = try Self.spool(root)
        let receiver = ScriptedSpoolReceiver([.retryable(after: .seconds(3600), reason: "busy")])
        let replayer = Self.replayer(spool, receiver)
        spool.store("0")
        #expect(await eventually { receiver.attempts == 1 })
        #expect(await eventually { replayer.lastFailure != nil })
        #expect(await replayer.flush(deadline: .after(Self.patience)) == .failed)
        #expect(receiver.attempts == 1)
        await _ = replayer.stop(deadline: .after(Self.patience))
    }

    @Test func batchThatExpiresDuringOutageIsDroppedAndCounted() async throws {
        let root = try TemporaryDirectory()
        let clock = ManualClock()
        let spool = try Self.spool(root, clock: .manual(clock), age: .seconds(100))
        let receiver = ScriptedSpoolReceiver(isAway: true)
        let replayer = Self.replayer(spool, receiver)
        spool.store("0", items: 3)
        #expect(await eventually { receiver.attempts > 0 })
        clock.advance(by: .seconds(101))
        #expect(await eventually { spool.isEmpty })
        #expect(spool.counts.own == SpoolCounts.Tally(stored: 3, expired: 3))
        #expect(Self.batches(root).isEmpty)
        await _ = replayer.stop(deadline: .after(Self.patience))
    }

    @Test func stopLeavesBatchesToNextProcess() async throws {
        let root = try TemporaryDirectory()
        let first = try Self.spool(root)
        let away = ScriptedSpoolReceiver(isAway: true)
        let replayer = Self.replayer(first, away, retry: Self.slow)
        for index in 0..<4 { first.store("\(index)") }
        #expect(await replayer.stop(deadline: .after(Self.patience)) == .completed)
        #expect(!first.store("too late"))
        #expect(await replayer.flush(deadline: .after(Self.patience)) == .failed)
        let second = try Self.spool(root)
        #expect(second.path == first.path, "The lock of the directory has been released.")
        let receiver = ScriptedSpoolReceiver()
        let next = Self.replayer(second, receiver)
        #expect(await next.flush(deadline: .after(Self.patience)) == .completed)
        #expect(receiver.received == ["0", "1", "2", "3"])
        await _ = next.stop(deadline: .after(Self.patience))
    }

    @Test func stopWaitsForRequestInFlight() async throws {
        let root = try TemporaryDirectory()
        let spool = try Self.spool(root)
        let receiver = ScriptedSpoolReceiver(hangs: true)
        let replayer = Self.replayer(spool, receiver)
        spool.store("0")
        #expect(await eventually { receiver.attempts == 1 })
        async let result = replayer.stop(deadline: .after(Self.patience))
        receiver.release.raise()
        #expect(await result == .completed)
        #expect(spool.counts.own == SpoolCounts.Tally(stored: 1, delivered: 1))
        #expect(Self.batches(root).isEmpty)
    }

    @Test func stopEndsAtDeadline() async throws {
        let root = try TemporaryDirectory()
        let spool = try Self.spool(root)
        let receiver = ScriptedSpoolReceiver([.retryable(after: nil, reason: "interrupted")], hangs: true)
        let replayer = Self.replayer(spool, receiver)
        spool.store("0")
        #expect(await eventually { receiver.attempts == 1 })
        #expect(await replayer.stop(deadline: .after(.milliseconds(1))) == .timedOut)
        // The call in flight is interrupted, so that the thread ends and releases the lock.
        #expect(await eventually { (try? Self.spool(root))?.path == spool.path })
        #expect(Self.batches(root).count == 1)
    }

    @Test func runningProcessAdoptsBatchesOfEndedOne() async throws {
        let root = try TemporaryDirectory()
        let (dead, alive) = (try Self.spool(root), try Self.spool(root))
        for index in 0..<3 { dead.store("\(index)") }
        dead.close()
        let receiver = ScriptedSpoolReceiver()
        let replayer = Self.replayer(alive, receiver)
        #expect(await eventually { receiver.received == ["0", "1", "2"] })
        #expect(await eventually { alive.counts.recovered == SpoolCounts.Tally(stored: 3, delivered: 3) })
        await _ = replayer.stop(deadline: .after(Self.patience))
    }

    @Test func failureOfExporterDelaysNextAttempt() async throws {
        let root = try TemporaryDirectory()
        let spool = try Self.spool(root)
        let receiver = ScriptedSpoolReceiver()
        let replayer = Self.replayer(spool, receiver, retry: Self.slow)
        replayer.recordFailure(requested: .seconds(3600), reason: "busy")
        spool.store("0")
        #expect(await eventually { replayer.lastFailure?.message.contains("busy") == true })
        #expect(await replayer.flush(deadline: .after(Self.patience)) == .failed)
        #expect(receiver.attempts == 0)
        await _ = replayer.stop(deadline: .after(Self.patience))
    }
}
