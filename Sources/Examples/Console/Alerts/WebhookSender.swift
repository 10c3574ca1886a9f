// Sends messages to webhooks, again and again until they are taken.

import ExampleSupport
import Synchronization
import Telemetry

/// Delivers messages; what cannot be delivered is tried again after longer and longer pauses, as long as its group allows.
final class WebhookSender: Sendable {
    /// What became of messages to one receiver.
    struct Counts: Sendable, Equatable {
        var sent = 0
        var failed = 0
        /// Requests that were tried again.
        var retried = 0
        var lastError: String?
        /// Messages on their way: in a request, before the next attempt, or before their turn.
        var waiting = 0
    }

    /// Sends one request and returns the status of the answer; with TLS if it is given.
    typealias Send = @Sendable (HTTPOutgoingRequest, ClientTLS?, Deadline) async throws(HTTPClientError) -> Int
    typealias Pause = @Sendable (Duration) async -> Bool

    /// Requests to one address at once; a message between two attempts has none.
    static let requestsOfAddress = 4
    static let stopped = "the console stops"
    private static let firstPause = Duration.milliseconds(500)
    private static let longestPause = Duration.seconds(60)

    private let client: WebhookClient?
    private let send: Send
    private let pause: Pause
    /// Each address has turns of its own, for as many messages as there are groups.
    let turns = WebhookTurns(count: requestsOfAddress, maximumWaiting: AlertDispatcher.maximumGroups)
    private let state = Mutex<[String: Counts]>([:])

    init() {
        let client = WebhookClient()
        self.client = client
        send = { (request, tls, deadline) throws(HTTPClientError) in try await client.send(request, tls, deadline) }
        pause = { duration in (try? await Task.sleep(for: duration)) != nil }
    }

    /// - Parameters:
    ///   - send: takes the place of the network, for tests.
    ///   - pause: waits between two attempts; returns false if it was interrupted.
    init(send: @escaping Send, pause: @escaping Pause) {
        client = nil
        self.send = send
        self.pause = pause
    }

    var counts: [String: Counts] { state.withLock { $0 } }

    /// Delivers a message; returns false if it was refused or could not be delivered in its time.
    func deliver(_ notification: AlertNotification) async -> Bool {
        guard let message = notification.message else { return true }
        var left = Duration.milliseconds(notification.patience)
        var wait = Self.firstPause
        let clock = ContinuousClock()
        note(notification.key.receiver) { $0.waiting += 1 }
        defer { note(notification.key.receiver) { $0.waiting -= 1 } }
        while true {
            let began = clock.now
            let (isDelivered, isWorthRetrying, reason) = await attempt(message, notification.webhook, within: left)
            left -= began.duration(to: clock.now)
            // A stop is no failure of the receiver.
            guard isDelivered || !isStopped else { return false }
            note(notification.key.receiver) { counts in
                if isDelivered { counts.sent += 1 }
                counts.lastError = reason
            }
            if isDelivered { return true }
            guard isWorthRetrying, wait <= left, await pause(wait) else {
                if !isStopped { note(notification.key.receiver) { $0.failed += 1 } }
                return false
            }
            left -= wait
            wait = min(wait * 3 / 2, Self.longestPause)
            note(notification.key.receiver) { $0.retried += 1 }
        }
    }

    private var isStopped: Bool { Task.isCancelled || turns.isClosed }

    /// Sends a message once, when it is its turn.
    private func attempt(
        _ message: WebhookMessage, _ webhook: AlertWebhook, within patience: Duration
    ) async -> (isDelivered: Bool, isWorthRetrying: Bool, reason: String?) {
        let address = webhook.url.authority
        let limit = Deadline.after(patience)
        switch await turns.begin(address, until: limit) {
        case .begun: break
        case .late: return (false, false, "its turn at \(address) did not come in time")
        case .refused: return (false, false, "too many messages wait for their turn at \(address)")
        case .closed: return (false, false, Self.stopped)
        }
        defer { turns.end(address) }
        // The body is made when it is needed: many messages may wait.
        var request = HTTPOutgoingRequest(
            method: "POST", url: webhook.url,
            headers: ["Content-Type": "application/json", "User-Agent": "swift-telemetry-console"], body: message.bytes)
        do throws(YAMLFileProblems) {
            // Secrets in files may be other ones by now.
            if let value = try webhook.authorization?.value { request.headers["Authorization"] = value }
        } catch {
            return (false, true, error.problems.first?.description ?? "a file cannot be read")
        }
        do throws(HTTPClientError) {
            let status = try await send(request, webhook.tls, min(limit, .after(.milliseconds(webhook.timeout))))
            return (status / 100 == 2, status / 100 == 5, status / 100 == 2 ? nil : "the receiver answered with status \(status)")
        } catch {
            return (false, !Task.isCancelled, "\(error)")
        }
    }

    private func note(_ receiver: String, _ change: (inout Counts) -> Void) {
        state.withLock { change(&$0[receiver, default: Counts()]) }
    }

    func stop() {
        turns.close()
        client?.shutdown()
    }
}
