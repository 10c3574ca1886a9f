// Hot: the immutable objects that a context refers to.

/// An immutable state of the context. A recording span is a subclass, so that making it current allocates nothing.
///
/// Not final for that reason alone. `@unchecked`: what is declared here is `Sendable`, and changes only when
/// ``reuse(traceID:spanID:flags:start:)`` makes another context of an object that nothing else refers to; the subclass adds state behind its
/// own lock.
@usableFromInline
class ContextNode: @unchecked Sendable {
    // No two accesses overlap where one of them changes something: the checks at run time would cost more than the accesses.
    @exclusivity(unchecked) final private(set) var spanContext: SpanContext
    @exclusivity(unchecked) final private(set) var extras: ContextExtras?
    @exclusivity(unchecked) final private(set) var start: SpanStart

    /// - Parameter mayBringSpan: false where the span context is invalid, or that of another node.
    init(spanContext: SpanContext, extras: ContextExtras? = nil, start: SpanStart = .none, mayBringSpan: Bool = true) {
        // Whatever its flags are: to read them here takes 44 instructions, by references that are counted.
        if mayBringSpan { SampledContexts.note() }
        self.spanContext = spanContext
        self.extras = extras
        self.start = start
    }

    /// Makes the object another context, without a trace state; must be called by the holder of its only reference.
    ///
    /// Its members are written in place: to copy a context, and to release the state of the former one, takes 110 instructions.
    @inline(__always)
    final func reuse(traceID: TraceID, spanID: SpanID, flags: TraceFlags, start: SpanStart) {
        assert(extras == nil, "An object with extras is not reused, so that there are none to release.")
        assert(spanContext.traceState.isEmpty, "An object with a trace state is not reused: an empty one refers to nothing.")
        withUnsafeMutablePointer(to: &spanContext) {
            $0.initialize(to: SpanContext(traceID: traceID, spanID: spanID, flags: flags, traceState: .empty))
        }
        self.start = start
    }

    /// Gives the reused object a trace state; must be called by the holder of its only reference.
    @inline(never)
    final func setTraceState(_ traceState: TraceState) {
        assert(spanContext.traceState.isEmpty, "An object with a trace state is not reused.")
        spanContext = SpanContext(
            traceID: spanContext.traceID, spanID: spanContext.spanID, flags: spanContext.flags, traceState: traceState)
    }

    /// Gives the reused object extras; must be called by the holder of its only reference.
    @inline(never)
    final func inherit(_ extras: ContextExtras) {
        self.extras = extras
    }

    /// The anchor for the times of the recording span and its local children; `none` without such a span.
    @inline(__always)
    final var anchor: ClockAnchor { start.anchor }

    /// The recording span of this context, if it has one.
    var recording: (any RecordingSpan)? { nil }
}

/// The operations on a recording span that lower floors need.
protocol RecordingSpan: AnyObject, Sendable {
    var isRecording: Bool { get }

    func addEvent(_ name: String, _ attributes: Attributes, nanoseconds: UInt64)

    /// Converts a reading of the wall clock to the times of the span.
    func ownNanoseconds(ofReading wall: UInt64) -> UInt64
}

/// A context that was derived from that of a recording span.
final class DerivedContextNode: ContextNode, @unchecked Sendable {
    // Unchecked as the superclass is: the added property is immutable.
    private let origin: (any RecordingSpan)?

    init(spanContext: SpanContext, extras: ContextExtras?, recording: (any RecordingSpan)?, start: SpanStart) {
        origin = recording
        super.init(spanContext: spanContext, extras: extras, start: start, mayBringSpan: false)
    }

    override var recording: (any RecordingSpan)? { origin }
}

/// Baggage, values of the host and attributes, which are rarely set and therefore share one reference.
final class ContextExtras: Sendable {
    struct Entry: Sendable {
        /// Retained, so that no other key gets the identity of a key in use.
        let key: any AnyObject & Sendable
        let value: any Sendable
    }

    let baggage: Baggage
    let values: [ObjectIdentifier: Entry]
    /// The attributes for everything that is recorded in the context, in canonical form.
    let attributes: Attributes
    /// True if nothing is recorded in the context. It then has no span, so that this is checked only if there is none.
    let isSuppressed: Bool

    init(baggage: Baggage, values: [ObjectIdentifier: Entry], attributes: Attributes = [:], isSuppressed: Bool = false) {
        self.baggage = baggage
        self.values = values
        self.attributes = attributes
        self.isSuppressed = isSuppressed
    }

    /// True if a context does as well without.
    var isEmpty: Bool { baggage.isEmpty && values.isEmpty && attributes.hasNoEntries && !isSuppressed }
}
