// The flags that a trace carries in `traceparent`.

/// The W3C flags of a trace.
public struct TraceFlags: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The caller has sampled this trace.
    @inline(__always)
    public static var sampled: TraceFlags { TraceFlags(rawValue: 0x01) }
    /// The right-most 7 bytes of the trace identifier are random (W3C Trace Context Level 2).
    @inline(__always)
    public static var random: TraceFlags { TraceFlags(rawValue: 0x02) }
}
