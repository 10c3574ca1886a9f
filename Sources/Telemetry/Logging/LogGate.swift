// Hot: the filter that every call of a logger passes first.

/// The severities that a logger admits and the further checks, in one number.
struct LogGate {
    let rawValue: UInt32

    /// The lowest byte is the least severity that passes the first check. The next byte is that of the full check.
    static let closed = LogGate(rawValue: 0xFF)
    private static let traceBased: UInt32 = 1 << 16
    private static let asksProcessors: UInt32 = 1 << 17
    private static let counts: UInt32 = 1 << 18

    @inline(__always)
    init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    init(_ configuration: LoggerConfiguration, asksProcessors: Bool, counts: Bool) {
        guard configuration.isEnabled else {
            self = .closed
            return
        }
        let minimum = UInt32(configuration.minimumSeverity.rawValue)
        // Records that are filtered out are counted too.
        rawValue =
            (counts ? 0 : minimum) | minimum << 8 | (configuration.isTraceBased ? Self.traceBased : 0)
            | (asksProcessors ? Self.asksProcessors : 0) | (counts ? Self.counts : 0)
    }

    /// The least severity that passes the full check, or more than any if the gate is closed.
    @inline(__always)
    var leastSeverity: UInt8 { UInt8(truncatingIfNeeded: max(rawValue & 0xFF, rawValue >> 8 & 0xFF)) }

    @inline(__always)
    var isOpen: Bool { rawValue & 0xFF != 0xFF }

    /// Returns whether a severity passes the first check. An unspecified one passes any gate that is not closed.
    @inline(__always)
    func admits(_ severity: LogSeverity) -> Bool {
        UInt32(severity.rawValue) >= rawValue & 0xFF || severity == .unspecified && isOpen
    }

    /// Returns whether a severity passes the full check, if the gate is open.
    @inline(__always)
    func passes(_ severity: LogSeverity) -> Bool {
        severity == .unspecified || UInt32(severity.rawValue) >= rawValue >> 8 & 0xFF
    }

    /// True if more than the severity must be checked.
    @inline(__always)
    var needsFullCheck: Bool { rawValue >> 16 != 0 }

    @inline(__always)
    var isTraceBased: Bool { rawValue & Self.traceBased != 0 }

    @inline(__always)
    var asksProcessors: Bool { rawValue & Self.asksProcessors != 0 }

    @inline(__always)
    var counts: Bool { rawValue & Self.counts != 0 }
}
