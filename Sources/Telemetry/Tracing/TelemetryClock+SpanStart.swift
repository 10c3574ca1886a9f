// Hot: reads the clock at the start of a span.

extension TelemetryClock {
    /// The start of a span: one reading of the monotonic clock, and the anchor of the local parent or else the latest.
    ///
    /// - Parameters:
    ///   - given: when it started, if not now.
    ///   - isReading: true if the given time is the wall clock, read just now by a caller that cannot leave the time out.
    @inline(__always)
    func spanStart(below parent: ContextNode?, at given: Timestamp?, isReading: Bool = false) -> SpanStart {
        if let given { return givenStart(given.nanosecondsSinceEpoch, isReading, below: parent?.anchor ?? .none) }
        let monotonic = recordingNanoseconds()
        let inherited = parent?.start ?? .none
        let anchor = inherited.anchor == .none ? anchor(at: monotonic) : inherited.anchor
        // On two threads the clock may read some ten nanoseconds less for the child than it did for the parent.
        return SpanStart(nanoseconds: max(inherited.nanoseconds, anchor.wallNanoseconds(monotonic)), anchor: anchor)
    }

    /// The start of a span at a given time; its end and its events are made with the anchor that the time fits.
    @inline(never)
    private func givenStart(_ given: UInt64, _ isReading: Bool, below inherited: ClockAnchor) -> SpanStart {
        let monotonic = recordingNanoseconds()
        let own = inherited == .none ? anchor(at: monotonic) : inherited
        let isMoved = isReading && inherited != .none
        let start = isMoved ? wallNanoseconds(ofReading: given, at: monotonic, own: own) : given
        let anchor = anchor(fitting: start, at: monotonic, own: own)
        let present = anchor.wallNanoseconds(monotonic)
        // A start that lies ahead moves the other times with it: the span lasts as long as it lasts, and ends after its start.
        let isAhead = start > present && start - present > Self.leastStep
        return SpanStart(nanoseconds: start, anchor: isAhead ? ClockAnchor(offset: start &- monotonic) : anchor)
    }
}
