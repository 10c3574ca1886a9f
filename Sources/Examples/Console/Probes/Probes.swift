// Probes all targets of a console.

import ExampleSupport
import Synchronization
import Telemetry

/// The modules and targets of a console, and what their probes have found.
package final class Probes: Sendable {
    /// The error of a probe that was asked for by a name that no module has.
    struct UnknownModule: Error {
        let name: String
    }

    /// Probes at the same time that are asked for over HTTP, and as many more wait.
    static let maximumRequested = 16
    /// How long the beginnings of the targets are spread, so that they are not all probed at once.
    private static let spread = Duration.seconds(2)

    let modules: [String: ProbeModule]
    let targets: [ProbeTarget]
    private let store: MetricStore
    private let states: Mutex<[ProbeState]>
    /// True if something was probed since the states were saved.
    private let isChanged = Atomic(false)
    /// One thread for each target: one that hangs holds up no other.
    private let pool: WorkPool
    private let requestPool: WorkPool
    private let loops = Mutex<(all: [ScrapeLoop], tasks: [Task<Void, Never>])>(([], []))
    private let keepSpans = Mutex<@Sendable ([UInt8]) -> Void>({ _ in })

    /// - Parameter saved: what the last run has left.
    init(
        _ modules: [String: ProbeModule], _ targets: [ProbeTarget], _ store: MetricStore, saved: [UInt8]? = nil
    ) throws(StartFailure) {
        self.modules = modules
        self.targets = targets
        self.store = store
        states = Mutex(Self.restored(saved, targets))
        pool = try WorkPool(named: "console-probe", threads: max(1, targets.count), capacity: max(1, targets.count))
        requestPool = try WorkPool(named: "console-probe", threads: Self.maximumRequested, capacity: Self.maximumRequested)
    }

    /// Begins to probe.
    ///
    /// - Parameter keep: gets the spans of each probe as a request of OTLP.
    func start(archive: RunArchive? = nil, _ keep: @escaping @Sendable ([UInt8]) -> Void) {
        keepSpans.withLock { $0 = keep }
        let loops = targets.indices.compactMap { index -> ScrapeLoop? in
            guard let target = targets[index].scrapeTarget else { return nil }
            return ScrapeLoop(target, store, keep: { archive?.store($0) }) {
                [weak self] (_, _) async throws(HTTPClientError) in
                guard let self else { throw .interrupted }
                return try await self.probe(index)
            }
        }
        let tasks = loops.enumerated().map { index, loop in
            let pause = min(targets[index].interval, Self.spread) * index / max(1, targets.count)
            return Task {
                try? await Task.sleep(for: pause)
                await loop.run()
            }
        }
        self.loops.withLock { $0 = (loops, tasks) }
    }

    /// Probes all targets now, out of their turn.
    func probeAll() async {
        for loop in loops.withLock({ $0.all }) { await loop.scrape() }
    }

    /// Probes a target, and returns its page.
    private func probe(_ index: Int) async throws(HTTPClientError) -> HTTPResponse {
        let target = targets[index]
        let time = store.now
        let result: ProbeResult
        do { result = try await pool.run { target.module.run(target.target, timeout: target.timeout) } } catch {
            throw .unreachable(address: target.shown, reason: "too many probes are under way")
        }
        keep(result)
        let page = states.withLock { $0[index].take(result, of: target, at: time) }
        isChanged.store(true, ordering: .relaxed)
        return HTTPResponse(status: 200, headers: ["Content-Type": "text/plain; version=0.0.4"], body: Array(page.text.utf8))
    }

    private func keep(_ result: ProbeResult) {
        let keep = keepSpans.withLock { $0 }
        if !result.spans.isEmpty { keep(result.spans) }
    }

    /// Probes a target that a request names; the result is kept nowhere but in the trace.
    ///
    /// - Parameter timeout: the time that the scraper allows; the module's own timeout applies if it is shorter.
    func run(_ moduleName: String, _ target: String, timeout: Duration) async throws -> ProbeResult {
        guard let module = modules[moduleName] else { throw UnknownModule(name: moduleName) }
        let timeout = min(module.timeout ?? timeout, timeout)
        let result = try await requestPool.run { module.run(target, timeout: timeout) }
        keep(result)
        return result
    }

    /// What is known of each target as one that is scraped.
    var statuses: [ScrapeTargetStatus] { loops.withLock { $0.all }.map(\.status) }

    /// All targets as JSON.
    var json: JSONValue {
        let now = store.now
        let states = states.withLock { $0 }
        return ["now": .integer(now), "targets": .array(zip(targets, states).map { $1.json(of: $0, at: now) })]
    }

    /// The metrics of the last probe of each target, with its labels.
    var text: String {
        ProbePage.text(
            zip(targets, states.withLock { $0 }).compactMap { target, state in state.last.map { ($0.result.page, target.sampleLabels) } })
    }

    /// Ends all probes.
    func stop() {
        for task in loops.withLock({ $0.tasks }) { task.cancel() }
    }

    // MARK: What lasts

    /// Returns the histories as a document if they have changed since the last call.
    func changedDocument() -> [UInt8]? {
        guard isChanged.exchange(false, ordering: .relaxed) else { return nil }
        let states = states.withLock { $0 }
        let members = zip(targets, states).map { target, state -> JSONObject.Member in
            let numbers = state.history.numbers
            return .init(
                key: target.key,
                value: ["minutes": .array(numbers.minutes.map { .integer($0) }), "hours": .array(numbers.hours.map { .integer($0) })])
        }
        return Array(JSONValue.object(JSONObject(members)).description.utf8)
    }

    private static func restored(_ saved: [UInt8]?, _ targets: [ProbeTarget]) -> [ProbeState] {
        let document = saved.flatMap { try? JSONValue(parsing: $0) }
        return targets.map { target in
            func numbers(_ name: String) -> [Int64] {
                (document?[target.key]?[name]?.arrayValue ?? []).map { if case .integer(let number) = $0 { number } else { -1 } }
            }
            return ProbeState(history: AvailabilityHistory(minutes: numbers("minutes"), hours: numbers("hours")))
        }
    }
}

extension ProbeTarget {
    /// The target as one whose page is scraped, which is how the store takes it in.
    fileprivate var scrapeTarget: ScrapeTarget? {
        let query = "module=\(PercentEncoding.encode(module.name))&target=\(PercentEncoding.encode(shown))"
        guard let url = HTTPURL("http://localhost/probe?\(query)") else { return nil }
        var scraped = ScrapeTarget(url: url, job: job, interval: interval, timeout: timeout)
        scraped.name = shown
        scraped.labels = labels.merging(["module": module.name]) { own, _ in own }
        return scraped
    }
}
