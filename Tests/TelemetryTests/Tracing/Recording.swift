// A provider, a tracer and a manual clock whose spans tests inspect.

@testable import Telemetry

/// A tracer whose finished spans are kept, under a clock that stands still.
struct Recording {
    let memory = InMemorySpanExporter()
    let clock = ManualClock()
    let provider: TracerProvider
    let tracer: Tracer

    init(
        sampler: any Sampler = .alwaysOn, limits: SpanLimits = SpanLimits(), processors: [any SpanProcessor] = [],
        idGenerator: (any IDGenerator)? = nil
    ) {
        provider = TracerProvider(
            resource: Resource(attributes: ["service.name": "tests"], schemaURL: "https://example.com/resource"), sampler: sampler,
            limits: limits, processors: processors + [memory], idGenerator: idGenerator, clock: .manual(clock))
        tracer = provider.tracer(InstrumentationScope(name: "tests", version: "1", schemaURL: "https://example.com/scope"))
    }

    var spans: [ReadableSpan] { memory.finishedSpans }

    /// A root span as it was after it had passed through the closure and ended.
    func finished(_ attributes: Attributes = [:], links: [SpanLink] = [], _ body: (TraceSpan) -> Void = { _ in }) throws -> ReadableSpan {
        let span = tracer.startSpan("work", parent: .root, attributes, links: links)
        body(span)
        span.end()
        return try spans.last.unwrapped()
    }
}

extension Attributes {
    /// The attributes by key.
    var dictionary: [String: AttributeValue] {
        Dictionary(map { ($0.key, $0.value) }, uniquingKeysWith: { _, last in last })
    }
}

/// A value that a test requires is missing.
struct NothingThere: Error {}

extension Optional {
    func unwrapped() throws -> Wrapped {
        guard let self else { throw NothingThere() }
        return self
    }
}

/// Generates 1, 2, 3… for traces and 257, 258, 259… for spans.
final class CountingIDs: IDGenerator {
    private let traces = Counter()
    private let spans = Counter()
    let makesRandomTraceIDs: Bool

    init(makesRandomTraceIDs: Bool = false) {
        self.makesRandomTraceIDs = makesRandomTraceIDs
    }

    func traceID() -> TraceID { TraceID(high: 0, low: UInt64(traces.next())) }
    func spanID() -> SpanID { SpanID(256 + UInt64(spans.next())) }
}

/// A sampler that a test writes as a closure.
struct CustomSampler: Sampler {
    let decide: @Sendable (borrowing SamplingRequest) -> SamplingDecision
    let description = "CustomSampler"

    init(_ decide: @escaping @Sendable (borrowing SamplingRequest) -> SamplingDecision) {
        self.decide = decide
    }

    init(_ verdict: SamplingDecision.Verdict) {
        decide = { SamplingDecision(verdict, traceState: $0.parent.spanContext.traceState) }
    }

    func decision(for request: borrowing SamplingRequest) -> SamplingDecision { decide(request) }
}

extension SpanContext {
    /// A made-up parent context.
    static func madeUp(isSampled: Bool = true, isRemote: Bool = false, traceState: String = "") -> SpanContext {
        SpanContext(
            traceID: TraceID(high: 0xA1, low: 0xB2), spanID: SpanID(0xC3), flags: isSampled ? .sampled : [],
            traceState: TraceState(headerValue: traceState) ?? .empty, isRemote: isRemote)
    }
}
