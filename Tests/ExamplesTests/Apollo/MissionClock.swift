// The time of tests of the Apollo services.

import Synchronization

@testable import Telemetry

/// A clock that a test advances: services take their times from it, and their loops wait by it.
final class MissionClock: Clock, Sendable {
    struct Instant: InstantProtocol {
        let nanoseconds: Int64

        func advanced(by duration: Duration) -> Instant { Instant(nanoseconds: nanoseconds + Int64(duration / .nanoseconds(1))) }
        func duration(to other: Instant) -> Duration { .nanoseconds(other.nanoseconds - nanoseconds) }
        static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }
    }

    private struct Sleeper {
        let number: Int
        let deadline: Instant
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var count = 0
        var sleepers: [Sleeper] = []
        var cancelled: Set<Int> = []
    }

    let manual: ManualClock
    private let state = Mutex(State())

    /// Starts on the day of the landing in another year, since time stamps do not reach before 1970.
    init() {
        manual = ManualClock(startingAt: Timestamp(nanosecondsSinceEpoch: 1_753_042_660_000_000_000))
    }

    /// The time that the clock starts with.
    static let start = "2025-07-20T20:17:40Z"

    var telemetry: TelemetryClock { .manual(manual) }
    var now: Instant { Instant(nanoseconds: Int64(manual.monotonicNanoseconds())) }
    var minimumResolution: Duration { .nanoseconds(1) }

    func advance(by duration: Duration) {
        manual.advance(by: duration)
        let now = now
        let due = state.withLock { state in
            let due = state.sleepers.filter { $0.deadline <= now }
            state.sleepers.removeAll { $0.deadline <= now }
            return due
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
        let number = state.withLock { state in
            state.count += 1
            return state.count
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    // The time is read under the lock, so that an advance comes before it or finds the sleeper.
                    if state.cancelled.remove(number) != nil || deadline <= self.now { return true }
                    state.sleepers.append(Sleeper(number: number, deadline: deadline, continuation: continuation))
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                guard let index = state.sleepers.firstIndex(where: { $0.number == number }) else {
                    state.cancelled.insert(number)
                    return nil as Sleeper?
                }
                return state.sleepers.remove(at: index)
            }
            sleeper?.continuation.resume()
        }
        try Task.checkCancellation()
    }
}
