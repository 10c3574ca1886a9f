// Times small pieces of work: best of several rounds, on one thread or several at once.

import AllocationCounter
import Glibc
import Synchronization

/// The cost of one operation.
struct Cost {
    /// The nanoseconds a call on its thread.
    var nanoseconds: Double
    /// The allocations a call.
    var allocations: Double
}

enum Measurement {
    static func monotonic() -> UInt64 { read(CLOCK_MONOTONIC) }

    /// The processor time of the whole process.
    static func processTime() -> UInt64 { read(CLOCK_PROCESS_CPUTIME_ID) }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Returns the cheapest of several rounds, which excludes other load of the machine.
    @inline(__always)
    static func best(rounds: Int = 15, calls: Int = 20_000, between: () -> Void = {}, _ work: () -> Void) -> Cost {
        for _ in 0..<calls / 10 { work() }
        var best = Cost(nanoseconds: .infinity, allocations: .infinity)
        for _ in 0..<rounds {
            between()
            let allocations = allocation_count()
            let start = monotonic()
            for _ in 0..<calls { work() }
            let elapsed = monotonic() - start
            best.nanoseconds = min(best.nanoseconds, Double(elapsed) / Double(calls))
            best.allocations = min(best.allocations, Double(allocation_count() - allocations) / Double(calls))
        }
        return best
    }

    /// Measures in the running task, with asynchronous work between rounds that fit into a queue.
    static func best(
        rounds: Int = 300, calls: Int = 900, between: nonisolated(nonsending) () async -> Void, _ work: () -> Void
    ) async -> Cost {
        var best = Cost(nanoseconds: .infinity, allocations: .infinity)
        for _ in 0..<rounds {
            await between()
            let cost = Self.best(rounds: 1, calls: calls, work)
            best.nanoseconds = min(best.nanoseconds, cost.nanoseconds)
            best.allocations = min(best.allocations, cost.allocations)
        }
        return best
    }

    /// Measures on several threads at once; returns the mean over the threads of the cheapest round.
    static func best(
        threads: Int, rounds: Int = 300, calls: Int = 900, between: @escaping @Sendable () -> Void,
        _ work: @escaping @Sendable (Int) -> Void
    ) -> Cost {
        let results = Mutex([Cost](repeating: Cost(nanoseconds: 0, allocations: 0), count: threads * rounds))
        let gate = Gate(threads)
        let ids = (0..<threads).map { thread in
            Thread.start {
                work(calls)
                for round in 0..<rounds {
                    gate.meet()
                    if thread == 0 { between() }
                    gate.meet()
                    let allocations = allocation_count()
                    let start = monotonic()
                    work(calls)
                    let elapsed = monotonic() - start
                    let cost = Cost(
                        nanoseconds: Double(elapsed) / Double(calls),
                        allocations: Double(allocation_count() - allocations) / Double(calls))
                    results.withLock { $0[round * threads + thread] = cost }
                }
            }
        }
        ids.forEach(Thread.join)
        let all = results.withLock { $0 }
        let means = (0..<rounds).map { round in
            let costs = all[(round * threads)..<((round + 1) * threads)]
            return Cost(
                nanoseconds: costs.map(\.nanoseconds).reduce(0, +) / Double(threads),
                allocations: costs.map(\.allocations).reduce(0, +) / Double(threads))
        }
        return means.min { $0.nanoseconds < $1.nanoseconds } ?? Cost(nanoseconds: 0, allocations: 0)
    }
}

/// A barrier that starts the threads of a round together.
final class Gate: Sendable {
    private let count: Int
    private let arrived = Atomic(0)

    init(_ count: Int) {
        self.count = count
    }

    func meet() {
        let ticket = arrived.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue
        let target = (ticket + count - 1) / count * count
        while arrived.load(ordering: .acquiring) < target { sched_yield() }
    }
}

/// Plain threads, apart from the cooperative pool.
enum Thread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    static func start(_ run: @escaping @Sendable () -> Void) -> pthread_t {
        var thread = pthread_t()
        let body = Unmanaged.passRetained(Body(run))
        pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, body.toOpaque())
        return thread
    }

    static func join(_ thread: pthread_t) {
        pthread_join(thread, nil)
    }
}
