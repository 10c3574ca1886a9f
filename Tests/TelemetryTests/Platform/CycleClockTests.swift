// The clock by the cycle counter, with an injected counter and with that of this machine.

import Synchronization
import Testing

@testable import Telemetry

struct CycleClockTests {
    /// A counter that counts nanoseconds, which begin at a million.
    private static func reading(_ cycles: UInt64) -> CycleReading {
        CycleReading(before: cycles - 10, nanoseconds: cycles + 1_000_000, after: cycles + 10)
    }

    private func calibrated() throws -> CycleClock {
        let clock = CycleClock()
        #expect(clock.renew { Self.reading(1_000_000) } == 2_000_000)
        #expect(clock.nanoseconds(at: 1_000_001) == nil)
        #expect(clock.renew { Self.reading(11_000_000) } == 12_000_000)
        return clock
    }

    @Test func lineIsUsedForAMillisecond() throws {
        let clock = try calibrated()
        #expect(clock.nanoseconds(at: 11_000_000) == 12_000_000)
        #expect(clock.nanoseconds(at: 11_400_000) == 12_400_000)
        #expect(clock.nanoseconds(at: 11_999_999) == 12_999_999)
        #expect(clock.nanoseconds(at: 12_000_001) == nil)
        // The counter of another processor may be a little behind.
        #expect(clock.nanoseconds(at: 10_999_999) == nil)
    }

    @Test func missingReadingChangesNothing() throws {
        let clock = try calibrated()
        #expect(clock.renew { nil } == nil)
        #expect(clock.nanoseconds(at: 11_400_000) == 12_400_000)
    }

    @Test func counterThatWasSetBackIsNotUsed() throws {
        let clock = try calibrated()
        #expect(clock.renew { Self.reading(50) } == 1_000_050)
        #expect(clock.nanoseconds(at: 11_400_000) == nil)
        #expect(clock.nanoseconds(at: 60) == nil)
    }

    @Test func renewingThreadHoldsUpNoOther() throws {
        let clock = try calibrated()
        var inner: UInt64? = 0
        _ = clock.renew {
            // Another thread that finds the line expired gets no time here, and asks the kernel.
            inner = clock.renew { Self.reading(13_000_000) }
            return Self.reading(12_500_000)
        }
        #expect(inner == nil)
        #expect(clock.nanoseconds(at: 12_600_000) == 13_600_000)
    }

    private final class Latest: Sendable {
        let cycles = Atomic<UInt64>(11_000_000)
    }

    @Test func readersNeverSeeHalfALine() async throws {
        let clock = try calibrated()
        let latest = Latest()
        let end: UInt64 = 11_000_000 + 20_000 * 700_000
        let found = Counter()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for cycles in stride(from: 11_700_000, through: end, by: 700_000) {
                    _ = clock.renew { Self.reading(cycles) }
                    latest.cycles.store(cycles, ordering: .relaxed)
                }
            }
            group.addTask {
                while true {
                    let cycles = latest.cycles.load(ordering: .relaxed)
                    // The counter counts nanoseconds: whatever line is used, the difference is the same.
                    if let time = clock.nanoseconds(at: cycles + 1000) {
                        found.next()
                        if time != cycles + 1_001_000 { Issue.record("\(time) at \(cycles + 1000)") }
                    }
                    if cycles == end { break }
                }
            }
        }
        #expect(found.count > 0)
    }

    @Test(.enabled(if: CycleCounter.isReliable)) func counterOfThisMachineAgreesWithTheKernel() throws {
        let clock = CycleClock()
        let start = SystemClock.monotonicNanoseconds()
        var (last, compared) = (clock.nanoseconds(), 0)
        let limit = Deadline.after(.seconds(60))
        while SystemClock.monotonicNanoseconds() < start + 60_000_000 || compared <= 100 && !limit.hasPassed {
            let before = SystemClock.monotonicNanoseconds()
            let time = clock.nanoseconds()
            let after = SystemClock.monotonicNanoseconds()
            #expect(time >= last, "The clock does not step back.")
            last = time
            // A preempted thread proves nothing.
            guard after - before < 2_000 else { continue }
            compared += 1
            #expect(time > before - 1_000 && time < after + 1_000)
        }
        #expect(compared > 100)
    }
}

struct CycleCounterTests {
    private let processors = "processor\t: 0\nflags\t\t: fpu tsc constant_tsc nonstop_tsc\nprocessor\t: 1\nflags\t\t: fpu\n"

    #if arch(x86_64)
        @Test func counterIsReliableWhereTheKernelUsesItAndItNeverStops() {
            #expect(CycleCounter.isReliable(clockSource: "tsc\n", processors: processors))
        }

        @Test func counterIsNotUsedWithoutTheKernelsWord() {
            #expect(!CycleCounter.isReliable(clockSource: "hpet\n", processors: processors))
            #expect(!CycleCounter.isReliable(clockSource: nil, processors: processors))
            #expect(!CycleCounter.isReliable(clockSource: "tsc\n", processors: nil))
            #expect(!CycleCounter.isReliable(clockSource: "tsc\n", processors: "flags\t: fpu tsc constant_tsc\n"))
            #expect(!CycleCounter.isReliable(clockSource: "tsc\n", processors: "flags\t: fpu tsc nonstop_tsc\n"))
        }
    #endif

    #if arch(arm64)
        @Test func counterIsReliableWhereTheKernelUsesIt() {
            #expect(CycleCounter.isReliable(clockSource: "arch_sys_counter\n", processors: nil))
            #expect(!CycleCounter.isReliable(clockSource: nil, processors: nil))
        }
    #endif
}
