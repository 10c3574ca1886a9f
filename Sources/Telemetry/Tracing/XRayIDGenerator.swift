// Identifiers that AWS X-Ray takes.

/// Makes trace identifiers that begin with the time in seconds, without which AWS X-Ray refuses a trace; the other 96 bits are random.
///
/// (AWS X-Ray developer guide, "Trace ID format".)
public struct XRayIDGenerator: IDGenerator {
    private let clock: TelemetryClock

    /// - Parameter clock: tells the time in the identifiers.
    public init(clock: TelemetryClock = .system) {
        self.clock = clock
    }

    public func traceID() -> TraceID {
        let seconds = UInt64(UInt32(truncatingIfNeeded: clock.wallNanoseconds() / 1_000_000_000))
        let random = RandomLanes.shared
        return TraceID(high: seconds << 32 | random.number() & 0xFFFF_FFFF, low: random.number())
    }

    public func spanID() -> SpanID { SpanID(RandomLanes.shared.number()) }

    public var makesRandomTraceIDs: Bool { true }
}

extension IDGenerator where Self == XRayIDGenerator {
    /// Makes trace identifiers that AWS X-Ray takes.
    public static var xray: Self { XRayIDGenerator() }
}
