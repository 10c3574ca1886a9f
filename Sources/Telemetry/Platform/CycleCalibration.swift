// Converts readings of the processor's cycle counter to monotonic time, kept close to the kernel's clock.

/// A reading of the kernel's monotonic clock between two readings of the cycle counter.
struct CycleReading: Equatable {
    let before: UInt64
    let nanoseconds: UInt64
    let after: UInt64

    /// The count at which the clock was read, give or take half of the time that it took.
    fileprivate var cycles: UInt64 { before &+ (after &- before) / 2 }
}

/// The monotonic time as a straight line over the cycle counter, valid for a short while after it was drawn.
struct CycleLine: Equatable {
    /// How long a line is used, in nanoseconds. NTP changes the rate of the kernel's clock by at most 500 parts in a million: within this
    /// time both differ by half a microsecond then, and by less than the duration of a reading otherwise.
    static let lifetime: UInt64 = 1_000_000

    let cycles: UInt64
    let nanoseconds: UInt64
    /// Nanoseconds a cycle, times 2^32.
    let scale: UInt64
    /// How many cycles the line is used for; 0 for a line that is never used.
    let lifetime: UInt64

    /// Converts a number of cycles, which must be small enough: the product is not checked.
    @inline(__always)
    static func nanoseconds(_ cycles: UInt64, scale: UInt64) -> UInt64 { (cycles &* scale) &>> 32 }

    /// Converts any number of cycles, up to the end of the numbers.
    func saturatedNanoseconds(at cycles: UInt64) -> UInt64 {
        let (high, low) = (cycles &- self.cycles).multipliedFullWidth(by: scale)
        guard high >> 32 == 0 else { return .max }
        let (sum, overflow) = nanoseconds.addingReportingOverflow(high << 32 | low >> 32)
        return overflow ? .max : sum
    }
}

/// Draws lines through readings, so that the times that they give never step back and stay within a microsecond of the kernel's.
///
/// The rate is measured over intervals of a tenth of a second. A line that was ahead of the clock goes on from where it was and runs
/// slower, so that it meets the clock at its end; one that was behind jumps ahead.
struct CycleCalibration {
    /// The shortest interval for a first rate: a reading is exact to some 30 nanoseconds, which is 3 parts in a million of it.
    private static let firstInterval: UInt64 = 10_000_000
    private static let interval: UInt64 = 100_000_000
    /// A line that is farther ahead has nothing to do with the clock any more: the counter was set.
    private static let greatestLead: UInt64 = CycleLine.lifetime / 2
    /// A change of the rate by more than 1000 parts in a million is none by NTP: the machine was suspended, or moved to another.
    private static let greatestChange: UInt64 = 1000

    /// Where the measuring of the rate began.
    private var reference: CycleReading?
    /// Nanoseconds a cycle, times 2^32; 0 before the first rate is known.
    private var scale: UInt64 = 0
    private var line: CycleLine?

    /// Takes a reading; returns the line to use from then on, or nil as long as the rate is unknown.
    mutating func take(_ reading: CycleReading) -> CycleLine? {
        // Two processors may count a few cycles apart.
        if let line, reading.cycles <= line.cycles, line.cycles - reading.cycles < line.lifetime { return line }
        guard let reference, reading.cycles > reference.cycles, reading.nanoseconds > reference.nanoseconds else {
            return restart(at: reading)
        }
        let elapsed = reading.nanoseconds - reference.nanoseconds
        if elapsed >= (scale == 0 ? Self.firstInterval : Self.interval) {
            guard let measured = Self.rate(elapsed, reading.cycles - reference.cycles), isLikely(measured) else {
                return restart(at: reading)
            }
            scale = measured
            self.reference = reading
        }
        guard scale > 0 else { return nil }
        // The last line at the reading; the clock itself if there is none, or if the line is behind.
        let present = max(reading.nanoseconds, line?.saturatedNanoseconds(at: reading.cycles) ?? 0)
        let lead = present - reading.nanoseconds
        guard lead <= Self.greatestLead else { return restart(at: reading) }
        let slowed = scale - scale / CycleLine.lifetime * lead
        let next = CycleLine(
            cycles: reading.cycles, nanoseconds: present, scale: slowed, lifetime: (CycleLine.lifetime << 32) / scale)
        line = next
        return next
    }

    private mutating func restart(at reading: CycleReading) -> CycleLine? {
        self = CycleCalibration()
        reference = reading
        return nil
    }

    /// Returns the nanoseconds a cycle, times 2^32; nil for a counter of less than a megahertz or more than 32 gigahertz.
    private static func rate(_ nanoseconds: UInt64, _ cycles: UInt64) -> UInt64? {
        guard nanoseconds >> 32 < cycles else { return nil }
        let scale = cycles.dividingFullWidth((nanoseconds >> 32, nanoseconds << 32)).quotient
        return scale >= 1 << 27 && scale <= 1000 << 32 ? scale : nil
    }

    private func isLikely(_ measured: UInt64) -> Bool {
        guard scale > 0 else { return true }
        return max(scale, measured) - min(scale, measured) <= scale / 1_000_000 * Self.greatestChange
    }
}
