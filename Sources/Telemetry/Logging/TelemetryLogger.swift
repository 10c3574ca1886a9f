// Hot: the path of a log record from a call to its queue or processors.

public import Synchronization

/// Emits the log records of one instrumentation scope. Get it from ``TelemetrySystem`` once and keep it.
///
/// A record emitted inside a span carries the span's identifiers by itself. (Specification: logs API, "Logger"; the name leaves `Logger`
/// to swift-log and the operating system.)
public final class TelemetryLogger: Sendable, ScopeMember {
    static let livesForever = true

    /// The library or module that the records come from.
    public let instrumentationScope: InstrumentationScope
    private let processors: [any LogProcessor]
    private let asksProcessors: Bool
    private let created: LaneCounters?
    private let scope: ScopeReference
    private let limits: LogEncodingLimits
    private let clock: TelemetryClock
    private let lane = ProcessorLane()
    private let firstPipeline: Unmanaged<ExportPipeline>?
    private let secondPipeline: Unmanaged<ExportPipeline>?
    private let contextKey: ContextKey<Attributes>?
    private let contextAttributes: ContextAttributeSelection
    /// A ``LogGate`` as one number, so that a disabled call reads nothing else.
    @usableFromInline let gate = Atomic<UInt32>(LogGate.closed.rawValue)

    init(_ scope: InstrumentationScope, _ setup: LoggerSetup) {
        instrumentationScope = scope
        processors = setup.processors
        asksProcessors = setup.asksProcessors
        created = setup.created
        self.scope = ScopeReference(immortal: RecordedScope(scope, resource: setup.resource))
        limits = setup.limits
        clock = setup.clock
        firstPipeline = setup.directPipelines?.first
        secondPipeline = setup.directPipelines?.second
        contextKey = setup.contextKey
        contextAttributes = setup.contextAttributes
    }

    func apply(_ configuration: LoggerConfiguration) {
        let gate = LogGate(configuration, asksProcessors: asksProcessors, counts: created != nil)
        self.gate.store(gate.rawValue, ordering: .relaxed)
    }

    /// Whether a record of that kind would be recorded: false without processors, after shutdown, and when the ``LoggerConfigurator`` or
    /// all processors refuse it.
    ///
    /// It may change at any time. Emitting does not require this check; it saves making an expensive record that would be dropped.
    /// (Specification: logs API, "Enabled".)
    public func isEnabled(_ severity: LogSeverity = .unspecified, eventName: String = "", context: Context? = nil) -> Bool {
        let gate = currentGate
        guard gate.admits(severity) else { return false }
        return gate.needsFullCheck ? passesFullCheck(gate, severity, eventName, context) : !Self.isSuppressed(context)
    }

    /// Emits a record, unless it is filtered out.
    public func emit(_ record: LogRecord) {
        let gate = currentGate
        guard gate.admits(record.severity) else { return }
        if record.context != nil, Self.isSuppressed(nil) { return }
        let node = record.context.map(\.node) ?? CurrentContext.node
        let trace = LogTrace(node)
        guard !Self.isSuppressed(node, trace) else { return }
        let content = LogContent(
            timestamp: record.timestamp?.nanosecondsSinceEpoch ?? 0,
            observedTimestamp: record.observedTimestamp?.nanosecondsSinceEpoch ?? clock.wallNanoseconds(), severity: record.severity,
            severityText: record.severityText ?? "", body: record.body, eventName: record.eventName ?? "", trace: trace)
        record.exception == nil
            ? take(content, record.attributes, node, gate)
            : take(content, Self.addingException(record.exception, record.attributes), node, gate)
    }

    /// Emits a record whose attributes are encoded from where they are, without a collection of them: of another logging package, or of a
    /// request that was answered, for which four attributes in a literal take 1,000 instructions more.
    package func emit(_ severity: LogSeverity, severityText: String, body: String, attributes: some AttributeSource) {
        let gate = currentGate
        guard gate.admits(severity) else { return }
        let node = CurrentContext.node
        let trace = LogTrace(node)
        guard !Self.isSuppressed(node, trace) else { return }
        let content = LogContent(
            timestamp: 0, observedTimestamp: clock.wallNanoseconds(), severity: severity, severityText: severityText,
            body: .string(body), eventName: "", trace: trace)
        take(content, attributes, node, gate)
    }

    /// The least severity that passes, for callers that check it before they make a record. It is above all severities if none passes.
    @inline(__always)
    var leastSeverity: UInt8 { currentGate.leastSeverity }

    @inline(__always)
    private var currentGate: LogGate { LogGate(rawValue: gate.load(ordering: .relaxed)) }

    /// Returns whether a severity other than `unspecified` passes the first check.
    ///
    /// Inlinable, since a disabled call then costs no call: a nanosecond in place of four.
    @inlinable @inline(__always)
    func admits(_ severity: LogSeverity) -> Bool { UInt32(severity.rawValue) >= gate.load(ordering: .relaxed) & 0xFF }

