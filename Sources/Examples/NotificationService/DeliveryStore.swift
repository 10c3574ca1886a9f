// The messages that endpoints have not got yet, in the database.

import ExampleSupport
import Synchronization
import Telemetry

/// A message for one subscription.
struct Delivery: Sendable {
    let position: Int
    var document: SNSMessage
    let traceParent: String
    let attempts: Int
    let endpoint: String
    let isRaw: Bool
    let subscription: String
    /// The base of the URLs in the message.
    let baseURL: String
}

/// Keeps messages until they are delivered.
final class DeliveryStore: Sendable {
    private static let count: DatabaseStatement = "SELECT count(*) FROM sns_deliveries"
    private static let columns = "subscription, kind, message_id, message, subject, attributes, published, trace_parent, due"
    private static let publish = DatabaseStatement(
        """
        INSERT INTO sns_deliveries (\(columns))
        SELECT arn, 'Notification', $2, $3, $4, $5, CAST($6 AS BIGINT), $7, CAST($6 AS BIGINT) FROM sns_subscriptions
        WHERE topic = $1 AND state = 'confirmed' RETURNING subscription
        """)
    private static let ask = DatabaseStatement(
        "INSERT INTO sns_deliveries (\(columns)) VALUES ($1, $2, $3, $4, NULL, '{}', $5, $6, $5)")
    /// In the order of SQLite's index, so that no more rows are read than are returned, however many wait.
    private static let find = DatabaseStatement(
        """
        SELECT d.position, d.kind, d.message_id, d.message, d.subject, d.attributes, d.published, d.trace_parent, d.attempts,
        s.endpoint, s.is_raw, s.topic, s.token, s.base_url, t.signature_version
        FROM sns_deliveries d JOIN sns_subscriptions s ON s.arn = d.subscription JOIN sns_topics t ON t.arn = s.topic
        WHERE d.subscription = $1 AND d.due <= $2 ORDER BY d.due, d.position LIMIT $3
        """)
    private static let remove: DatabaseStatement = "DELETE FROM sns_deliveries WHERE position = $1 RETURNING position"
    private static let postpone: DatabaseStatement = "UPDATE sns_deliveries SET attempts = $2, due = $3 WHERE position = $1"

    private let database: Database
    private let limit: Int
    private let clock: TelemetryClock
    /// Relaxed: the number orders nothing else.
    private let depth: Atomic<Int>

    init(_ database: Database, limit: Int, clock: TelemetryClock) async throws {
        (self.database, self.limit, self.clock) = (database, limit, clock)
        depth = Atomic(try await Context.root.suppressed.run { try await database.rows(Self.count)[0].integer(0) })
    }

    /// The messages that wait, as far as this process knows.
    var knownDepth: Int { depth.load(ordering: .relaxed) }

    var isFull: Bool { knownDepth >= limit }

    /// Finds out how many messages wait, after some have gone with their topic or subscription.
    func countAnew() async throws(DatabaseError) {
        depth.store(try await database.rows(Self.count)[0].integer(0), ordering: .relaxed)
    }

    /// Keeps a message for all confirmed subscriptions of its topic, and returns these.
    func publish(_ message: SNSMessage, at time: Timestamp) async throws(DatabaseError) -> [String] {
        let rows = try await database.rows(
            Self.publish, .text(message.topic), .text(message.id), .text(message.message), DatabaseValue(message.subject),
            .text(message.attributes.json.description), DatabaseValue(CalendarTime(time).microsecondsSinceEpoch), .text(Self.traceParent))
        depth.add(rows.count, ordering: .relaxed)
        var subscriptions: [String] = []
        for row in rows { subscriptions.append(try row.text(0)) }
        return subscriptions
    }

    /// Keeps the question whether a subscription is wanted.
    func ask(_ subscription: Subscription, _ kind: SNSMessage.Kind) async throws(DatabaseError) {
        let act = kind == .subscriptionConfirmation ? "subscribe to" : "deactivate subscription \(subscription.arn) of"
        let advice =
            kind == .subscriptionConfirmation
            ? "To confirm the subscription, visit the SubscribeURL included in this message."
            : "To cancel this operation and restore the subscription, visit the SubscribeURL included in this message."
        let message = "You have chosen to \(act) the topic \(subscription.topic).\n\(advice)"
        _ = try await database.rows(
            Self.ask, .text(subscription.arn), .text(kind.rawValue), .text("\(UUID())"), .text(message),
            DatabaseValue(CalendarTime(clock.now).microsecondsSinceEpoch), .text(Self.traceParent))
        depth.add(1, ordering: .relaxed)
    }

    /// Returns the messages of a subscription that have been due for longest, but for those that are being posted.
    ///
    /// - Parameter posted: the positions of messages that are being posted; they are in the table until that has ended.
    func due(_ subscription: String, limit: Int, except posted: Set<Int> = []) async throws(DatabaseError) -> [Delivery] {
        let now = CalendarTime(clock.now).microsecondsSinceEpoch
        let rows = try await database.rows(
            Self.find, .text(subscription), DatabaseValue(now), DatabaseValue(limit + posted.count))
        var deliveries: [Delivery] = []
        for row in rows where deliveries.count < limit {
            if posted.contains(try row.integer(0)) { continue }
            deliveries.append(try Delivery(row, subscription))
        }
        return deliveries
    }

    func remove(_ delivery: Delivery) async throws(DatabaseError) {
        depth.subtract(try await database.rows(Self.remove, DatabaseValue(delivery.position)).count, ordering: .relaxed)
    }

    func postpone(_ delivery: Delivery, by pause: Duration) async throws(DatabaseError) {
        let due = CalendarTime(clock.now).advanced(by: pause).microsecondsSinceEpoch
        _ = try await database.rows(
            Self.postpone, DatabaseValue(delivery.position), DatabaseValue(delivery.attempts + 1), DatabaseValue(due))
    }

    /// The current span, which the delivery belongs to.
    private static var traceParent: String {
        var carrier: [String: String] = [:]
        W3CTraceContextPropagator().inject(.current, into: &carrier)
        return carrier["traceparent"] ?? ""
    }
}

extension Delivery {
    fileprivate init(_ row: DatabaseRow, _ subscription: String) throws(DatabaseError) {
        self.subscription = subscription
        (position, attempts, traceParent) = (try row.integer(0), try row.integer(8), try row.text(7))
        (endpoint, isRaw, baseURL) = (try row.text(9), try row.boolean(10), try row.text(13))
        let kind = SNSMessage.Kind(rawValue: try row.text(1)) ?? .notification
        let topic = try row.text(11)
        document = SNSMessage(
            kind, id: try row.text(2), topic: topic, message: try row.text(3), subject: try row.optionalText(4),
            timestamp: CalendarTime(microsecondsSinceEpoch: try row.integer(6)).rfc3339WithMilliseconds)
        document.signatureVersion = try row.text(14)
        document.attributes = TypedMessageAttributes(json: (try? JSONValue(parsing: Array(try row.text(5).utf8))) ?? .null)
        if kind == .notification {
            document.unsubscribeURL = "\(baseURL)/?Action=Unsubscribe&SubscriptionArn=\(PercentEncoding.encode(subscription))"
        } else {
            let token = try row.text(12)
            document.token = token
            document.subscribeURL = "\(baseURL)/?Action=ConfirmSubscription&TopicArn=\(PercentEncoding.encode(topic))&Token=\(token)"
        }
    }
}
