// A number as a point has it.

/// An integer of 64 bits, or a double.
enum MetricNumber64: Sendable, Equatable {
    case integer(Int64)
    case double(Double)

    static let stale = MetricNumber64.double(StaleMarker.value)

    var isStale: Bool { if case .double(let value) = self { StaleMarker.isStale(value) } else { false } }

    var doubleValue: Double {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        }
    }

    /// Creates a number of an unsigned count.
    init(count: UInt64) {
        self = count <= UInt64(Int64.max) ? .integer(Int64(count)) : .double(Double(count))
    }

    func isSame(as value: Double, integer: Int64?) -> Bool {
        if case .integer(let own) = self, let integer { return own == integer }
        return doubleValue.bitPattern == value.bitPattern
    }

    /// Returns the sum with the last value of a series.
    func adding(_ value: Double, integer: Int64?) -> MetricNumber64 {
        if case .integer(let own) = self, let integer {
            let (sum, overflow) = own.addingReportingOverflow(integer)
            if !overflow { return .integer(sum) }
        }
        return .double(doubleValue + value)
    }
}
