// Users and their sessions, in the database.

import ExampleSupport
import Telemetry

/// A user as others see one: without the password.
struct Account: Sendable {
    let id: String
    let email: String
    let firstName: String
    let lastName: String
    let avatar: String?

    var json: JSONValue {
        [
            "id": .string(id), "email": .string(email), "firstName": .string(firstName), "lastName": .string(lastName),
            "avatar": avatar.map { .string($0) } ?? .null,
        ]
    }
}

extension Account {
    /// Reads the columns id, email, first_name, last_name, avatar.
    fileprivate init(_ row: DatabaseRow) throws(DatabaseError) {
        self.init(
            id: try row.text(0), email: try row.text(1), firstName: try row.text(2), lastName: try row.text(3),
            avatar: try row.optionalText(4))
    }
}

/// A session with the texts that only its client has.
struct OpenSession: Sendable {
    let claims: SessionTokens.Claims
    let refreshToken: String
    let expiry: CalendarTime
}

/// Finds and adds users, and begins, renews and ends sessions.
struct AccountStore: Sendable {
    /// How long a session lasts after its beginning or its renewal.
    static let lifetime = Duration.seconds(86_400)
    /// The sessions of one user; the oldest ends when there would be more.
    private static let maximumSessions = 100

    private static let find: DatabaseStatement =
        "SELECT id, email, first_name, last_name, avatar, password FROM users WHERE email = $1 AND is_active"
    private static let insert: DatabaseStatement =
        "INSERT INTO users (id, email, password, first_name, last_name, created_at) VALUES ($1, $2, $3, $4, $5, $6)"
    private static let insertExternal: DatabaseStatement = """
        INSERT INTO users (id, email, first_name, last_name, avatar, is_email_verified, provider, created_at)
        VALUES ($1, $2, $3, $4, $5, TRUE, $6, $7) ON CONFLICT (email) DO NOTHING
        """
    private static let findExternal: DatabaseStatement =
        "SELECT id, email, first_name, last_name, avatar FROM users WHERE email = $1 AND provider = $2 AND is_active"
    private static let begin: DatabaseStatement = """
        INSERT INTO sessions (id, user_id, session_token, refresh_token, expires_at, user_agent, ip_address, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """
    /// Sessions that have ended long ago, and those beyond the number of a user.
    private static let clean: DatabaseStatement = """
        DELETE FROM sessions WHERE user_id = $1 AND (expires_at < $2 OR id NOT IN
        (SELECT id FROM sessions WHERE user_id = $1 ORDER BY created_at DESC, id LIMIT $3))
        RETURNING session_token
        """
    private static let renew: DatabaseStatement = """
        UPDATE sessions SET refresh_token = $2, expires_at = $3 WHERE refresh_token = $1 AND is_active AND expires_at > $4
        RETURNING id, user_id, session_token, (SELECT email FROM users WHERE users.id = sessions.user_id)
        """
    private static let check: DatabaseStatement = "SELECT expires_at FROM sessions WHERE id = $1 AND is_active AND expires_at > $2"
    private static let end: DatabaseStatement = "UPDATE sessions SET is_active = FALSE WHERE id = $1"
    private static let count: DatabaseStatement = "SELECT count(*) FROM sessions WHERE is_active AND expires_at > $1"

    let database: Database
    let library: LibCrypto
    let clock: TelemetryClock

    /// Returns a user and the hash of the password, if there is one; nil without such a user.
    func account(email: String) async throws(DatabaseError) -> (account: Account, hash: String?)? {
        guard let row = try await database.rows(Self.find, .text(email.lowercased())).first else { return nil }
        return (try Account(row), try row.optionalText(5))
    }

    /// Adds a user; returns nil if the address is taken.
    func add(email: String, hash: String, firstName: String, lastName: String) async throws(DatabaseError) -> Account? {
        let account = Account(id: "\(UUID())", email: email.lowercased(), firstName: firstName, lastName: lastName, avatar: nil)
        do throws(DatabaseError) {
            _ = try await database.rows(
                Self.insert, .text(account.id), .text(account.email), .text(hash), .text(firstName), .text(lastName),
                DatabaseValue(now.microsecondsSinceEpoch))
            return account
        } catch .unique {
            return nil
        }
    }

