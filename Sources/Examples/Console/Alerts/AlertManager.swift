// Evaluates rules, groups alerts and sends them: what Prometheus and Alertmanager do together.

package import ExampleSupport
import Synchronization
import Telemetry

/// The rules of a console with their alerts, silences and receivers.
package final class AlertManager: Sendable {
    struct State: Sendable {
        var rules: RuleSet
        var dispatcher: AlertDispatcher
        var silences = SilenceList()
        /// Changes that are not in the file yet.
        var isChanged = false
    }

    /// The settings of alerting.
    package struct Options: Sendable {
        package var groups: [RuleGroup] = []
        package var routing: AlertRouting?
        /// The address of the console for people, without a slash at its end.
        package var externalURL = ""

        package init() {}
    }

    private let engine: PromQLEngine
    private let state: Mutex<State>
    let sender: WebhookSender
    private let tasks = Mutex<Tasks>(Tasks())

    private struct Tasks {
        var loop: Task<Void, Never>?
        /// The thread of evaluations, which take long; nil before the start.
        var pool: WorkPool?
        var isStopped = false
    }

    /// - Parameter saved: what the last run has left.
    package convenience init(_ stores: SignalStores, _ options: Options, saved: [UInt8]? = nil) {
        self.init(PromQLEngine(store: stores.metrics, logs: stores.logs), options, saved: saved, sender: WebhookSender())
    }

    init(_ engine: PromQLEngine, _ options: Options, saved: [UInt8]? = nil, sender: WebhookSender) {
        self.engine = engine
        self.sender = sender
        var state = State(
            rules: RuleSet(options.groups, externalURL: options.externalURL),
            dispatcher: AlertDispatcher(options.routing ?? .none, externalURL: options.externalURL))
        if let saved { AlertSnapshot.restore(saved, to: &state, at: engine.store.now) }
        self.state = Mutex(state)
    }

    /// Begins to evaluate rules on the clock of the store.
    package func start() throws(StartFailure) {
        guard let pool = try? WorkPool(named: "console-alerts", threads: 1, capacity: 4) else {
            throw StartFailure(.unavailable, "The system gives no more threads.")
        }
        tasks.withLock { $0.pool = pool }
        let task = Task { [weak self] in
            while !Task.isCancelled, let manager = self {
                await manager.step()
                let pause = manager.pause
                try? await Task.sleep(for: pause)
            }
        }
        tasks.withLock { $0.loop = task }
    }

    var now: Int64 { engine.store.now }

    /// The time until something is due: at least a twentieth of a second, a second at most, since silences and clocks change.
    private var pause: Duration {
        let now = now
        let next = state.withLock { [$0.rules.nextDue(after: now), $0.dispatcher.nextFlush].compactMap { $0 }.min() }
        return .milliseconds(max(50, min(1_000, (next ?? now + 1_000) - now)))
    }

    /// Evaluates the groups that are due, and sends what is due.
    func step() async {
        guard let pool = tasks.withLock({ $0.pool }) else { return }
        let evaluated: Bool? = try? await pool.run { self.evaluate() }
        guard evaluated != nil else { return }
        send()
    }

    /// Evaluates the groups that are due now, on the thread of the caller; only one thread may do so at a time.
    @discardableResult
    func evaluate() -> Bool {
        let now = now
        // Queries take long and run on a copy of the rules; silences and messages go on meanwhile.
        var rules = state.withLock { $0.rules }
        let changes = rules.evaluate(at: now, engine)
        guard changes.hasEvaluated else { return false }
        let externalURL = rules.externalURL
        let alerts = (changes.firing + changes.resolved).map { Self.sent($0.alert, $0.rule, $0.interval, externalURL, now) }
        let evaluated = rules
        state.withLock { state in
            state.rules = evaluated
            state.dispatcher.take(alerts, at: now)
            state.isChanged = true
        }
        return true
    }

    private static func sent(_ alert: ActiveAlert, _ rule: AlertRule, _ interval: Int64, _ externalURL: String, _ now: Int64) -> SentAlert {
        var sent = SentAlert(
            labels: alert.labels, annotations: alert.annotations, startsAt: alert.firedAt ?? alert.activeAt, endsAt: alert.resolvedAt,
            generatorURL: link(to: rule.query, externalURL), updatedAt: now)
        // Four evaluations, or minutes, may fail.
        sent.validUntil = now + 4 * max(interval, 60_000)
        return sent
    }

    /// Returns the address of the view that shows a query.
    static func link(to query: String, _ externalURL: String) -> String { "\(externalURL)/#/metrics?q=\(encoded(query))" }

    /// Returns a text as the parameter of an address.
    private static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return text.utf8.map { byte in
            let isPlain = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || "-._~".utf8.contains(byte)
            return isPlain ? String(UnicodeScalar(byte)) : "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }.joined()
    }

    // MARK: Messages

    /// Takes the messages that are due and sends them, each in a task of its own.
    func send() {
        for notification in dueNotifications() {
            Task { [weak self] in await self?.deliver(notification) }
        }
    }

    /// Returns the messages that are due; each group has one for each webhook of its receiver at most.
    func dueNotifications() -> [AlertNotification] {
        let now = now
        guard !tasks.withLock({ $0.isStopped }) else { return [] }
        return state.withLock { state in
            state.silences.makeRoom(now)
            return state.dispatcher.flush(at: now, state.silences)
        }
    }

    /// Sends one message and takes note of what became of it.
    func deliver(_ notification: AlertNotification) async {
        let isDelivered = await sender.deliver(notification)
        state.withLock { state in
            state.dispatcher.finish(notification, isDelivered: isDelivered)
            state.isChanged = true
        }
    }

    // MARK: Silences

    func setSilence(_ silence: Silence, replacing id: String?) throws(SilenceList.Failure) -> String {
        let now = now
        let result = state.withLock { state -> Result<String, SilenceList.Failure> in
            do throws(SilenceList.Failure) {
                let id = try state.silences.set(silence, replacing: id, at: now)
                state.isChanged = true
                return .success(id)
            } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// Ends a silence; returns false if there is none of that name that has not ended.
    func expireSilence(_ id: String) -> Bool {
        let now = now
        let isExpired = state.withLock { state in
            let isExpired = state.silences.expire(id, at: now)
            state.isChanged = state.isChanged || isExpired
            return isExpired
        }
        return isExpired
    }

    /// The state at this moment.
    var snapshot: State { state.withLock { $0 } }

    /// Returns the state as a document if it has changed since the last call.
    func changedDocument() -> [UInt8]? {
        let changed: State? = state.withLock { state in
            defer { state.isChanged = false }
            return state.isChanged ? state : nil
        }
        return changed.map { AlertSnapshot.bytes(of: $0, at: now) }
    }

    /// Ends evaluations; messages on their way are given up.
    package func stop() {
        let loop = tasks.withLock { tasks in
            tasks.isStopped = true
            return tasks.loop
        }
        loop?.cancel()
        sender.stop()
    }
}
