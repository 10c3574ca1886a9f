// Lines through readings of two clocks: close to the kernel's, and never stepping back.

import Testing

@testable import Telemetry

struct CycleCalibrationTests {
    /// A counter and a clock with a rate that tests change, read with some noise.
    private struct Machine {
        var cycles: UInt64 = 5_000_000_000
        var nanoseconds: UInt64 = 77_000_000_000
        /// Cycles a microsecond.
        var rate: UInt64 = 2600
        var random = SplitMix64(seed: 3)

        mutating func pass(_ microseconds: UInt64) {
            nanoseconds += microseconds * 1000
            cycles += microseconds * rate
        }

        /// A reading whose middle is up to 20 nanoseconds from the truth.
        mutating func reading() -> CycleReading {
            let noise = Int64(random.next() % 41) - 20
            return CycleReading(before: cycles - 30, nanoseconds: UInt64(Int64(nanoseconds) + noise), after: cycles + 30)
        }
    }

    private func lead(_ line: CycleLine, _ machine: Machine) -> Int64 {
        Int64(line.saturatedNanoseconds(at: machine.cycles)) - Int64(machine.nanoseconds)
    }

    @Test func thereIsNoLineBeforeTheRateIsKnown() {
        var (machine, calibration) = (Machine(), CycleCalibration())
        #expect(calibration.take(machine.reading()) == nil)
        machine.pass(9_000)
        #expect(calibration.take(machine.reading()) == nil)
        machine.pass(2_000)
        #expect(calibration.take(machine.reading()) != nil)
    }

    @Test func lineStaysWithinAMicrosecondAndNeverStepsBack() throws {
        var (machine, calibration) = (Machine(), CycleCalibration())
        _ = calibration.take(machine.reading())
        machine.pass(11_000)
        var line = try calibration.take(machine.reading()).unwrapped()
        var last: UInt64 = 0
        for round in 0..<20_000 {
            // A program that reads often at times, and seldom at others.
            machine.pass(round % 700 < 350 ? 1000 : 1013)
            let before = line.saturatedNanoseconds(at: machine.cycles)
            line = try calibration.take(machine.reading()).unwrapped()
            let after = line.saturatedNanoseconds(at: machine.cycles)
            #expect(after >= before && after >= last)
            last = after
            #expect(abs(lead(line, machine)) < 100)
        }
    }

    @Test(arguments: [2598 as UInt64, 2602]) func lineFollowsAChangeOfTheRate(rate: UInt64) throws {
        var (machine, calibration) = (Machine(), CycleCalibration())
        _ = calibration.take(machine.reading())
        machine.pass(11_000)
        var line = try calibration.take(machine.reading()).unwrapped()
        // 770 parts in a million: more than NTP changes it by.
        machine.rate = rate
        for _ in 0..<2_000 {
            machine.pass(1000)
            #expect(abs(lead(line, machine)) < 1000)
            let before = line.saturatedNanoseconds(at: machine.cycles)
            line = try calibration.take(machine.reading()).unwrapped()
            #expect(line.saturatedNanoseconds(at: machine.cycles) >= before)
        }
        #expect(abs(lead(line, machine)) < 100)
    }

    @Test func lineThatIsBehindJumpsAhead() throws {
        var (machine, calibration) = (Machine(), CycleCalibration())
        _ = calibration.take(machine.reading())
        machine.pass(11_000)
        _ = try calibration.take(machine.reading()).unwrapped()
        machine.pass(50_000)
        machine.nanoseconds += 20_000
        let line = try calibration.take(machine.reading()).unwrapped()
        #expect(abs(lead(line, machine)) < 100)
    }

    @Test func counterThatWasSetBackIsMeasuredAnew() throws {
        var (machine, calibration) = (Machine(), CycleCalibration())
        _ = calibration.take(machine.reading())
        machine.pass(11_000)
        _ = try calibration.take(machine.reading()).unwrapped()
        machine.pass(1000)
        machine.cycles = 1000
        #expect(calibration.take(machine.reading()) == nil)
        machine.pass(11_000)
        let line = try calibration.take(machine.reading()).unwrapped()
        #expect(abs(lead(line, machine)) < 100)
    }

    @Test func machineThatWasSuspendedIsMeasuredAnew() throws {
        var (machine, calibration) = (Machine(), CycleCalibration())
        _ = calibration.take(machine.reading())
        machine.pass(11_000)
        _ = try calibration.take(machine.reading()).unwrapped()
        // The counter goes on while the clock stands still.
        machine.cycles += 3_000_000_000_000
        machine.pass(1000)
        #expect(calibration.take(machine.reading()) == nil)
        machine.pass(11_000)
        #expect(abs(lead(try calibration.take(machine.reading()).unwrapped(), machine)) < 100)
    }

    @Test func readingOnAProcessorThatCountsAFewCyclesLessKeepsTheLine() throws {
        var (machine, calibration) = (Machine(), CycleCalibration())
        _ = calibration.take(machine.reading())
        machine.pass(11_000)
        let line = try calibration.take(machine.reading()).unwrapped()
        machine.cycles -= 20
        machine.nanoseconds += 5
        #expect(calibration.take(machine.reading()) == line)
    }

    @Test func countersOfOtherRatesAreConverted() throws {
        // A counter of 25 MHz, and one of 5 GHz.
        for rate in [25 as UInt64, 5000] {
            var (machine, calibration) = (Machine(), CycleCalibration())
            machine.rate = rate
            _ = calibration.take(machine.reading())
            machine.pass(11_000)
            let line = try calibration.take(machine.reading()).unwrapped()
            machine.pass(900)
            #expect(abs(lead(line, machine)) < 100)
        }
    }
}
