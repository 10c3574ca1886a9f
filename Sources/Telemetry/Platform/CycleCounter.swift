// Whether the processor's cycle counter can serve as a clock, and its readings beside the kernel's clock.

import TelemetryMachine

/// The cycle counter of the processor.
enum CycleCounter {
    /// True if the counter runs at a constant rate, never stops, is the same on all processors, and is quickly read.
    ///
    /// The kernel has found out the first three when it uses the counter for its own clock. Where a hypervisor intercepts the instruction,
    /// there is no narrow reading.
    static let isReliable =
        isReliable(
            clockSource: ProcessInformation.contents(of: "/sys/devices/system/clocksource/clocksource0/current_clocksource", atMost: 64),
            processors: ProcessInformation.contents(of: "/proc/cpuinfo", atMost: 4096)) && narrowReading() != nil

    /// - Parameters:
    ///   - clockSource: the kernel's name of the source of its clock.
    ///   - processors: the kernel's description of the processors; the first one counts.
    static func isReliable(clockSource: String?, processors: String?) -> Bool {
        let source = clockSource?.split(whereSeparator: \.isWhitespace).first
        #if arch(x86_64)
            let flags = processors?.split(separator: "\n").first { $0.hasPrefix("flags") }?.split(separator: " ") ?? []
            return source == "tsc" && flags.contains("constant_tsc") && flags.contains("nonstop_tsc")
        #elseif arch(arm64)
            // The architecture demands a counter of constant rate that never stops.
            return source == "arch_sys_counter"
        #else
            return false
        #endif
    }

    /// Reads the kernel's monotonic clock between two readings of the counter; nil if something came in between, three times.
    static func narrowReading() -> CycleReading? {
        for _ in 0..<3 {
            let before = telemetry_machine_cycles()
            let nanoseconds = SystemClock.monotonicNanoseconds()
            let after = telemetry_machine_cycles()
            // Some 60 to 100 cycles usually, which are 30 nanoseconds.
            if after > before && after - before < 1000 {
                return CycleReading(before: before, nanoseconds: nanoseconds, after: after)
            }
        }
        return nil
    }
}
