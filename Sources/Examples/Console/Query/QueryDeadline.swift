// The bound of the time that a query takes.

import Telemetry

/// Says when a query has to answer with what it has.
struct QueryDeadline {
    /// Rows between two looks at the clock.
    static let stride = 4_096

    private let deadline: Deadline
    /// Rows that were looked at.
    private(set) var scanned = 0
    /// Whether the deadline passed before all rows were looked at.
    private(set) var hasPassed = false

    init(_ duration: Duration) {
        deadline = .after(duration)
    }

    /// Counts a row; returns false once the deadline has passed, which is looked at every power of two of rows.
    @inline(__always)
    mutating func countsRow(checkedEvery stride: Int = Self.stride) -> Bool {
        scanned &+= 1
        return scanned & (stride &- 1) != 0 || check()
    }

    /// Counts rows that are taken together; returns false once the deadline has passed.
    mutating func counts(_ rows: Int) -> Bool {
        scanned &+= rows
        return check()
    }

    /// Looks at the clock at some rows only; returns false once the deadline has passed.
    @inline(__always)
    mutating func check(every stride: Int, _ row: Int) -> Bool {
        !hasPassed && (row % stride != stride &- 1 || check())
    }

    /// Returns false once the deadline has passed.
    mutating func check() -> Bool {
        if deadline.hasPassed { hasPassed = true }
        return !hasPassed
    }
}

/// From when to when a query looks, in nanoseconds since 1970.
package struct TimeWindow: Sendable, Equatable {
    package var from: UInt64 = 0
    /// The first nanosecond that is too late.
    package var to: UInt64 = .max

    package init(from: UInt64 = 0, to: UInt64 = .max) {
        self.from = from
        self.to = to
    }

    @inline(__always)
    func contains(_ time: UInt64) -> Bool { time >= from && time < to }
}
