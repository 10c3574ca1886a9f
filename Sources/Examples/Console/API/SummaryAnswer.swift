// The JSON of what the console has received, keeps, and had to let go.

import ExampleSupport
import Telemetry

/// Writes the account of the console.
enum SummaryAnswer {
    static func write(
        _ stores: SignalStores, _ counts: ReceiverCounts, _ archive: RunArchive?, _ forwarder: Forwarder?,
        _ logStore: LogStore?, now: Timestamp
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("started", quoted: stores.started.nanosecondsSinceEpoch)
        writer.member("now", quoted: now.nanosecondsSinceEpoch)
        writer.member("version", SDK.version)
        writer.key("signals")
        writer.beginObject()
        write("traces", stores.spans.statistics, to: &writer)
        write("metrics", stores.metricStatistics, to: &writer)
        write("logs", stores.logs.statistics, to: &writer)
        writer.endObject()
        write(counts, to: &writer)
        writer.member("memoryBytes", quoted: ProcessStatistics.current.residentBytes ?? 0)
        writer.key("services")
        writer.beginArray()
        for service in stores.services { writer.value(text: service) }
        writer.endArray()
        writer.key("runs")
        writer.beginArray()
        for run in stores.runs {
            writer.beginObject()
            writer.member("id", run.id)
            writer.member("start", quoted: run.start.nanosecondsSinceEpoch)
            writer.key("end")
            if let end = run.end { writer.value(end.nanosecondsSinceEpoch, isQuoted: true) } else { writer.null() }
            writer.endObject()
        }
        writer.endArray()
        write(archive, to: &writer)
        write(logStore, to: &writer)
        write(forwarder, to: &writer)
        writer.endObject()
        return writer.bytes
    }

    /// Writes what came by each protocol, and why one of them is not taken.
    private static func write(_ counts: ReceiverCounts, to writer: inout JSONWriter) {
        writer.key("receivers")
        writer.beginObject()
        for receiver in ReceiverCounts.Receiver.allCases {
            let count = counts[receiver]
            writer.key(text: receiver.rawValue)
            writer.beginObject()
            writer.member("taken", quoted: count.taken)
            writer.member("refused", quoted: count.refused)
            writer.key("problem")
            if let problem = count.problem { writer.value(text: problem) } else { writer.null() }
            writer.endObject()
        }
        writer.endObject()
    }

    /// Writes what became of the requests that were to be stored; null without a file.
    private static func write(_ archive: RunArchive?, to writer: inout JSONWriter) {
        writer.key("store")
        guard let counts = archive?.counts else { return writer.null() }
        writer.beginObject()
        writer.member("stored", quoted: counts.stored)
        writer.member("dropped", quoted: counts.dropped)
        writer.key("lastFailure")
        if let failure = counts.lastFailure { writer.value(text: failure) } else { writer.null() }
        writer.endObject()
    }

    /// Writes what became of log records that were to be stored; null without a file.
    private static func write(_ logStore: LogStore?, to writer: inout JSONWriter) {
        writer.key("logStore")
        guard let logStore else { return writer.null() }
        let counts = logStore.counts
        writer.beginObject()
        writer.member("stored", quoted: counts.stored)
        writer.member("waiting", quoted: logStore.waiting)
        writer.member("dropped", quoted: counts.dropped)
        writer.member("kept", quoted: logStore.contents.count)
        writer.member("keptBytes", quoted: logStore.contents.bytes)
        writer.key("oldest")
        let oldest = logStore.contents.oldest
        if oldest < .max { writer.value(oldest, isQuoted: true) } else { writer.null() }
        writer.key("lastFailure")
        if let failure = counts.lastFailure { writer.value(text: failure) } else { writer.null() }
        writer.endObject()
    }

    private static func write(_ forwarder: Forwarder?, to writer: inout JSONWriter) {
        writer.key("forward")
        writer.beginArray()
        for destination in forwarder?.destinations ?? [] {
            writer.beginObject()
            writer.member("to", destination.name)
            writer.member("delivered", quoted: destination.counts.delivered)
            writer.member("rejected", quoted: destination.counts.rejected)
            writer.member("dropped", quoted: destination.counts.dropped)
            writer.member("waiting", quoted: destination.counts.waiting)
            writer.key("lastFailure")
            if let failure = destination.counts.lastFailure { writer.value(text: failure) } else { writer.null() }
            writer.endObject()
        }
        writer.endArray()
    }

    private static func write(_ name: StaticString, _ statistics: SignalStatistics, to writer: inout JSONWriter) {
        writer.key(name)
        writer.beginObject()
        writer.member("received", quoted: statistics.received)
        writer.key("rejected")
        writer.beginObject()
        for (reason, count) in statistics.rejected.sorted(by: { $0.key < $1.key }) {
            writer.key(text: reason)
            writer.value(count, isQuoted: true)
        }
        writer.endObject()
        writer.member("evicted", quoted: statistics.evicted)
        writer.member("kept", quoted: statistics.kept)
        writer.member("keptBytes", quoted: statistics.keptBytes)
        writer.member("maximumBytes", quoted: statistics.maximumBytes)
        writer.key("oldest")
        if let oldest = statistics.oldest { writer.value(oldest.nanosecondsSinceEpoch, isQuoted: true) } else { writer.null() }
        writer.endObject()
    }
}
