// Topics and their subscriptions, in the database.

import ExampleSupport
import Telemetry

/// A subscription of an endpoint to a topic.
struct Subscription: Sendable {
    enum State: String {
        /// The endpoint was asked and has not confirmed.
        case pending
        case confirmed
        /// It was ended, and its endpoint can take that back.
        case ended
    }

    let arn: String
    let topic: String
    let networkProtocol: String
    let endpoint: String
    let state: State
    let isRaw: Bool

    fileprivate static let columns = "arn, topic, protocol, endpoint, state, is_raw"

    fileprivate init(_ row: DatabaseRow) throws(DatabaseError) {
        (arn, topic, networkProtocol) = (try row.text(0), try row.text(1), try row.text(2))
        endpoint = try row.text(3)
        state = State(rawValue: try row.text(4)) ?? .ended
        isRaw = try row.boolean(5)
    }
}

/// Keeps and finds topics and subscriptions.
struct TopicStore: Sendable {
    /// The most topics, and the most subscriptions of all of them: each of these has work of its own.
    static let (maximumTopics, maximumSubscriptions) = (1000, 200)
    static let account = "000000000000"
    /// The entries of a page of a list.
    static let pageSize = 100

    private static let insertTopic: DatabaseStatement =
        "INSERT INTO sns_topics (arn, signature_version) VALUES ($1, '1') ON CONFLICT (arn) DO NOTHING"
    private static let countTopics: DatabaseStatement = "SELECT count(*) FROM sns_topics"
    private static let findTopic: DatabaseStatement = "SELECT signature_version FROM sns_topics WHERE arn = $1"
    private static let listTopics: DatabaseStatement = "SELECT arn FROM sns_topics WHERE arn > $1 ORDER BY arn LIMIT $2"
    private static let setVersion: DatabaseStatement = "UPDATE sns_topics SET signature_version = $2 WHERE arn = $1 RETURNING arn"
    private static let deleteTopic: DatabaseStatement = "DELETE FROM sns_topics WHERE arn = $1"
    private static let countSubscriptions: DatabaseStatement = "SELECT count(*) FROM sns_subscriptions"
    private static let deleteEnded: DatabaseStatement = "DELETE FROM sns_subscriptions WHERE state = 'ended'"
    private static let insertSubscription = DatabaseStatement(
        """
        INSERT INTO sns_subscriptions (arn, topic, protocol, endpoint, base_url, token, state, is_raw)
        VALUES ($1, $2, $3, $4, $5, $6, 'pending', $7)
        ON CONFLICT (topic, endpoint) DO UPDATE SET base_url = excluded.base_url, is_raw = excluded.is_raw,
        state = CASE WHEN sns_subscriptions.state = 'ended' THEN 'pending' ELSE sns_subscriptions.state END
        RETURNING \(Subscription.columns)
        """)
    private static let confirm = DatabaseStatement(
        "UPDATE sns_subscriptions SET state = 'confirmed' WHERE topic = $1 AND token = $2 RETURNING \(Subscription.columns)")
    private static let end = DatabaseStatement(
        """
        UPDATE sns_subscriptions SET state = 'ended', token = $2 WHERE arn = $1 AND state <> 'ended' RETURNING \(Subscription.columns)
        """)
    private static let dropNotifications: DatabaseStatement = "DELETE FROM sns_deliveries WHERE subscription = $1"
    private static let find = DatabaseStatement("SELECT \(Subscription.columns) FROM sns_subscriptions WHERE arn = $1")
    private static let setRaw: DatabaseStatement = "UPDATE sns_subscriptions SET is_raw = $2 WHERE arn = $1 RETURNING arn"
    private static let list = DatabaseStatement(
        """
        SELECT \(Subscription.columns) FROM sns_subscriptions WHERE state <> 'ended' AND arn > $1 AND ($2 = '' OR topic = $2)
        ORDER BY arn LIMIT $3
        """)
    private static let open: DatabaseStatement = "SELECT arn FROM sns_subscriptions"

    let database: Database
    let region: String
    let clock: TelemetryClock

    /// Whether a text can be a topic's name.
    @Sendable static func isName(_ name: String) -> Bool {
        (1...256).contains(name.utf8.count)
            && name.unicodeScalars.allSatisfy { $0.isASCII && ($0.properties.isAlphabetic || "0123456789-_".unicodeScalars.contains($0)) }
    }

