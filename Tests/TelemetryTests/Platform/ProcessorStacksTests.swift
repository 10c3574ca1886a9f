// The bound of a stack, on a thread that stays on its processor.

import Synchronization
import Testing

@testable import Telemetry

#if canImport(Glibc)
    struct ProcessorStacksTests {
        @Test(.enabled(if: ProcessorSums.areRestartable, "the kernel restarts no sequences"))
        func stackKeepsItsCapacityAndGivesTheLastFirst() async {
            let results = Mutex<(accepted: [Int], taken: [Int])>(([], []))
            await onThreads(1) { _ in
                guard staysOnOneProcessor() else { return }
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
    }
#endif
