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

    /// The processor time of the calling thread.
    static func threadTime() -> UInt64 { read(CLOCK_THREAD_CPUTIME_ID) }

    /// Returns how often the work allocates on the calling thread.
    static func allocations(_ work: () -> Void) -> UInt64 {
        let count = allocation_count()
        work()
        return allocation_count() - count
    }

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
        let all = Self.rounds(rounds, threads: threads, calls: calls, between: between, work)
        let best = all.min { $0.wall < $1.wall }
        return Cost(nanoseconds: best?.wall ?? 0, allocations: best?.allocations ?? 0)
    }

    /// Measures rounds on several threads at once; returns for each the mean over the threads.
    static func rounds(
        _ rounds: Int, threads: Int, calls: Int, between: @escaping @Sendable () -> Void, _ work: @escaping @Sendable (Int) -> Void
    ) -> [RoundCost] {
        let results = Mutex([RoundCost](repeating: RoundCost(), count: threads * rounds))
        let gate = Gate(threads)
        let ids = (0..<threads).map { thread in
            Thread.start {
                work(min(calls, 900))
                for round in 0..<rounds {
                    gate.meet()
                    if thread == 0 { between() }
                    gate.meet()
                    let allocations = allocation_count()
                    let (start, processor) = (monotonic(), threadTime())
                    work(calls)
                    let cost = RoundCost(
                        wall: Double(monotonic() - start) / Double(calls), processor: Double(threadTime() - processor) / Double(calls),
                        allocations: Double(allocation_count() - allocations) / Double(calls))
                    results.withLock { $0[round * threads + thread] = cost }
                }
            }
        }
        ids.forEach(Thread.join)
        let all = results.withLock { $0 }
        return (0..<rounds).map { round in
            let costs = all[(round * threads)..<((round + 1) * threads)]
            func mean(_ figure: (RoundCost) -> Double) -> Double { costs.map(figure).reduce(0, +) / Double(threads) }
            return RoundCost(wall: mean(\.wall), processor: mean(\.processor), allocations: mean(\.allocations))
        }
    }
}

/// The cost of a call in one round.
struct RoundCost {
    /// The nanoseconds by the wall clock, and those of the thread's processor time.
    var wall = 0.0
    var processor = 0.0
    var allocations = 0.0
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