    /// Adds a topic unless it is there; returns its name in full, or nil if there are too many.
    func create(_ name: String) async throws(DatabaseError) -> String? {
        let arn = "arn:aws:sns:\(region):\(Self.account):\(name)"
        if try await signatureVersion(of: arn) != nil { return arn }
        guard try await database.rows(Self.countTopics)[0].integer(0) < Self.maximumTopics else { return nil }
        _ = try await database.rows(Self.insertTopic, .text(arn))
        return arn
    }

    /// The version with which messages of a topic are signed; nil without such a topic.
    func signatureVersion(of topic: String) async throws(DatabaseError) -> String? {
        try await database.rows(Self.findTopic, .text(topic)).first.map { row throws(DatabaseError) in try row.text(0) }
    }

    func setSignatureVersion(of topic: String, to version: String) async throws(DatabaseError) -> Bool {
        try await !database.rows(Self.setVersion, .text(topic), .text(version)).isEmpty
    }

    func delete(_ topic: String) async throws(DatabaseError) { _ = try await database.rows(Self.deleteTopic, .text(topic)) }

    /// Returns the topics behind a name, and whether there are more.
    func topics(after arn: String) async throws(DatabaseError) -> (arns: [String], hasMore: Bool) {
        var arns: [String] = []
        for row in try await database.rows(Self.listTopics, .text(arn), DatabaseValue(Self.pageSize + 1)) { arns.append(try row.text(0)) }
        return (Array(arns.prefix(Self.pageSize)), arns.count > Self.pageSize)
    }

    /// Adds a subscription, or finds that of the same endpoint; returns nil if there are too many.
    func subscribe(
        _ endpoint: String, _ networkProtocol: String, to topic: String, baseURL: String, isRaw: Bool
    ) async throws(DatabaseError) -> Subscription? {
        if try await database.rows(Self.countSubscriptions)[0].integer(0) >= Self.maximumSubscriptions {
            _ = try await database.rows(Self.deleteEnded)
            guard try await database.rows(Self.countSubscriptions)[0].integer(0) < Self.maximumSubscriptions else { return nil }
        }
        let rows = try await database.rows(
            Self.insertSubscription, .text("\(topic):\(UUID())"), .text(topic), .text(networkProtocol), .text(endpoint), .text(baseURL),
            .text(Self.newToken()), DatabaseValue(isRaw))
        return try rows.first.map { row throws(DatabaseError) in try Subscription(row) }
    }

    /// Confirms the subscription that has a token; returns nil without one.
    func confirm(_ token: String, of topic: String) async throws(DatabaseError) -> Subscription? {
        try await subscription(Self.confirm, .text(topic), .text(token))
    }

    /// Ends a subscription with what waits for it, and gives it another token; returns nil without one.
    func end(_ arn: String) async throws(DatabaseError) -> Subscription? {
        try await database.transaction { transaction async throws(DatabaseError) in
            _ = try await transaction.rows(Self.dropNotifications, .text(arn))
            let row = try await transaction.rows(Self.end, .text(arn), .text(Self.newToken())).first
            return try row.map { row throws(DatabaseError) in try Subscription(row) }
        }
    }

    func subscription(_ arn: String) async throws(DatabaseError) -> Subscription? { try await subscription(Self.find, .text(arn)) }

    func setRaw(_ isRaw: Bool, of subscription: String) async throws(DatabaseError) -> Bool {
        try await !database.rows(Self.setRaw, .text(subscription), DatabaseValue(isRaw)).isEmpty
    }

    /// Returns the subscriptions behind a name, of one topic or of all, and whether there are more.
    func subscriptions(of topic: String?, after arn: String) async throws(DatabaseError) -> (list: [Subscription], hasMore: Bool) {
        var list: [Subscription] = []
        for row in try await database.rows(Self.list, .text(arn), .text(topic ?? ""), DatabaseValue(Self.pageSize + 1)) {
            list.append(try Subscription(row))
        }
        return (Array(list.prefix(Self.pageSize)), list.count > Self.pageSize)
    }

    /// The names of all subscriptions to which something may have to be delivered.
    func openSubscriptions() async throws(DatabaseError) -> [String] {
        var arns: [String] = []
        for row in try await database.rows(Self.open) { arns.append(try row.text(0)) }
        return arns
    }

    private func subscription(_ statement: DatabaseStatement, _ values: DatabaseValue...) async throws(DatabaseError) -> Subscription? {
        try await database.rows(statement, values).first.map { row throws(DatabaseError) in try Subscription(row) }
    }

    /// Random digits that only the endpoint gets to know.
    private static func newToken() -> String { [UUID(), UUID()].map { "\($0)".filter { $0 != "-" } }.joined() }
}
