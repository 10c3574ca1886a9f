// The routes of the ledger: OTLP for spaceports, JSON for queries.

import ExampleSupport
import Telemetry

/// The handlers of the ledger.
struct LedgerRoutes: Sendable {
    /// The largest request of a spaceport, plain or decompressed: a batch of 512 events has some 200 KB.
    static let maximumRequestBytes = 4 << 20

    private let store: LedgerStore
    private let intake = OTLPIntake("ledger", maximumBytes: maximumRequestBytes)
    private let log: TelemetryLogger
    private let recorded: Counter<Int>
    private let duplicates: BoundCounter<Int>
    private let rejections: BoundCounter<Int>

    init(_ store: LedgerStore, _ telemetry: ServiceTelemetry) {
        self.store = store
        log = telemetry.log
        let meter = telemetry.meter
        recorded = meter.counter("ledger.events", unit: "{event}", description: "Events that were received, by outcome, repeated ones too.")
        duplicates = meter.counter(
            "ledger.events.duplicate", unit: "{event}", description: "Events that were there already when they were received."
        ).bind()
        rejections = meter.counter(
            "ledger.events.rejected", unit: "{event}", description: "Events without an attribute that they must have."
        ).bind()
        for counter in [duplicates, rejections] { counter.add(0) }
    }

    var router: Router {
        // The paths of OTLP are exact: senders are not redirected.
        var router = Router(redirectsTrailingSlash: false)
        router.on("POST", "/v1/logs") { request in await intake.answer(request, .logs) { await keep($0) } }
        router.on("GET", "/events") { request throws(Refusal) in try await events(request) }
        router.on("GET", "/totals") { request throws(Refusal) in try await totals(request) }
        return router
    }

    /// Keeps the events among the records of a request; records that are no events are none of the ledger's business.
    private func keep(_ request: OTLPReceivedRequest) async -> OTLPIntake.Outcome {
        var entries: [LedgerEntry] = []
        var (rejected, reason) = (0, "")
        request.forEachLogRecord { record in
            do throws(SpaceportEvent.Invalid) {
                if let entry = try LedgerEntry(record) { entries.append(entry) }
            } catch {
                rejected += 1
                reason = error.description
            }
        }
        do throws(DatabaseError) {
            let added = try await store.add(entries)
            for entry in entries { recorded.add(1, ["outcome": entry.event.outcome.rawValue]) }
            duplicates.add(entries.count - added)
        } catch {
            // The sender keeps its events and sends them again.
            let (count, detail) = (entries.count, "\(error)")
            Context.root.run { log.error("events were not recorded", ["events": count, "detail": .string(detail)]) }
            return .unavailable("The ledger cannot record them now: its database is unavailable.")
        }
        if rejected > 0 {
            rejections.add(rejected)
            Context.root.run { log.warn("events were rejected", ["events": rejected, "detail": .string(reason)]) }
        }
        return .kept(rejected: rejected, reason: reason)
    }

    private func events(_ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        let query = try LedgerQuery(request, isPaged: true)
        let page: (entries: [LedgerEntry], next: String?)
        do { page = try await store.entries(query) } catch { throw Refusal(unavailable: error) }
        return .json(["events": .array(page.entries.map(\.json)), "next": page.next.map { .string($0) } ?? .null])
    }

    private func totals(_ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        let query = try LedgerQuery(request, isPaged: false)
        let totals: [(port: String, outcome: String, count: Int)]
        do { totals = try await store.totals(query) } catch { throw Refusal(unavailable: error) }
        /// Returns a member for each outcome, those that did not happen included.
        func members(_ port: String?) -> [JSONObject.Member] {
            SpaceportEvent.Outcome.allCases.map { outcome in
                let counts = totals.filter { $0.outcome == outcome.rawValue && (port == nil || $0.port == port) }
                return .init(key: outcome.rawValue, value: .integer(Int64(counts.reduce(0) { $0 + $1.count })))
            }
        }
        let names = totals.map(\.port).reduce(into: [String]()) { if $0.last != $1 { $0.append($1) } }
        let ports = JSONObject(names.map { .init(key: $0, value: .object(JSONObject(members($0)))) })
        return .json(.object(JSONObject(members(nil) + [.init(key: "ports", value: .object(ports))])))
    }
}

/// Leaves the intake out of traces and log lines: requests of spaceports are frequent and all alike, each about events of many traces.
struct UntracedIntake: RequestLayer {
    func context(of request: ServiceRequest, _ context: Context) -> Context {
        request.path == "/v1/logs" ? Context.root.suppressed : context
    }
}
