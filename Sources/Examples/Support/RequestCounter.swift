// The counts behind a rate limit.

import Synchronization
import Telemetry

/// Counts requests for each client and window.
package protocol RequestCounter: Sendable {
    /// Counts one request, and returns how many the client has sent in that window.
    func add(client: String, window: Int) async -> Int
}

/// Counts in the memory of the process, in the newest window only.
package final class MemoryRequestCounter: RequestCounter {
    /// The clients that are counted apart, some 10 MB. More of them share one count: a client that sends from ever new addresses must not
    /// fill the memory, nor get around the limit.
    static let maximumClients = 65_536

    private struct State {
        var window = 0
        var counts: [String: Int] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    package func add(client: String, window: Int) -> Int {
        state.withLock { state in
            if state.window != window { state = State(window: window) }
            let isCounted = state.counts.count < Self.maximumClients || state.counts[client] != nil
            let key = isCounted ? client : "others"
            let count = state.counts[key, default: 0] + 1
            state.counts[key] = count
            return count
        }
    }
}

extension Database {
    /// Returns the counter for the rate limit of a service: in the database if replicas share it, in memory else.
    ///
    /// The migrations of a database that replicas share include ``RateLimit/migration``.
    ///
    /// - Parameter patience: how long a request waits for its count; while the database is away, its route will wait as well.
    package func requestCounter(for service: String, patience: Duration = .milliseconds(250)) -> any RequestCounter {
        isShared ? DatabaseRequestCounter(service: service, patience: patience, self) : MemoryRequestCounter()
    }
}

/// Counts in a database that replicas share; while it is away, each replica counts in its memory.
private final class DatabaseRequestCounter: RequestCounter {
    private static let add = DatabaseStatement(
        """
        INSERT INTO "RateLimit" ("service", "client", "window", "count") VALUES ($1, $2, $3, 1)
        ON CONFLICT ("service", "client") DO UPDATE SET
        "count" = CASE WHEN "RateLimit"."window" = excluded."window" THEN "RateLimit"."count" + 1 ELSE 1 END,
        "window" = excluded."window" RETURNING "count"
        """)
    /// Replicas that delete at the same time do not wait for each other.
    private static let deleteOld = DatabaseStatement(
        """
        DELETE FROM "RateLimit" WHERE ctid = ANY (ARRAY(SELECT ctid FROM "RateLimit"
        WHERE "service" = $1 AND "window" < $2 LIMIT \(deletedAtOnce) FOR UPDATE SKIP LOCKED)) RETURNING 1
        """)
    /// Few enough for the time of one statement: all clients of a busy window together could take longer, and would stay for ever.
    private static let deletedAtOnce = 1000

    private let service: String
    private let patience: Duration
    private let database: Database
    private let memory = MemoryRequestCounter()
    private let cleanedWindow = Mutex(0)

    init(service: String, patience: Duration, _ database: Database) {
        self.service = service
        self.patience = patience
        self.database = database
    }

    func add(client: String, window: Int) async -> Int {
        forgetClients(before: window)
        do throws(DatabaseError) {
            let rows = try await database.rows(
                Self.add, [.text(service), .text(client), DatabaseValue(window)], within: patience)
            guard let row = rows.first else { return memory.add(client: client, window: window) }
            return try row.integer(0)
        } catch {
            return memory.add(client: client, window: window)
        }
    }

    /// Has the first request of a window remove the clients of those before, so that the table is as long as one window's list. No request
    /// waits for that, and where it fails the next window goes on.
    private func forgetClients(before window: Int) {
        let isFirst = cleanedWindow.withLock { cleaned in
            defer { cleaned = window }
            return cleaned != window
        }
        guard isFirst else { return }
        let parameters: [DatabaseValue] = [.text(service), DatabaseValue(window)]
        Task { [database] in
            await Context.root.suppressed.run {
                while let deleted = try? await database.rows(Self.deleteOld, parameters), deleted.count == Self.deletedAtOnce {}
            }
        }
    }
}
