// Prometheus' HTTP API.

import ExampleSupport
import Telemetry

/// Answers `/api/v1/…` as Prometheus does, so that tools which know it can read the store.
struct PromQLRoutes: Sendable {
    /// Bytes of an answer.
    private static let maximumAnswerBytes = 16 << 20
    /// Series, names and values of one answer.
    private static let maximumEntries = 50_000

    let store: MetricStore
    let logs: BlockStore<LogBlock>?
    let targets: (@Sendable () -> [ScrapeTargetStatus])?
    /// How long a query may take; a request may ask for less.
    let queryTime: Duration

    /// Returns the answer to a request whose path is below `/api/v1/`.
    func answer(_ request: ServiceRequest) -> ServiceResponse {
        let path = String(request.path.dropFirst("/api/v1/".count))
        guard request.method == "GET" || request.method == "POST" else {
            var response = PromQLAnswer.failure(405, "bad_data", "the method is \(request.method); it must be GET or POST")
            response.headers["Allow"] = "GET, POST"
            return response
        }
        var query = ""
        do throws(PromQLError) {
            let parameters = try PromQLParameters(request)
            query = parameters["query"] ?? ""
            return try answer(path, parameters)
        } catch {
            return PromQLAnswer.failure(error, of: query)
        }
    }

    private func answer(_ path: String, _ parameters: PromQLParameters) throws(PromQLError) -> ServiceResponse {
        switch path {
        case "query": return try instantQuery(parameters)
        case "query_range": return try rangeQuery(parameters)
        case "series": return try series(parameters)
        case "labels": return try labels(parameters)
        case "metadata": return try metadata(parameters)
        case "query_exemplars": return try exemplars(parameters)
        case "status/buildinfo": return try buildInformation()
        case "targets": return try scrapeTargets()
        default: break
        }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count == 3, parts[0] == "label", parts[2] == "values" { return try values(of: parts[1].percentDecoded, parameters) }
        return PromQLAnswer.failure(
            404, "not_found",
            "there is no /api/v1/\(path.prefix(200)); the console has query, query_range, series, labels, label/{name}/values, metadata,"
                + " query_exemplars, targets and status/buildinfo")
    }

    private func engine(_ parameters: PromQLParameters) throws(PromQLError) -> PromQLEngine {
        var engine = PromQLEngine(store: store, logs: logs)
        engine.limits.time = queryTime
        if let timeout = try parameters.duration("timeout") { engine.limits.time = min(engine.limits.time, .milliseconds(max(0, timeout))) }
        if let lookback = try parameters.duration("lookback_delta"), lookback > 0 { engine.limits.lookback = lookback }
        return engine
    }

    private func instantQuery(_ parameters: PromQLParameters) throws(PromQLError) -> ServiceResponse {
        let time = try parameters.time("time") ?? store.now
        let result = try engine(parameters).query(try parameters.required("query"), at: time)
        return try answer(result)
    }

    private func rangeQuery(_ parameters: PromQLParameters) throws(PromQLError) -> ServiceResponse {
        let (start, end) = (try parameters.requiredTime("start"), try parameters.requiredTime("end"))
        guard let step = try parameters.duration("step") else {
            throw PromQLParameters.invalid("step", "cannot parse \"\" to a valid duration")
        }
        let result = try engine(parameters).query(try parameters.required("query"), from: start, to: end, step: step)
        return try answer(result)
    }

    private func answer(_ result: QueryResult) throws(PromQLError) -> ServiceResponse {
        try PromQLAnswer.success { (writer) throws(PromQLError) in
            try PromQLAnswer.write(result, to: &writer, maximumBytes: Self.maximumAnswerBytes)
        }
    }

    // MARK: Series and labels

    private func range(_ parameters: PromQLParameters) throws(PromQLError) -> (start: Int64, end: Int64) {
        let (start, end) = (try parameters.time("start") ?? .min, try parameters.time("end") ?? .max)
        guard start <= end else { throw PromQLParameters.invalid("end", "end timestamp must not be before start timestamp") }
        return (start, end)
    }

    private func series(_ parameters: PromQLParameters) throws(PromQLError) -> ServiceResponse {
        let (start, end) = try range(parameters)
        let selectors = try parameters.selectors()
        guard !selectors.isEmpty else { throw .badData("no match[] parameter provided") }
        let limit = try parameters.limit(Self.maximumEntries)
        let found = store.labelSets(of: selectors, from: start, to: end)
        return try PromQLAnswer.success { writer in
            writer.beginArray()
            for labels in found.prefix(limit) { PromQLAnswer.labels(labels, to: &writer) }
            writer.endArray()
        }
    }

