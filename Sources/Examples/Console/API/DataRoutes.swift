// The routes of the JSON API that the page and other programs read.

import ExampleSupport
import Telemetry

/// Answers `/data/…` with what is kept of spans and log records.
struct DataRoutes: Sendable {
    /// Entries of a page of a list.
    static let maximumPage = 1_000
    private static let maximumDownloadBytes = 64 << 20

    private let router: Router
    let changes: ChangeStream

    init(
        _ stores: SignalStores, _ queries: QueryRunner, _ counts: ReceiverCounts, archive: RunArchive?, forwarder: Forwarder?,
        logStore: LogStore? = nil
    ) {
        let changes = ChangeStream(stores)
        self.changes = changes
        let queryTime = queries.queryTime
        var router = Router(redirectsTrailingSlash: false)
        router.on("GET", "/data/summary") { request async throws(Refusal) in
            try await queries.json(request, []) { (_) throws(APIError) in
                SummaryAnswer.write(stores, counts, archive, forwarder, logStore, now: .now)
            }
        }
        router.on("GET", "/data/traces") { request async throws(Refusal) in
            try await queries.respond(request, ["q", "from", "to", "limit", "before", "format"]) { (parameters) throws(APIError) in
                let format = try parameters.format()
                let search = TraceSearch(
                    blocks: stores.spans.blocks, term: try parameters.search(.traces), window: try parameters.window(),
                    runs: stores.runNames, evicted: stores.spans.evicted)
                let limit = try parameters.number("limit", default: 50, in: 1...Self.maximumPage)
                let result = search.newest(limit, before: try parameters.place(), within: queryTime)
                return format == .csv ? ListCSV.traces(result) : QueryRunner.response(json: TraceAnswer.list(result))
            }
        }
        router.on("GET", "/data/traces/:id") { request async throws(Refusal) in
            let id = request.parameters["id"] ?? ""
            return try await queries.json(request, []) { (_) throws(APIError) in
                let trace = try Self.trace(id, stores)
                return TraceAnswer.detail(trace, logs: Self.logCount(trace.key, stores))
            }
        }
        router.on("GET", "/data/traces/:id/otlp") { request async throws(Refusal) in
            let id = request.parameters["id"] ?? ""
            return try await queries.respond(request, []) { (_) throws(APIError) in
                let trace = try Self.trace(id, stores)
                let json = try TraceDownload.json(trace, maximumBytes: Self.maximumDownloadBytes)
                var response = ServiceResponse(status: 200, contentType: "application/json; charset=utf-8", body: json)
                response.headers["Content-Disposition"] = "attachment; filename=\"trace-\(trace.key.text).json\""
                return response
            }
        }
        router.on("GET", "/data/logs") { request async throws(Refusal) in
            try await queries.respond(request, ["q", "from", "to", "limit", "before", "format"]) { (parameters) throws(APIError) in
                let format = try parameters.format()
                let limit = try parameters.number("limit", default: 100, in: 1...Self.maximumPage)
                let place = try parameters.place()
                let (result, blocks): (LogSearch.Result, [LogBlock])
                if let logStore {
                    (result, blocks) = try logStore.newest(
                        try parameters.storeSearch(), try parameters.window(), limit, before: place, within: queryTime)
                } else {
                    let search = try Self.logSearch(parameters, stores)
                    (result, blocks) = (search.newest(limit, before: place, within: queryTime), search.blocks)
                }
                return format == .csv ? ListCSV.logs(result, blocks) : QueryRunner.response(json: LogAnswer.list(result, blocks))
            }
        }
        router.on("GET", "/data/logs/volume") { request async throws(Refusal) in
            try await queries.json(request, ["q", "from", "to", "steps"]) { (parameters) throws(APIError) in
                let steps = try parameters.number("steps", default: 60, in: 1...1_000)
                if let logStore {
                    return LogAnswer.volume(
                        try logStore.volume(try parameters.storeSearch(), try parameters.window(), steps: steps, within: queryTime))
                }
                let search = try Self.logSearch(parameters, stores)
                return LogAnswer.volume(
                    search.volume(steps: steps, now: Timestamp.now.nanosecondsSinceEpoch, within: queryTime))
            }
        }
        router.on("GET", "/data/logs/breakdown") { request async throws(Refusal) in
            try await queries.json(request, ["q", "by", "of", "sort", "top", "from", "to", "steps"]) { (parameters) throws(APIError) in
                try LogBreakdownAnswer.answer(parameters, stores, logStore, within: queryTime)
            }
        }
        router.on("GET", "/data/services") { request async throws(Refusal) in
            try await queries.json(request, ["from", "to", "steps"]) { (parameters) throws(APIError) in
                let (now, window) = (Timestamp.now.nanosecondsSinceEpoch, try parameters.window())
                let count = try parameters.number("steps", default: 0, in: 0...120)
                guard count == 0 || window.from > 0 else { throw APIError(message: "steps needs from, the time of the first one.") }
                let steps = count > 0 ? ServiceFigures.Steps(count, of: window, now: now) : nil
                return FigureAnswer.services(
                    ServiceFigures(stores.spans.blocks, window, steps: steps, now: now, within: queryTime))
            }
        }
        router.on("GET", "/data/map") { request async throws(Refusal) in
            try await queries.json(request, ["from", "to"]) { (parameters) throws(APIError) in
                let now = Timestamp.now.nanosecondsSinceEpoch
                return FigureAnswer.map(ServiceMap(stores.spans.blocks, try parameters.window(), now: now, within: queryTime))
            }
        }
        router.on("GET", "/data/runs") { request async throws(Refusal) in
            try await queries.respond(request, ["a", "b", "format"]) { (parameters) throws(APIError) in
                let format = try parameters.format()
                let (first, second) = (try Self.run("a", parameters, stores), try Self.run("b", parameters, stores))
                let comparison = RunComparison(first, second, stores, now: .now, within: queryTime)
                return format == .csv ? ListCSV.operations(comparison) : QueryRunner.response(json: RunAnswer.write(comparison))
            }
        }
        router.on("GET", "/data/facets") { request async throws(Refusal) in
            try await queries.json(request, ["signal", "key"]) { (parameters) throws(APIError) in
                guard let signal = SearchSignal(rawValue: try parameters.required("signal")) else {
                    throw APIError(message: "signal must be traces or logs.")
                }
                let key = parameters["key"]
                let facets =
                    switch signal {
                    case .traces: Facets(stores.spans.blocks, key: key, within: queryTime)
                    case .logs: Facets(stores.logs.blocks, key: key, within: queryTime)
                    }
                return FacetAnswer.write(facets)
            }
        }
        router.on("GET", "/data/events") { request async throws(Refusal) in
            do throws(APIError) {
                _ = try QueryParameters(request, [], now: .now)
                return try changes.response()
            } catch {
                throw Refusal(error)
            }
        }
        self.router = router
    }

