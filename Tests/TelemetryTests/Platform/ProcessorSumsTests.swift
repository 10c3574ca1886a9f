// Additions on the processor of the thread, with and without the kernel's help.

import Synchronization
import Testing

@testable import Telemetry

struct ProcessorSumsTests {
    /// Sums on cache lines of their own.
    private final class Memory: @unchecked Sendable {
        // Unchecked: the words are changed by what is tested, and read when its threads have ended.
        let words = UnsafeMutablePointer<Int64>.allocate(capacity: 16 * ProcessorLane.count)
        let sums: ProcessorSums

        init(remaining: Int64, isRestartable: Bool) {
            words.initialize(repeating: 0, count: 16 * ProcessorLane.count)
            let words = words
            sums = ProcessorSums(
                (0..<ProcessorLane.count).map { UnsafeMutableRawPointer(words + 16 * $0) }, isRestartable: isRestartable)
            for lane in 0..<ProcessorLane.count { words[16 * lane + 1] = remaining }
        }

        deinit {
            sums.deallocate()
            words.deallocate()
        }

        var total: Int64 { (0..<ProcessorLane.count).reduce(0) { $0 + words[16 * $1] } }

        func add(_ number: Int64) -> Bool { sums.addRestartably(number) || sums.addAtomically(number) }
    }

    @Test(arguments: [true, false])
    func noAdditionIsLostWhenThreadsTakeTurnsOnAProcessor(isRestartable: Bool) {
        let memory = Memory(remaining: .max, isRestartable: isRestartable)
        let refused = Atomic(0)
        let done = Semaphore()
        let (threads, additions) = (8, 200_000)
        for _ in 0..<threads {
            _ = WorkerThread.start(named: "adder") {
                for count in 0..<additions {
                    if !memory.add(3) { refused.wrappingAdd(1, ordering: .relaxed) }
                    if count % 1_000 == 0 { WorkerThread.letOthersRun() }
                }
                done.post()
            }
        }
        for _ in 0..<threads { _ = done.wait(until: .never) }
        let made = threads * additions - refused.load(ordering: .relaxed)
        #expect(memory.total == Int64(3 * made))
        #expect(made > threads * additions / 2)
    }

    @Test(arguments: [true, false])
    func additionIsRefusedWhenNoneIsLeft(isRestartable: Bool) {
        let memory = Memory(remaining: 0, isRestartable: isRestartable)
        for _ in 0..<10 { #expect(!memory.add(1)) }
        #expect(memory.total == 0)
    }

    @Test func onlyOneWayIsUsedInAProcess() {
        let restartable = Memory(remaining: 100, isRestartable: true)
        let atomic = Memory(remaining: 100, isRestartable: false)
        #expect(!atomic.sums.addRestartably(1))
        if ProcessorSums.areRestartable {
            #expect(!restartable.sums.addAtomically(1))
            #expect((0..<10).contains { _ in restartable.sums.addRestartably(1) })
        } else {
            #expect(!restartable.sums.addRestartably(1))
        }
    }
}