    /// Emits a record for the methods named after severities, once it has passed the first check.
    @usableFromInline @inline(never)
    func write(
        _ severity: LogSeverity, _ message: () -> String, _ attributes: () -> Attributes, _ eventName: String, _ exception: (any Error)?
    ) {
        let gate = currentGate
        guard gate.admits(severity) else { return }
        let node = CurrentContext.node
        let trace = LogTrace(node)
        guard !Self.isSuppressed(node, trace) else { return }
        if gate.needsFullCheck && !passesFullCheck(gate, severity, eventName, nil) {
            // Counted although it is not made: the logger was given it.
            if gate.counts { created?.count(0, lane: lane.current) }
            return
        }
        let content = LogContent(
            timestamp: 0, observedTimestamp: clock.wallNanoseconds(), severity: severity, severityText: severity.shortName,
            body: .string(message()), eventName: eventName, trace: trace)
        exception == nil
            ? take(content, attributes(), node, gate) : take(content, Self.addingException(exception, attributes()), node, gate)
    }

    @inline(__always)
    private func take(_ content: borrowing LogContent, _ attributes: some AttributeSource, _ node: ContextNode?, _ gate: LogGate) {
        if gate.needsFullCheck {
            if gate.counts { created?.count(0, lane: lane.current) }
            guard gate.passes(content.severity), !gate.isTraceBased || Self.isKept(content.trace) else { return }
        }
        guard let firstPipeline else { return process(copy content, attributes.canonical, node) }
        if let node, let extras = node.extras { return appendJoined(content, node, extras, attributes, to: firstPipeline) }
        append(content, attributes, to: firstPipeline)
    }

    @inline(never)
    private func appendJoined(
        _ content: borrowing LogContent, _ node: ContextNode, _ extras: ContextExtras, _ own: some AttributeSource,
        to firstPipeline: Unmanaged<ExportPipeline>
    ) {
        let scoped = contextAttributes.attributes(of: extras)
        switch (contextKey, scoped) {
        case (nil, nil): append(content, own, to: firstPipeline)
        case (let key?, nil): append(content, JoinedAttributes(common: Context(node: node)[key], own: own), to: firstPipeline)
        case (nil, let scoped?): append(content, ScopedAttributes(own: own, scoped: scoped), to: firstPipeline)
        case (let key?, let scoped?):
            let own = JoinedAttributes(common: Context(node: node)[key], own: own)
            append(content, ScopedAttributes(own: own, scoped: scoped), to: firstPipeline)
        }
    }

    @inline(__always)
    private func append(_ content: borrowing LogContent, _ attributes: some AttributeSource, to firstPipeline: Unmanaged<ExportPipeline>) {
        // Copied: a closure that captures the logger counts a reference to it, which all threads share.
        let (scope, lane, secondPipeline) = (scope, lane.current, secondPipeline)
        let droppedCount = LogEncoding.encode(content, attributes, limits) { size, write in
            firstPipeline._withUnsafeGuaranteedRef { $0.append(scope, lane: lane, recordOfSize: size, write) }
            secondPipeline?._withUnsafeGuaranteedRef { $0.append(scope, lane: lane, recordOfSize: size, write) }
        }
        if droppedCount > 0 { LogDiscards.report(instrumentationScope) }
    }

    /// Passes the record to the processors, each of which may change it for those behind it.
    @inline(never)
    private func process(_ content: LogContent, _ attributes: Attributes, _ node: ContextNode?) {
        let context = Context(node: node)
        let scoped = node?.extras.flatMap { contextAttributes.attributes(of: $0) }
        let attributes = scoped.map { attributes.adding($0) } ?? attributes
        var record = ReadWriteLogRecord(content, attributes, context: context, scope: scope, limits: limits)
        // A processor that logs must not call itself for ever.
        context.suppressed.run {
            for processor in processors { processor.onEmit(&record) }
        }
    }

    /// Trace-based filtering drops the records of unsampled spans only. (Specification: logs SDK, "LoggerConfig".)
    @inline(__always)
    private static func isKept(_ trace: LogTrace) -> Bool {
        !trace.spanID.isValid || trace.flags.rawValue & TraceFlags.sampled.rawValue != 0
    }

    /// Checked only when the context has no span, since a suppressed context holds none.
    @inline(__always)
    private static func isSuppressed(_ node: ContextNode?, _ trace: LogTrace) -> Bool {
        guard !trace.traceID.isValid, let extras = node?.extras else { return false }
        return extras.isSuppressed
    }

    /// A context given by the caller does not lift the suppression: a processor may pass on the context of its record.
    private static func isSuppressed(_ given: Context?) -> Bool { Context.current.isSuppressed || given?.isSuppressed ?? false }

    @inline(never)
    private func passesFullCheck(_ gate: LogGate, _ severity: LogSeverity, _ eventName: String, _ given: Context?) -> Bool {
        let context = given ?? .current
        guard !Self.isSuppressed(given), gate.passes(severity), !gate.isTraceBased || Self.isKept(LogTrace(context.node)) else {
            return false
        }
        guard gate.asksProcessors else { return true }
        return processors.contains {
            $0.isEnabled(severity, eventName: eventName, context: context, instrumentationScope: instrumentationScope)
        }
    }

    /// Returns the attributes with the type and the message of an error, which never replace the caller's. (Specification: logs API,
    /// "Emit a LogRecord".)
    @inline(never)
    private static func addingException(_ exception: (any Error)?, _ attributes: Attributes) -> Attributes {
        guard let exception else { return attributes }
        var described = attributes
        // After the caller's attributes, so that a limit drops the derived ones first.
        for (key, value) in Attributes(describing: exception) where described[key] == nil { described[key] = value }
        return described
    }
}
