// The bound of the pool of threads.

import Synchronization
import Telemetry
import Testing

@testable import ExampleSupport

struct WorkPoolTests {
    /// Lets the work of a test wait until it is opened, and says that it has begun.
    private final class Gate: Sendable {
        private let opening = Semaphore()
        private let begun = Atomic(0)
        var begunCount: Int { begun.load(ordering: .relaxed) }

        func pass() {
            begun.add(1, ordering: .relaxed)
            _ = opening.wait(until: .never)
            // The next one passes as well.
            opening.post()
        }

        func open() { opening.post() }
    }

    @Test func workBeyondThreadsAndQueueIsRefusedAtOnce() async throws {
        let pool = try WorkPool(named: "test", threads: 2, capacity: 3)
        let gate = Gate()
        let finished = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 1...12 {
                group.addTask {
                    do throws(WorkPool.Full) {
                        try await pool.run { gate.pass() }
                        return true
                    } catch { return false }
                }
            }
            // Seven are refused before any of the others can end.
            var refused = 0
            while refused < 7, try await group.next() == false { refused += 1 }
            #expect(refused == 7)
            gate.open()
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(finished == 5 && gate.begunCount == 5)
        #expect(try await pool.run { 7 } == 7)
    }

    @Test func resultsComeBackToTheirCallers() async throws {
        let pool = try WorkPool(named: "test", threads: 3, capacity: 100)
        let results = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
            for number in 0..<100 { group.addTask { (number, try await pool.run { number * number }) } }
            return try await group.reduce(into: [(Int, Int)]()) { $0.append($1) }
        }
        #expect(results.count == 100 && results.allSatisfy { $0.0 * $0.0 == $0.1 })
    }
}
