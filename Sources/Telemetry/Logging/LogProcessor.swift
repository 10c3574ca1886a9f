// The protocol of log processors.

/// Sees emitted log records, on the caller's thread and in the order of registration; may change them.
///
/// (Specification: logs SDK, "LogRecordProcessor".)
public protocol LogProcessor: TelemetryComponent {
    /// Called for each record that its logger admits; must not block.
    ///
    /// Later processors see its changes. It runs in a context in which nothing is recorded, so that a processor that
    /// logs does not call itself; the record has the context of the program. It is also called with records for which
    /// ``LogProcessor/isEnabled(_:eventName:context:instrumentationScope:)`` was never called, or has returned false.
    func onEmit(_ record: inout ReadWriteLogRecord)

    /// Returns whether the processor uses records of that kind. If no processor does, programs need not make them. The event name is empty for
    /// a record that is no event.
    ///
    /// Without this method the answer is yes. (Specification: "Enabled", in development.)
    func isEnabled(_ severity: LogSeverity, eventName: String, context: Context, instrumentationScope: InstrumentationScope) -> Bool

    /// Delivers what was given to it before, unless the deadline comes first.
    func forceFlush(deadline: Deadline) async -> FlushResult

    /// Delivers what was given to it before, unless the deadline comes first, and ignores what comes later.
    func shutdown(deadline: Deadline) async -> FlushResult
}

extension LogProcessor {
    public func isEnabled(_ severity: LogSeverity, eventName: String, context: Context, instrumentationScope: InstrumentationScope) -> Bool
    { true }
}

extension [any LogProcessor] {
    /// Begins a flush, or the shutdown, of all processors at the same time.
    func requests(isShutdown: Bool, _ deadline: Deadline) -> [FlushRequest] {
        map { processor in
            .of(processor, isShutdown: isShutdown, deadline) {
                isShutdown ? await processor.shutdown(deadline: deadline) : await processor.forceFlush(deadline: deadline)
            }
        }
    }

    /// Shuts down processors that are not used after all, so that their threads end; does not wait for it.
    func retire() { _ = requests(isShutdown: true, .after(.seconds(5))) }
}
