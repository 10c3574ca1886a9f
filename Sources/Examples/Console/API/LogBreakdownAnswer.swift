// The JSON of counts of log records by the values of a field.

import Telemetry

/// Writes a breakdown of log records.
enum LogBreakdownAnswer {
    /// Bytes of the names of attributes in a request.
    private static let maximumKeyBytes = 256

    /// Counts by the file of log records if there is one, else by the memory.
    static func answer(_ parameters: QueryParameters, _ stores: SignalStores, _ logStore: LogStore?, within duration: Duration)
        throws(APIError) -> [UInt8]
    {
        let (field, measure) = (try parameters.required("by"), parameters["of"])
        guard field.utf8.count <= maximumKeyBytes, measure?.utf8.count ?? 0 <= maximumKeyBytes else {
            throw APIError(message: "by and of name attributes, with at most \(maximumKeyBytes) bytes.")
        }
        guard let order = LogBreakdown.Order(rawValue: parameters["sort"] ?? "count") else {
            throw APIError(message: "sort must be count, errors or p95.")
        }
        guard order != .p95 || measure != nil else {
            throw APIError(message: "sort=p95 needs of, the attribute whose numbers are compared.")
        }
        let limit = try parameters.number("top", default: LogBreakdown.maximumSeries, in: 1...LogBreakdown.maximumSeries)
        let request = LogBreakdown.Request(
            field: LogField(field), measure: measure,
            steps: try parameters.number("steps", default: 60, in: 1...LogBreakdown.maximumSteps))
        let breakdown: LogBreakdown
        if let logStore {
            breakdown = try logStore.breakdown(
                try parameters.storeSearch(), try parameters.window(), request, within: duration)
        } else {
            let search = LogSearch(
                blocks: stores.logs.blocks, term: try parameters.search(.logs), window: try parameters.window(), runs: stores.runNames)
            breakdown = search.breakdown(request, now: Timestamp.now.nanosecondsSinceEpoch, within: duration)
        }
        return write(breakdown, by: field, of: measure, limit, order)
    }

    private static func write(
        _ breakdown: LogBreakdown, by field: String, of measure: String?, _ limit: Int, _ order: LogBreakdown.Order
    ) -> [UInt8] {
        let (series, rest, without) = breakdown.top(limit, by: order)
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("by", field)
        writer.member("start", quoted: breakdown.start)
        writer.member("step", quoted: breakdown.step)
        writer.member("total", quoted: breakdown.total)
        writer.member("values", breakdown.valueCount)
        writer.member("hasMoreValues", breakdown.hasMoreValues)
        writer.key("series")
        writer.beginArray()
        for one in series {
            writer.beginObject()
            writer.member("value", one.value)
            writeCounts(one, to: &writer)
            if measure != nil {
                writer.key("measure")
                if one.numbers.isEmpty { writer.null() } else { writeMeasure(one, to: &writer) }
            }
            writer.endObject()
        }
        writer.endArray()
        for (name, one) in [("rest", rest), ("without", without)] {
            writer.key(text: name)
            writer.beginObject()
            writeCounts(one, to: &writer)
            writer.endObject()
        }
        // Numbers are of each record, or of one of so many.
        if let sample = breakdown.sample { writer.member("measuredOneOf", sample.oneOf) }
        writer.member("isPartial", breakdown.isPartial)
        writer.endObject()
        return writer.bytes
    }

    private static func writeCounts(_ series: LogBreakdown.Series, to writer: inout JSONWriter) {
        writer.member("count", series.count)
        writer.member("errors", series.errors)
        writer.key("counts")
        writer.beginArray()
        for count in series.counts { writer.value(Int(count)) }
        writer.endArray()
    }

    private static func writeMeasure(_ series: LogBreakdown.Series, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("count", series.numbers.count)
        writer.member("p50", series.percentile(0.5))
        writer.member("p95", series.percentile(0.95))
        writer.member("max", series.numbers.last ?? 0)
        writer.endObject()
    }
}