    /// Returns the user with the profile's address, created at the first login; nil if that user logs in by other means.
    func account(of profile: OAuthProfile, by provider: String) async throws(DatabaseError) -> Account? {
        let email = profile.email.lowercased()
        _ = try await database.rows(
            Self.insertExternal, .text("\(UUID())"), .text(email), .text(profile.firstName), .text(profile.lastName),
            DatabaseValue(profile.avatar), .text(provider), DatabaseValue(now.microsecondsSinceEpoch))
        return try await database.rows(Self.findExternal, .text(email), .text(provider)).first.map { row throws(DatabaseError) in
            try Account(row)
        }
    }

    /// Begins a session of a user; returns it with the session tokens of those that have ended by that.
    func beginSession(
        of account: Account, userAgent: String?, address: String?
    ) async throws(DatabaseError) -> (session: OpenSession, ended: [String]) {
        let session = OpenSession(
            claims: .init(userID: account.id, email: account.email, sessionID: "\(UUID())", sessionToken: Self.newToken()),
            refreshToken: Self.newToken(), expiry: now.advanced(by: Self.lifetime))
        let values: [DatabaseValue] = [
            .text(session.claims.sessionID), .text(account.id), .text(session.claims.sessionToken), .text(hash(session.refreshToken)),
            DatabaseValue(session.expiry.microsecondsSinceEpoch), DatabaseValue(userAgent?.recorded), DatabaseValue(address),
            DatabaseValue(now.microsecondsSinceEpoch),
        ]
        let started = now.microsecondsSinceEpoch
        let ended = try await database.transaction { transaction async throws(DatabaseError) in
            _ = try await transaction.rows(Self.begin, values)
            return try await transaction.rows(
                Self.clean, .text(account.id), DatabaseValue(started), DatabaseValue(Self.maximumSessions))
        }
        return (session, try ended.map { row throws(DatabaseError) in try row.text(0) })
    }

    /// Gives a session another refresh token, and time; returns nil for a token that is not, or no longer, that of a session.
    ///
    /// Of two requests with the same token one gets nil: a stolen token does not stay unnoticed.
    func renewSession(_ refreshToken: String) async throws(DatabaseError) -> OpenSession? {
        let (next, expiry) = (Self.newToken(), now.advanced(by: Self.lifetime))
        let rows = try await database.rows(
            Self.renew, .text(hash(refreshToken)), .text(hash(next)), DatabaseValue(expiry.microsecondsSinceEpoch),
            DatabaseValue(now.microsecondsSinceEpoch))
        return try rows.first.map { row throws(DatabaseError) in
            OpenSession(
                claims: .init(
                    userID: try row.text(1), email: try row.text(3), sessionID: try row.text(0), sessionToken: try row.text(2)),
                refreshToken: next, expiry: expiry)
        }
    }

    /// Returns when a session ends; nil if it has ended.
    func expiry(ofSession id: String) async throws(DatabaseError) -> CalendarTime? {
        try await database.rows(Self.check, .text(id), DatabaseValue(now.microsecondsSinceEpoch)).first.map { row throws(DatabaseError) in
            CalendarTime(microsecondsSinceEpoch: try row.integer(0))
        }
    }

    func endSession(_ id: String) async throws(DatabaseError) { _ = try await database.rows(Self.end, .text(id)) }

    func countSessions() async throws(DatabaseError) -> Int {
        try await database.rows(Self.count, DatabaseValue(now.microsecondsSinceEpoch))[0].integer(0)
    }

    var now: CalendarTime { CalendarTime(clock.now) }

    private func hash(_ token: String) -> String { AWSRequestSignature.hexadecimal(library.sha256(of: Array(token.utf8))) }

    /// 244 random bits.
    private static func newToken() -> String { [UUID(), UUID()].map { "\($0)".filter { $0 != "-" } }.joined() }
}
