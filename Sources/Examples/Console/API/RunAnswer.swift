// The JSON of two runs that are compared.

import Telemetry

/// Writes the figures of two runs, `a` and `b`; what only one of them has is null for the other.
enum RunAnswer {
    static func write(_ comparison: RunComparison) -> [UInt8] {
        let (first, second) = (comparison.first, comparison.second)
        var writer = JSONWriter()
        writer.beginObject()
        write("a", first, to: &writer)
        write("b", second, to: &writer)
        writer.key("operations")
        writer.beginArray()
        for operation in comparison.operations {
            writer.beginObject()
            writer.member("service", operation.service)
            writer.member("name", operation.name)
            writer.member("kind", Int(operation.kind))
            write("a", first.operations[operation], first.seconds, to: &writer)
            write("b", second.operations[operation], second.seconds, to: &writer)
            writer.endObject()
        }
        writer.endArray()
        writer.key("logs")
        writer.beginArray()
        for service in Set(first.logs.keys).union(second.logs.keys).sorted() {
            writer.beginObject()
            writer.member("service", service)
            for (key, counts) in [("a", first.logs[service]), ("b", second.logs[service])] as [(StaticString, [Int]?)] {
                writer.key(key)
                if let counts { LogAnswer.levels(counts, to: &writer) } else { writer.null() }
            }
            writer.endObject()
        }
        writer.endArray()
        writer.key("metrics")
        writer.beginArray()
        for metric in comparison.metrics { write(metric, to: &writer) }
        writer.endArray()
        writer.member("isPartial", comparison.isPartial)
        writer.endObject()
        return writer.bytes
    }

    private static func write(_ key: StaticString, _ figures: RunFigures, to writer: inout JSONWriter) {
        writer.key(key)
        writer.beginObject()
        writer.member("id", figures.run.id)
        writer.member("start", quoted: figures.run.start.nanosecondsSinceEpoch)
        writer.member("seconds", figures.seconds)
        writer.member("spans", figures.spanCount)
        writer.member("logs", figures.logCount)
        writer.endObject()
    }

    private static func write(_ key: StaticString, _ figures: CallFigures?, _ seconds: Double, to writer: inout JSONWriter) {
        writer.key(key)
        guard let figures else { return writer.null() }
        writer.beginObject()
        writer.member("calls", figures.calls)
        FigureAnswer.write(figures, seconds, to: &writer)
        writer.endObject()
    }

    private static func write(_ metric: RunComparison.Metric, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", metric.family.name)
        writer.member("promName", metric.family.prometheusName)
        writer.member("type", metric.family.kind.rawValue)
        writer.member("unit", metric.family.unit)
        writer.member("measure", MetricFigures.measure(of: metric.family).rawValue)
        write("a", metric.first, to: &writer)
        write("b", metric.second, to: &writer)
        writer.endObject()
    }

    private static func write(_ key: StaticString, _ figures: MetricFigures?, to writer: inout JSONWriter) {
        writer.key(key)
        guard let figures else { return writer.null() }
        writer.beginObject()
        writer.member("series", figures.series)
        writer.member("value", figures.value)
        for (name, value) in zip(["p50", "p95", "p99"] as [StaticString], figures.percentiles) { writer.member(name, value) }
        writer.endObject()
    }
}
