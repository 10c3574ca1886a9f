// The JSON of what the console has received, keeps, and had to let go.

import ExampleSupport
import Telemetry

/// Writes the account of the console.
enum SummaryAnswer {
    static func write(_ stores: SignalStores, now: Timestamp) -> [UInt8] {
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
        writer.key("forward")
        writer.beginArray()
        writer.endArray()
        writer.endObject()
        return writer.bytes
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
