// The routes of metrics: Prometheus' API and the JSON that the page reads.

package import ExampleSupport
import Telemetry

/// Answers `/api/v1/…` and `/data/metrics…`.
package struct MetricRoutes: Sendable {
    /// Steps of a heat map.
    private static let maximumSteps = 2_000
    /// Queries that may wait; further ones are refused.
    private static let capacity = 64

    private let store: MetricStore
    private let prometheus: PromQLRoutes
    private let pool: WorkPool?

    /// - Parameters:
    ///   - logs: the records that `log_count` counts.
    ///   - targets: tells of the targets that are scraped.
    package init(
        _ store: MetricStore, logs: BlockStore<LogBlock>? = nil, targets: (@Sendable () -> [ScrapeTargetStatus])? = nil,
        queryTime: Duration = QueryLimits().time
    ) {
        self.store = store
        prometheus = PromQLRoutes(store: store, logs: logs, targets: targets, queryTime: queryTime)
        pool = try? WorkPool(named: "console-metrics", threads: 1, capacity: Self.capacity)
    }

    /// Answers a request, or returns nil if it is not for metrics.
    package func respond(to request: ServiceRequest) async -> ServiceResponse? {
        let isPrometheus = request.path.hasPrefix("/api/v1/")
        guard isPrometheus || request.path == "/data/metrics" || request.path.hasPrefix("/data/metrics/") else { return nil }
        let routes = self
        // A query takes a processor for long; the threads of tasks are for all that the console does.
        let response = try? await pool?.run {
            isPrometheus ? routes.prometheus.answer(request) : routes.data(request)
        }
        return response ?? (isPrometheus ? PromQLAnswer.failure(503, "unavailable", APIError.busy.message) : Self.refusal(.busy))
    }

    private static func refusal(_ error: APIError) -> ServiceResponse { .init(Refusal(error)) }

    private func data(_ request: ServiceRequest) -> ServiceResponse {
        guard request.method == "GET" || request.method == "HEAD" else {
            var response = Self.refusal(APIError(status: 405, message: "The method is \(request.method); it must be GET."))
            response.headers["Allow"] = "GET"
            return response
        }
        do throws(APIError) {
            let parts = request.path.dropFirst("/data/metrics".count).split(separator: "/")
            switch (parts.count, parts.last) {
            case (0, _): return try list(request)
            case (2, "exemplars"): return try exemplars(parts[0].percentDecoded, request)
            case (2, "heatmap"): return try heatmap(parts[0].percentDecoded, request)
            default: throw APIError(status: 404, message: "There is no \(request.path.prefix(200)).")
            }
        } catch {
            return Self.refusal(error)
        }
    }

    private func parameters(_ request: ServiceRequest, _ known: [String]) throws(APIError) -> QueryParameters {
        try QueryParameters(request, known, now: Timestamp(nanosecondsSinceEpoch: UInt64(store.now) * 1_000_000))
    }

    private static func json(_ write: (inout JSONWriter) -> Void) -> ServiceResponse {
        var writer = JSONWriter()
        writer.beginObject()
        write(&writer)
        writer.endObject()
        return ServiceResponse(status: 200, contentType: "application/json; charset=utf-8", body: writer.bytes)
    }

    private static func missing(_ name: String) -> APIError {
        APIError(status: 404, message: "There is no metric \"\(name.prefix(200))\".")
    }

    // MARK: The list

    private func list(_ request: ServiceRequest) throws(APIError) -> ServiceResponse {
        let summaries = store.summaries(containing: try parameters(request, ["q"])["q"] ?? "")
        let exemplars = store.exemplarCounts
        return Self.json { writer in
            writer.key("metrics")
            writer.beginArray()
            for summary in summaries { Self.write(summary, to: &writer) }
            writer.endArray()
            writer.key("exemplars")
            writer.beginObject()
            writer.key("kept")
            writer.value(exemplars.kept, isQuoted: true)
            writer.key("evicted")
            writer.value(exemplars.evicted, isQuoted: true)
            writer.endObject()
        }
    }

    private static func write(_ summary: MetricSummary, to writer: inout JSONWriter) {
        let family = summary.family
        writer.beginObject()
        writer.key("name")
        writer.value(text: family.name)
        writer.key("promName")
        writer.value(text: family.prometheusName)
        writer.key("type")
        writer.value(text: family.kind.rawValue)
        writer.key("isMonotonic")
        writer.value(family.isMonotonic)
        writer.key("temporality")
        writer.value(text: family.temporality)
        writer.key("unit")
        writer.value(text: family.unit)
        writer.key("description")
        writer.value(text: family.description)
        writer.key("series")
        writer.value(summary.series)
        writer.key("points")
        writer.value(summary.points, isQuoted: true)
        writer.key("attributes")
        writer.beginArray()
        for name in summary.attributes.sorted() { writer.value(text: name) }
        writer.endArray()
        writer.key("services")
        writer.beginArray()
        for name in summary.services.sorted() { writer.value(text: name) }
        writer.endArray()
        writer.key("exemplars")
        writer.value(family.exemplars)
        writer.key("last")
        writer.value(nanoseconds(summary.last ?? 0), isQuoted: true)
        writer.endObject()
    }

    private static func nanoseconds(_ milliseconds: Int64) -> UInt64 { UInt64(max(0, milliseconds)) * 1_000_000 }

    // MARK: Exemplars

    private func exemplars(_ name: String, _ request: ServiceRequest) throws(APIError) -> ServiceResponse {
        let window = try parameters(request, ["from", "to"]).window()
        guard let exemplars = store.exemplars(ofMetric: name, from: window.from, to: window.to) else { throw Self.missing(name) }
        return Self.json { writer in
            writer.key("exemplars")
            writer.beginArray()
            for exemplar in exemplars {
                writer.beginObject()
                writer.key("time")
                writer.value(exemplar.time.nanosecondsSinceEpoch, isQuoted: true)
                writer.key("value")
                writer.value(exemplar.value)
                writer.key("traceId")
                writer.value(text: exemplar.traceID)
                writer.key("spanId")
                writer.value(text: exemplar.spanID)
                writer.key("attributes")
                MetricJSON.attributes(exemplar.attributes, to: &writer)
                writer.key("labels")
                PromQLAnswer.labels(exemplar.series, to: &writer)
                writer.endObject()
            }
            writer.endArray()
        }
    }

    // MARK: Heat maps

    private func heatmap(_ name: String, _ request: ServiceRequest) throws(APIError) -> ServiceResponse {
        let parameters = try parameters(request, ["from", "to", "step", "filter"])
        guard let family = store.families.first(where: { $0.isNamed(name) }) else { throw Self.missing(name) }
        guard family.kind == .histogram || family.kind == .exponentialHistogram else {
            throw APIError(message: "\(name.prefix(200)) is a \(family.kind.rawValue); a heat map is of a histogram.")
        }
        let window = try parameters.window()
        let end = min(Int64(clamping: window.to / 1_000_000), store.now)
        let start = window.from == 0 ? end - 900_000 : Int64(clamping: window.from / 1_000_000)
        guard start < end else { throw APIError(message: "from must be before to and before now.") }
        let step = try Self.step(parameters["step"], from: start, to: end)
        let count = Int((end - start + step - 1) / step)
        var matchers = try Self.filter(parameters["filter"])
        let suffix = family.kind == .histogram ? "_bucket" : ""
        matchers.append(LabelMatcher(name: LabelSet.nameLabel, test: .equal(family.prometheusName + suffix)))
        let samples: SampleWindow
        do throws(MetricStore.TooManySamples) {
            // The last point before the first step is what its increase is counted from.
            samples = try store.window(
                of: matchers, after: start - max(step, QueryLimits().lookback), through: end, limit: QueryLimits().samples)
        } catch {
            throw APIError(message: "The heat map would read more than \(error.limit) samples; choose a shorter time.")
        }
        let map = Heatmap(samples, from: start, step: step, count: count)
        return Self.json { writer in
            writer.key("times")
            writer.beginArray()
            for time in map.times { writer.value(Self.nanoseconds(time), isQuoted: true) }
            writer.endArray()
            writer.key("bounds")
            writer.beginArray()
            for bound in map.bounds {
                if bound.isFinite { writer.value(bound) } else { writer.value(text: GoNumber.text(bound)) }
            }
            writer.endArray()
            writer.key("counts")
            writer.beginArray()
            for row in map.counts {
                writer.beginArray()
                for count in row { writer.append(encoded: GoNumber.text(count).utf8) }
                writer.endArray()
            }
            writer.endArray()
        }
    }

    /// Returns a step in milliseconds; without one there are 60.
    private static func step(_ text: String?, from start: Int64, to end: Int64) throws(APIError) -> Int64 {
        guard let text else { return max(1, (end - start + 59) / 60) }
        let tokens = try? PromQLLexer.tokens(of: text)
        var step: Int64 = 0
        switch tokens?.first?.kind {
        case .duration(let milliseconds)? where tokens?.count == 2: step = milliseconds
        case .number(let seconds)? where tokens?.count == 2 && seconds < 1e12: step = Int64(seconds * 1_000)
        default: break
        }
        guard step > 0, (end - start) / step < maximumSteps else {
            throw APIError(
                message: "step is \"\(text.prefix(80))\"; it must be a duration such as 15s, which gives at most \(maximumSteps) steps.")
        }
        return step
    }

    /// Returns the conditions of a filter such as `{http_route="/albums"}`.
    private static func filter(_ text: String?) throws(APIError) -> [LabelMatcher] {
        guard let text else { return [] }
        let selector = text.hasPrefix("{") ? "_" + text : "_{" + text + "}"
        do throws(PromQLError) {
            return try PromQLParser.matchers(selector).filter { $0.name != LabelSet.nameLabel }
        } catch {
            throw APIError(message: "filter is \"\(text.prefix(200))\": \(error.message(for: selector))")
        }
    }
}
