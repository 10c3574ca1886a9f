// Answers in Prometheus' JSON.

import ExampleSupport
import Telemetry

/// Writes results and errors as Prometheus' HTTP API does.
enum PromQLAnswer {
    static let contentType = "application/json"

    /// Returns a success with what the closure writes as its data.
    static func success(_ write: (inout JSONWriter) throws(PromQLError) -> Void) throws(PromQLError) -> ServiceResponse {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("status")
        writer.value(text: "success")
        writer.key("data")
        try write(&writer)
        writer.endObject()
        return ServiceResponse(status: 200, contentType: contentType, body: writer.bytes)
    }

    static func failure(_ error: PromQLError, of query: String) -> ServiceResponse {
        switch error {
        case .syntax: failure(400, "bad_data", "invalid parameter \"query\": " + error.message(for: query))
        case .badData(let reason): failure(400, "bad_data", reason)
        case .execution(let reason): failure(422, "execution", reason)
        case .timeout(let reason): failure(503, "timeout", reason)
        }
    }

    static func failure(_ status: Int, _ type: String, _ message: String) -> ServiceResponse {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("status")
        writer.value(text: "error")
        writer.key("errorType")
        writer.value(text: type)
        writer.key("error")
        writer.value(text: message)
        writer.endObject()
        return ServiceResponse(status: status, contentType: contentType, body: writer.bytes)
    }

    // MARK: Results

    static func write(_ result: QueryResult, to writer: inout JSONWriter, maximumBytes: Int) throws(PromQLError) {
        writer.beginObject()
        writer.key("resultType")
        switch result.value {
        case .scalar(let value):
            writer.value(text: "scalar")
            writer.key("result")
            pair(result.steps.start, GoNumber.text(value), to: &writer)
        case .string(let text):
            writer.value(text: "string")
            writer.key("result")
            pair(result.steps.start, text, to: &writer)
        case .vector:
            writer.value(text: "vector")
            writer.key("result")
            writer.beginArray()
            for (index, series) in result.series.enumerated() {
                writer.beginObject()
                metric(series.labels, to: &writer)
                let time = result.steps.start
                if let histogram = series.histogram(0) {
                    writer.key("histogram")
                    self.histogram(time, histogram, to: &writer)
                } else {
                    writer.key("value")
                    let integer = result.integers.indices.contains(index) ? result.integers[index] : nil
                    pair(time, integer.map { String($0) } ?? GoNumber.text(series.values[0]), to: &writer)
                }
                writer.endObject()
                try check(writer, maximumBytes)
            }
            writer.endArray()
        case .matrix:
            writer.value(text: "matrix")
            writer.key("result")
            writer.beginArray()
            let prefixes = PointListWriter.prefixes(result.steps)
            var points = PointListWriter()
            for series in result.series {
                matrix(series, result.steps, prefixes, &points, to: &writer)
                try check(writer, maximumBytes)
            }
            for series in result.points {
                self.points(series, to: &writer)
                try check(writer, maximumBytes)
            }
            writer.endArray()
        }
        writer.endObject()
    }

    private static func check(_ writer: JSONWriter, _ maximumBytes: Int) throws(PromQLError) {
        guard writer.bytes.count <= maximumBytes else {
            throw .execution("the answer is longer than \(maximumBytes) bytes; ask for fewer series or steps")
        }
    }

    private static func matrix(
        _ series: VectorSeries, _ steps: QuerySteps, _ prefixes: [[UInt8]], _ points: inout PointListWriter, to writer: inout JSONWriter
    ) {
        writer.beginObject()
        metric(series.labels, to: &writer)
        points.removeAll()
        for step in 0..<steps.count where series.hasValue(step) { points.append(prefixes[step], series.values[step]) }
        if !points.bytes.isEmpty {
            writer.key("values")
            writer.beginArray()
            writer.append(encoded: points.bytes)
            writer.endArray()
        }
        if let histograms = series.histograms {
            writer.key("histograms")
            writer.beginArray()
            for (step, histogram) in histograms.enumerated() {
                if let histogram { self.histogram(steps.time(step), histogram, to: &writer) }
            }
            writer.endArray()
        }
        writer.endObject()
    }

    private static func points(_ series: RangeSeries, to writer: inout JSONWriter) {
        writer.beginObject()
        metric(series.labels, to: &writer)
        if series.histograms.isEmpty {
            writer.key("values")
            writer.beginArray()
            for (time, value) in zip(series.times, series.values) { pair(time, GoNumber.text(value), to: &writer) }
        } else {
            writer.key("histograms")
            writer.beginArray()
            for (time, histogram) in zip(series.times, series.histograms) { self.histogram(time, histogram, to: &writer) }
        }
        writer.endArray()
        writer.endObject()
    }

    private static func metric(_ labels: LabelSet, to writer: inout JSONWriter) {
        writer.key("metric")
        self.labels(labels, to: &writer)
    }

    static func labels(_ labels: LabelSet, to writer: inout JSONWriter) {
        writer.beginObject()
        for label in labels.labels {
            writer.key(text: label.name)
            writer.value(text: label.value)
        }
        writer.endObject()
    }

    private static func pair(_ time: Int64, _ text: String, to writer: inout JSONWriter) {
        writer.beginArray()
        self.time(time, to: &writer)
        writer.value(text: text)
        writer.endArray()
    }

    /// Writes milliseconds as seconds, with three digits after the point or none.
    static func time(_ milliseconds: Int64, to writer: inout JSONWriter) {
        let (seconds, rest) = milliseconds.magnitude.quotientAndRemainder(dividingBy: 1_000)
        var text = (milliseconds < 0 ? "-" : "") + String(seconds)
        if rest > 0 { text += "." + (rest < 10 ? "00" : rest < 100 ? "0" : "") + String(rest) }
        writer.append(encoded: text.utf8)
    }

    private static func histogram(_ time: Int64, _ histogram: FloatHistogram, to writer: inout JSONWriter) {
        writer.beginArray()
        self.time(time, to: &writer)
        writer.beginObject()
        writer.key("count")
        writer.value(text: GoNumber.text(histogram.count))
        writer.key("sum")
        writer.value(text: GoNumber.text(histogram.sum))
        let buckets = histogram.listedBuckets
        if !buckets.isEmpty {
            writer.key("buckets")
            writer.beginArray()
            for bucket in buckets {
                writer.beginArray()
                writer.value(bucket.inclusion)
                writer.value(text: GoNumber.text(bucket.lower))
                writer.value(text: GoNumber.text(bucket.upper))
                writer.value(text: GoNumber.text(bucket.count))
                writer.endArray()
            }
            writer.endArray()
        }
        writer.endObject()
        writer.endArray()
    }
}
