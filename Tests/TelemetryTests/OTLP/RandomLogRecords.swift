// Random log records, with the OTLP message of each.

@testable import Telemetry

extension LogRecord {
    /// Random records with and without each field, with bodies and attributes of any kind.
    static func random(_ count: Int, using random: inout some RandomNumberGenerator) -> [LogRecord] {
        (0..<count).map { _ in
            var record = LogRecord(context: .root)
            if Bool.random(using: &random) { record.body = .random(depth: 5, using: &random) }
            if Bool.random(using: &random) { record.severity = LogSeverity(rawValue: .random(in: 0...24, using: &random)) ?? .info }
            if Bool.random(using: &random) { record.severityText = .random(using: &random) }
            if Bool.random(using: &random) { record.timestamp = Timestamp(nanosecondsSinceEpoch: .random(in: 1 ... .max, using: &random)) }
            record.observedTimestamp = Timestamp(nanosecondsSinceEpoch: .random(in: 1 ... .max, using: &random))
            for index in 0..<Int.random(in: 0...6, using: &random) {
                record.attributes["\(String.random(using: &random)) \(index)"] = .random(depth: 3, using: &random)
            }
            if Bool.random(using: &random) { record.eventName = .random(using: &random) }
            if Bool.random(using: &random) {
                record.context = Context.root.with(
                    spanContext: SpanContext(
                        traceID: TraceID(high: random.next(), low: random.next()), spanID: SpanID(random.next()),
                        flags: TraceFlags(rawValue: .random(in: 0...255, using: &random))))
            }
            return record
        }
    }

    /// The OTLP `LogRecord` message of the emitted record.
    var encoded: [UInt8] {
        let catcher = CatchingLogProcessor()
        let provider = LoggerProvider(resource: .empty, processors: [catcher])
        provider.logger(InstrumentationScope(name: "tests")).emit(self)
        return catcher.messages.entries.first ?? []
    }
}

/// A processor that keeps the message of each record.
private final class CatchingLogProcessor: LogProcessor {
    let messages = Journal<[UInt8]>()

    func onEmit(_ record: inout ReadWriteLogRecord) { messages.note(record.snapshot.withMessage { Array($0) }) }
}
