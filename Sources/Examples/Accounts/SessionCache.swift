// The sessions that are open, in Redis, so that a request needs no statement.

import ExampleSupport
import Telemetry

/// Keeps sessions under `session:TOKEN` for as long as they last. Without Redis, or while it is away, the database is asked.
struct SessionCache: Sendable {
    let redis: RedisClient?
    let log: TelemetryLogger

    func add(_ claims: SessionTokens.Claims, until expiry: CalendarTime, from now: CalendarTime) async {
        let seconds = (expiry.microsecondsSinceEpoch - now.microsecondsSinceEpoch) / 1_000_000
        guard let redis, seconds > 0 else { return }
        let value: JSONValue = [
            "userId": .string(claims.userID), "sessionId": .string(claims.sessionID), "expiresAt": .string(expiry.rfc3339WithMilliseconds),
        ]
        do throws(RedisError) {
            _ = try await redis.send("SET", key(claims), value.description, "EX", "\(seconds)")
        } catch { log.warn("a session was not kept in Redis", ["detail": .string("\(error)")]) }
    }

    /// Whether Redis knows the session as open.
    func has(_ claims: SessionTokens.Claims) async -> Bool {
        do throws(RedisError) {
            guard let text = try await redis?.send("GET", key(claims)).string else { return false }
            let value = try? JSONValue(parsing: Array(text.utf8))
            return value?["sessionId"]?.stringValue == claims.sessionID && value?["userId"]?.stringValue == claims.userID
        } catch {
            log.warn("a session was not looked for in Redis", ["detail": .string("\(error)")])
            return false
        }
    }

    /// Removes a session; throws if that is not certain, since the session would stay open for whoever is asked next.
    func remove(_ claims: SessionTokens.Claims) async throws(RedisError) {
        _ = try await redis?.send("DEL", key(claims))
    }

    /// Removes sessions that have given way to newer ones.
    func remove(_ sessionTokens: [String]) async {
        guard let redis, !sessionTokens.isEmpty else { return }
        do throws(RedisError) { _ = try await redis.send((["DEL"] + sessionTokens.map(key)).map { Array($0.utf8) }) } catch {
            log.warn(
                "ended sessions may be open in Redis until they expire",
                ["count": AttributeValue(sessionTokens.count), "detail": .string("\(error)")])
        }
    }

    func close() { redis?.close() }

    private func key(_ claims: SessionTokens.Claims) -> String { key(claims.sessionToken) }

    private func key(_ sessionToken: String) -> String { "session:\(sessionToken)" }
}
