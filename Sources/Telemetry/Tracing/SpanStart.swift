// Hot: when a span starts, and what its other times are made with.

/// When a span starts, in nanoseconds of wall time, and what its other times are made with.
struct SpanStart {
    let nanoseconds: UInt64
    let anchor: ClockAnchor
}

/// A start time that the caller of a tracer gives.
enum GivenStart {
    /// Recorded as it is.
    case kept(Timestamp)
    /// The wall clock, read just now by a caller that cannot leave the time out.
    case reading(Timestamp)
}

extension TelemetryClock {
    /// The start of a span: one reading of the monotonic clock, and the anchor of the local parent or else the latest.
    @inline(__always)
    func spanStart(below parent: ContextNode?, at given: GivenStart?) -> SpanStart {
        if let given { return givenStart(given, below: parent?.anchor ?? .none) }
        let monotonic = monotonicNanoseconds()
        var anchor = parent?.anchor ?? .none
        if anchor == .none { anchor = self.anchor(at: monotonic) }
        return SpanStart(nanoseconds: anchor.wallNanoseconds(monotonic), anchor: anchor)
    }

    /// The start of a span at a given time; what is recorded later is wall time as it is on the clock that the time was read from.
    @inline(never)
    private func givenStart(_ given: GivenStart, below inherited: ClockAnchor) -> SpanStart {
        let monotonic = monotonicNanoseconds()
        let own = inherited == .none ? anchor(at: monotonic) : inherited
        switch given {
        case .reading(let time):
            let reading = time.nanosecondsSinceEpoch
            let fitting = anchor(fitting: reading, at: monotonic, own: own)
            // A first local span takes the clock that was read; others stay with their trace.
            let kept = inherited == .none ? fitting : own
            return SpanStart(nanoseconds: reading &- fitting.offset &+ kept.offset, anchor: kept)
        case .kept(let time):
            let start = time.nanosecondsSinceEpoch
            let fitting = anchor(fitting: start, at: monotonic, own: own)
            // A start that lies ahead moves the other times with it: the span lasts as long as it lasts, and ends after its start.
            let isAhead = start > fitting.wallNanoseconds(monotonic)
            return SpanStart(nanoseconds: start, anchor: isAhead ? ClockAnchor(offset: start &- monotonic) : fitting)
        }
    }
}
