// The bound of a stack, on a thread that stays on its processor.

import Synchronization
import Testing

@testable import Telemetry

#if canImport(Glibc)
    import Glibc

    struct ProcessorStacksTests {
        @Test(.enabled(if: ProcessorSums.areRestartable, "the kernel restarts no sequences"))
        func stackKeepsItsCapacityAndGivesTheLastFirst() async {
            let results = Mutex<(accepted: [Int], taken: [Int])>(([], []))
            await onThreads(1) { _ in
                guard Self.staysOnOneProcessor() else { return }
                let stacks = ProcessorStacks()
                // A call that is interrupted changes nothing and is made again.
                let attempts = 1_000
                var (accepted, taken): ([Int], [Int]) = ([], [])
                for number in 1...attempts {
                    if let pointer = UnsafeMutableRawPointer(bitPattern: number), stacks.push(pointer) { accepted.append(number) }
                }
                for _ in 1...attempts {
                    if let pointer = stacks.pop() { taken.append(Int(bitPattern: pointer)) }
                }
                results.withLock { $0 = (accepted, taken) }
            }
            let (accepted, taken) = results.withLock { $0 }
            #expect(accepted.count == ProcessorStacks.capacity)
            #expect(taken == accepted.reversed())
        }

        private typealias Affinity = @convention(c) (pid_t, Int, UnsafeMutablePointer<UInt64>) -> CInt

        /// Keeps the thread on the first processor that it may run on. The calls are GNU's own, which Swift does not import.
        private static func staysOnOneProcessor() -> Bool {
            guard let get = dlsym(nil, "sched_getaffinity"), let set = dlsym(nil, "sched_setaffinity") else { return false }
            var processors = [UInt64](repeating: 0, count: 16)
            let size = processors.count * MemoryLayout<UInt64>.size
            guard unsafeBitCast(get, to: Affinity.self)(0, size, &processors) == 0,
                let first = processors.firstIndex(where: { $0 != 0 })
            else { return false }
            let word = processors[first] & (~processors[first] &+ 1)
            processors = [UInt64](repeating: 0, count: processors.count)
            processors[first] = word
            return unsafeBitCast(set, to: Affinity.self)(0, size, &processors) == 0
        }
    }
#endif
