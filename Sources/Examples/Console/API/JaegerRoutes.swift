// Jaeger's query endpoints, for tools that know them.

import ExampleSupport
import Telemetry

/// Answers `/api/services`, `/api/operations`, `/api/traces` and `/api/dependencies` as Jaeger's query service does.
struct JaegerRoutes: Sendable {
    private static let defaultLimit = 20
    private static let maximumLimit = 1_500

    private let router: Router

    init(_ stores: SignalStores, _ queries: QueryRunner) {
        var router = Router(redirectsTrailingSlash: false)
        router.on("GET", "/api/services") { request async throws(Refusal) in
            try await Self.answer(queries, request, []) { (_) throws(APIError) in
                JaegerAnswer.names(Set(stores.spans.blocks.flatMap { $0.origins.services.texts }).sorted())
            }
        }
        router.on("GET", "/api/services/:service/operations") { request async throws(Refusal) in
            let service = request.parameters["service"] ?? ""
            return try await Self.answer(queries, request, []) { (_) throws(APIError) in
                JaegerAnswer.names(Set(Self.operations(stores, service, kind: nil).map(\.name)).sorted())
            }
        }
        router.on("GET", "/api/operations") { request async throws(Refusal) in
            try await Self.answer(queries, request, ["service", "spanKind"]) { (parameters) throws(APIError) in
                let kind = try parameters["spanKind"].map { (text) throws(APIError) in try Self.kind(text) }
                return JaegerAnswer.operations(Self.operations(stores, try parameters.required("service"), kind: kind))
            }
        }
        router.on("GET", "/api/traces") { request async throws(Refusal) in
            // `traceID` may be repeated, as no other parameter may.
            let ids = JaegerSearch.traceIDs(request)
            if !ids.isEmpty {
                return try await Self.answer(queries, JaegerSearch.withoutTraceIDs(request), ["prettyPrint", "raw"]) {
                    (_) throws(APIError) in
                    JaegerAnswer.traces(try ids.map { (id) throws(APIError) in try DataRoutes.trace(id, stores) })
                }
            }
            let known = [
                "service", "operation", "tags", "start", "end", "limit", "minDuration", "maxDuration", "lookback", "prettyPrint", "raw",
            ]
            return try await Self.answer(queries, request, known) { (parameters) throws(APIError) in
                let limit = try parameters.number("limit", default: Self.defaultLimit, in: 1...Self.maximumLimit)
                let blocks = stores.spans.blocks
                let evicted = stores.spans.evicted
                let search = TraceSearch(
                    blocks: blocks, term: try JaegerSearch.term(parameters), window: try JaegerSearch.window(parameters),
                    runs: stores.runNames, evicted: evicted)
                let found = search.newest(limit, before: nil, within: queries.queryTime)
                return JaegerAnswer.traces(TraceSpans.collect(found.traces.map(\.key), blocks, evicted: evicted))
            }
        }
        router.on("GET", "/api/traces/:id") { request async throws(Refusal) in
            let id = request.parameters["id"] ?? ""
            return try await Self.answer(queries, request, ["prettyPrint", "raw", "start", "end", "startTime", "endTime"]) {
                (_) throws(APIError) in
                JaegerAnswer.traces([try DataRoutes.trace(id, stores)])
            }
        }
        router.on("GET", "/api/dependencies") { request async throws(Refusal) in
            try await Self.answer(queries, request, ["endTs", "lookback", "service"]) { (parameters) throws(APIError) in
                let now = Timestamp.now.nanosecondsSinceEpoch
                let map = ServiceMap(
                    stores.spans.blocks, try JaegerSearch.dependencyWindow(parameters, now: now), now: now, within: queries.queryTime)
                return JaegerAnswer.dependencies(map, service: parameters["service"])
            }
        }
        self.router = router
    }

    /// Returns the answer to a request of this API; nil for another.
    func respond(to request: ServiceRequest) async -> ServiceResponse? {
        guard request.path.hasPrefix("/api/") else { return nil }
        if case .notFound = router.match(request) { return nil }
        return await router.respond(to: request)
    }

    /// Answers in Jaeger's form, in which errors stand in a list.
    private static func answer(
        _ queries: QueryRunner, _ request: ServiceRequest, _ known: [String],
        _ write: @escaping @Sendable (QueryParameters) throws(APIError) -> [UInt8]
    ) async throws(Refusal) -> ServiceResponse {
        do throws(Refusal) {
            return try await queries.json(request, known, write)
        } catch {
            throw Refusal(JaegerAnswer.error(error.reason, status: error.status), status: error.status, reason: error.reason)
        }
    }

    private static func kind(_ text: String) throws(APIError) -> UInt8 {
        guard let kind = SearchCondition.kinds.firstIndex(of: text.lowercased()) else {
            throw APIError(
                message: "spanKind is \"\(text.prefix(80))\"; it must be one of \(SearchCondition.kinds.joined(separator: ", ")).")
        }
        return UInt8(kind)
    }

    private static func operations(_ stores: SignalStores, _ service: String, kind: UInt8?) -> [JaegerAnswer.Operation] {
        var found: Set<JaegerAnswer.Operation> = []
        for block in stores.spans.blocks {
            guard let number = block.origins.services.texts.firstIndex(of: service) else { continue }
            var seen: Set<UInt64> = []
            for row in 0..<block.count where Int(block.serviceNumber(row)) == number {
                guard kind == nil || block.kind(row) == kind else { continue }
                guard seen.insert(UInt64(block.kind(row)) << 32 | UInt64(block.name[row])).inserted else { continue }
                found.insert(.init(name: block.nameText(row), kind: block.kind(row)))
            }
        }
        return found.sorted { ($0.name, $0.kind) < ($1.name, $1.kind) }
    }
}
