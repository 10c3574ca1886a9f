// Exporters and processors of one's own that use batches and records as any other sequence and value.

import Telemetry

struct Lines: SpanExporter, LogExporter, MetricExporter {
    let write: @Sendable (String) -> Void

    func export(_ batch: SpanBatch, deadline: Deadline) async throws(ExportFailure) {
        guard !batch.isEmpty, let first = batch.first else { return }
        write("\(batch.count) \(first.name)")
        let slow = batch.filter { $0.duration > .seconds(1) }
        for span in batch where span.kind == .server { write(span.name) }
        let all = Array(batch)
        let kept = batch.map(\.detached).sorted { $0.startTime < $1.startTime }
        let groups = Dictionary(grouping: batch) { $0.traceID }
        let later = { batch.count }
        write("\(slow.count) \(all.count) \(kept.count) \(groups.count) \(later()) \(Array(batch.dropFirst(3)).count)")
    }

    func export(_ batch: LogBatch, deadline: Deadline) async throws(ExportFailure) {
        let events = batch.filter { $0.eventName != nil }
        let names: [String] = batch.compactMap(\.eventName)
        let texts = batch.reversed().map { $0.severityText ?? $0.severity.shortName }
        write("\(events.count) \(names) \(texts) \(batch.first?.body?.stringValue ?? "")")
    }
}

extension Lines {
    func export(_ batch: MetricBatch, deadline: Deadline) async throws(ExportFailure) {
        for metric in batch.metrics { write(metric.name) }
    }
}

/// Counts what ends and what is logged, and exports nothing.
struct Counting: SpanProcessor, LogProcessor {
    let count: @Sendable (String) -> Void

    func onEnd(_ span: ReadableSpan) { count(span.name) }
    func onEmit(_ record: inout ReadWriteLogRecord) { count(record.eventName ?? "record") }
}

struct Borrowing: SpanExporter, LogExporter {
    func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) {
        if batch.isEmpty || batch.filter({ $0.status == .unset }).count == batch.count { throw .rejected(reason: "nothing to see") }
    }

    func export(_ batch: borrowing LogBatch, deadline: Deadline) async throws(ExportFailure) {
        for record in batch.filter({ $0.severity >= .error }) where record.eventName == "alarm" { throw .rejected(reason: "alarm") }
    }
}

struct Renaming: LogProcessor {
    func onEmit(_ record: inout ReadWriteLogRecord) {
        if let name = record.eventName, name.hasPrefix("old.") { record.eventName = "new." + name.dropFirst(4) }
        if record.eventName == "none" { record.eventName = nil }
        record.severityText = record.severityText?.lowercased()
    }
}

func emit(_ log: TelemetryLogger, _ name: String?, _ text: String) {
    log.emit(LogRecord("a", severity: .info, severityText: text, eventName: name))
    log.emit(LogRecord("a", eventName: "b"))
}

struct Pool {
    let total: ObservableCounter<Int>
    let used: ObservableUpDownCounter<Int>
    let load: ObservableGauge<Double>
    let free: ObservableInstrument<Int>

    init(_ meter: Meter) {
        total = meter.observableCounter("total")
        used = meter.observableUpDownCounter("used")
        load = meter.observableGauge("load", of: Double.self)
        free = meter.observableGauge("free")
    }
}
