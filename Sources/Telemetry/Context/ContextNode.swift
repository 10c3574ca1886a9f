// Hot: the immutable objects that a context refers to.

/// One immutable state of the context. A recording span is one too, so that making it current allocates nothing.
///
/// Not final for that reason alone; the subclass adds state behind its own lock, hence `@unchecked`: all that is
/// declared here is immutable and `Sendable`.
@usableFromInline
class ContextNode: @unchecked Sendable {
    final let spanContext: SpanContext
    final let extras: ContextExtras?
    /// What the recording span makes its times with, and its local children theirs; none where there is no such span.
    final let anchor: ClockAnchor

    init(spanContext: SpanContext, extras: ContextExtras? = nil, anchor: ClockAnchor = .none) {
        self.spanContext = spanContext
        self.extras = extras
        self.anchor = anchor
    }

    /// The recording span of this context, if it has one.
    var recording: (any RecordingSpan)? { nil }
}

/// What a recording span is to those who meet it in a context only.
protocol RecordingSpan: AnyObject, Sendable {
    var isRecording: Bool { get }

    func addEvent(_ name: String, _ attributes: Attributes, nanoseconds: UInt64)

    /// The time at which the wall clock was read, as the times of the span are made.
    func ownNanoseconds(ofReading wall: UInt64) -> UInt64
}

/// A context that was derived from a recording span by adding something to it.
final class DerivedContextNode: ContextNode, @unchecked Sendable {
    // Unchecked as the superclass is: what is added is immutable.
    private let origin: (any RecordingSpan)?

    init(spanContext: SpanContext, extras: ContextExtras?, recording: (any RecordingSpan)?, anchor: ClockAnchor) {
        origin = recording
        super.init(spanContext: spanContext, extras: extras, anchor: anchor)
    }

    override var recording: (any RecordingSpan)? { origin }
}

/// Baggage and values of the host: rarely there, so they share one reference.
final class ContextExtras: Sendable {
    struct Entry: Sendable {
        /// Kept alive, so that no other key can take over the identity of one in use.
        let key: any AnyObject & Sendable
        let value: any Sendable
    }

    let baggage: Baggage
    let values: [ObjectIdentifier: Entry]
    /// Whether nothing is recorded in the context; it then holds no span, so that only who finds none has to look here.
    let isSuppressed: Bool

    init(baggage: Baggage, values: [ObjectIdentifier: Entry], isSuppressed: Bool = false) {
        self.baggage = baggage
        self.values = values
        self.isSuppressed = isSuppressed
    }
}
