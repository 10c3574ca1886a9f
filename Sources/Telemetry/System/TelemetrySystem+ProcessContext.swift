// Publishes the resource for profilers outside of the process.

extension TelemetrySystem {
    /// Publishes the resource in the memory of the process, so that profilers of this host describe it as telemetry does.
    ///
    /// In development. The OpenTelemetry eBPF profiler, which sees the process from outside, finds `service.name` and `service.instance.id`
    /// there. `OTEL_SWIFT_PROCESS_CONTEXT=true` publishes at the start, unless a configuration file counts. What a process publishes is
    /// replaced by publishing again, and stays after the shutdown. A forked child inherits nothing: it publishes when it calls this.
    /// (Specification: OTEP 4719; Linux only.)
    ///
    /// - Returns: false if the system does not allow it, which is reported; the process is as it was.
    @discardableResult
    public func publishProcessContext() -> Bool {
        do throws(ProcessContextMemory.Failure) {
            // The message `ProcessContext` has the resource under the same number as `ResourceSpans`.
            try ProcessContextMemory.publish(RecordedResource(resource).encodedResource)
            return true
        } catch {
            Diagnostics.report(
                .warning, topic: "processContext",
                "The resource cannot be published for profilers outside of the process: \(error.description).")
            return false
        }
    }
}
