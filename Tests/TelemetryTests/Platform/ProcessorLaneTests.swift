// The number of the processor, from the kernel's area of a thread and without it.

import Testing

@testable import Telemetry

struct ProcessorLaneTests {
    @Test func countOfLanesIsAPowerOfTwoUpTo64() {
        #expect((1...64).contains(ProcessorLane.count))
        #expect(ProcessorLane.count & (ProcessorLane.count - 1) == 0)
    }

    @Test func bothWaysGiveTheSameProcessor() {
        let (fast, slow) = (ProcessorLane(), ProcessorLane(kernelArea: 0))
        // The thread may move between two readings, but not each time.
        let agrees = (0..<1_000).contains { _ in
            let before = fast.current
            let number = slow.current
            return before == number && fast.current == number
        }
        #expect(agrees)
    }

    @Test func withoutTheKernelsAreaTheProcessorIsAskedForByCall() {
        #expect(ProcessorLane(kernelArea: 0).current >= 0)
    }

    /// A thread that the C library has not registered has a negative number in its area.
    @Test func threadThatIsNotRegisteredAsksByCall() throws {
        let area = UnsafeMutablePointer<(UInt32, Int32, UInt64)>.allocate(capacity: 1)
        defer { area.deallocate() }
        for state in [-1, -2] as [Int32] {
            area.initialize(to: (0, state, 0))
            let offset = Int(bitPattern: area) - Int(bitPattern: WorkerThread.current)
            #expect(ProcessorLane(kernelArea: offset).current >= 0)
        }
        area.initialize(to: (0, 12_345, 0))
        #expect(ProcessorLane(kernelArea: Int(bitPattern: area) - Int(bitPattern: WorkerThread.current)).current == 12_345)
    }
}
