// Sends spans to an OTLP receiver.
public final class OTLPSpanExporter: SpanExporter {
    convenience init(environment: EnvironmentReader) { self.init() }
    public init() {}
    public func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) {}
}