    /// Returns the answer to a request of this API; nil for another.
    func respond(to request: ServiceRequest) async -> ServiceResponse? {
        guard request.path.hasPrefix("/data/") else { return nil }
        if case .notFound = router.match(request) {
            return ServiceResponse(Refusal(APIError(status: 404, message: "There is no \(request.path.prefix(200)).")))
        }
        return await router.respond(to: request)
    }

    private static func logSearch(_ parameters: QueryParameters, _ stores: SignalStores) throws(APIError) -> LogSearch {
        LogSearch(
            blocks: stores.logs.blocks, term: try parameters.search(.logs), window: try parameters.window(), runs: stores.runNames)
    }

    /// Returns the run that a parameter names.
    private static func run(_ name: String, _ parameters: QueryParameters, _ stores: SignalStores) throws(APIError) -> SignalStores.Run {
        let id = try parameters.required(name)
        guard let run = stores.runs.first(where: { $0.id == id }) else {
            throw APIError(status: 404, message: "\(name) is \"\(id.prefix(80))\"; no run of this name is kept. /data/summary lists them.")
        }
        return run
    }

    /// Returns the kept spans of a trace.
    static func trace(_ id: String, _ stores: SignalStores) throws(APIError) -> TraceSpans {
        guard let key = TraceKey(hexadecimal: id) else {
            throw APIError(message: "\"\(id.prefix(80))\" is no trace identifier, which has 32 hexadecimal digits.")
        }
        let spans = TraceSpans.collect([key], stores.spans.blocks, evicted: stores.spans.evicted)[0]
        guard !spans.places.isEmpty else {
            throw APIError(
                status: 404, message: "No span of trace \(key.text) is kept; it was not received, or it made room for later ones.")
        }
        return spans
    }

    private static func logCount(_ key: TraceKey, _ stores: SignalStores) -> Int {
        stores.logs.blocks.reduce(0) { count, block in
            count + (0..<block.count).count { block.traceKey($0) == key }
        }
    }
}