    private func labels(_ parameters: PromQLParameters) throws(PromQLError) -> ServiceResponse {
        let (start, end) = try range(parameters)
        return try list(store.labelNames(of: try parameters.selectors(), from: start, to: end), parameters)
    }

    private func values(of name: String, _ parameters: PromQLParameters) throws(PromQLError) -> ServiceResponse {
        guard !name.isEmpty else { throw .badData("invalid label name: \"\"") }
        let (start, end) = try range(parameters)
        return try list(store.labelValues(name, of: try parameters.selectors(), from: start, to: end), parameters)
    }

    private func list(_ texts: [String], _ parameters: PromQLParameters) throws(PromQLError) -> ServiceResponse {
        let limit = try parameters.limit(Self.maximumEntries)
        return try PromQLAnswer.success { writer in
            writer.beginArray()
            for text in texts.prefix(limit) { writer.value(text: text) }
            writer.endArray()
        }
    }

    private func metadata(_ parameters: PromQLParameters) throws(PromQLError) -> ServiceResponse {
        let wanted = parameters["metric"]
        let limit = try parameters.limit(Self.maximumEntries)
        var families: [String: [MetricFamily]] = [:]
        for family in store.families where wanted == nil || family.prometheusName == wanted {
            families[family.prometheusName, default: []].append(family)
        }
        return try PromQLAnswer.success { writer in
            writer.beginObject()
            for (name, entries) in families.sorted(by: { $0.key < $1.key }).prefix(limit) {
                writer.key(text: name)
                writer.beginArray()
                for family in entries {
                    writer.beginObject()
                    writer.key("type")
                    writer.value(text: family.prometheusType)
                    writer.key("help")
                    writer.value(text: family.description)
                    writer.key("unit")
                    writer.value(text: family.unit)
                    writer.endObject()
                }
                writer.endArray()
            }
            writer.endObject()
        }
    }

    private func exemplars(_ parameters: PromQLParameters) throws(PromQLError) -> ServiceResponse {
        let (start, end) = try range(parameters)
        let expression = try PromQLParser.parse(try parameters.required("query"))
        var found: [LabelSet: [MetricExemplar]] = [:]
        var seen: Set<String> = []
        for selector in expression.selectors where seen.insert(selector.matchers.map(\.description).joined(separator: ",")).inserted {
            for exemplar in store.exemplars(of: selector.matchers, from: start, to: end) {
                if found[exemplar.series]?.contains(exemplar) != true { found[exemplar.series, default: []].append(exemplar) }
            }
        }
        return try PromQLAnswer.success { writer in
            writer.beginArray()
            for (labels, exemplars) in found.sorted(by: { $0.key < $1.key }) {
                writer.beginObject()
                writer.key("seriesLabels")
                PromQLAnswer.labels(labels, to: &writer)
                writer.key("exemplars")
                writer.beginArray()
                for exemplar in exemplars { Self.write(exemplar, to: &writer) }
                writer.endArray()
                writer.endObject()
            }
            writer.endArray()
        }
    }

    private static func write(_ exemplar: MetricExemplar, to writer: inout JSONWriter) {
        var labels = exemplar.attributes.map { LabelSet.Label($0.key, PrometheusLabelMaker.text($0.value)) }
        labels += [.init("trace_id", exemplar.traceID), .init("span_id", exemplar.spanID)]
        writer.beginObject()
        writer.key("labels")
        PromQLAnswer.labels(LabelSet(labels), to: &writer)
        writer.key("value")
        writer.value(text: GoNumber.text(exemplar.value))
        writer.key("timestamp")
        PromQLAnswer.time(exemplar.milliseconds, to: &writer)
        writer.endObject()
    }

    // MARK: The server

    private func buildInformation() throws(PromQLError) -> ServiceResponse {
        try PromQLAnswer.success { writer in
            writer.beginObject()
            writer.key("version")
            writer.value(text: SDK.version)
            // Readers expect all of Prometheus' fields.
            for name in ["revision", "branch", "buildUser", "buildDate", "goVersion"] {
                writer.key(text: name)
                writer.value(text: "")
            }
            writer.key("application")
            writer.value(text: "swift-telemetry console")
            writer.endObject()
        }
    }

    private func scrapeTargets() throws(PromQLError) -> ServiceResponse {
        let statuses = targets?() ?? []
        return try PromQLAnswer.success { writer in
            writer.beginObject()
            writer.key("activeTargets")
            writer.beginArray()
            for status in statuses { status.write(to: &writer) }
            writer.endArray()
            writer.key("droppedTargets")
            writer.beginArray()
            writer.endArray()
            writer.endObject()
        }
    }
}
