// The last message that was received, in Redis.

import ExampleSupport
import Telemetry

/// The last message, where many may ask for it. Without Redis, or while it is away, there is none.
struct LastMessage: Sendable {
    private static let key = "app-hello-world:last-message"
    /// What could not be replaced ends by itself.
    private static let lifetimeInSeconds = "86400"

    let redis: RedisClient?
    let log: TelemetryLogger

    func set(_ message: JSONValue) async {
        do throws(RedisError) {
            _ = try await redis?.send("SET", Self.key, message.description, "EX", Self.lifetimeInSeconds)
        } catch { log.warn("the last message is not in Redis", ["detail": .string("\(error)")]) }
    }

    func get() async -> JSONValue? {
        do throws(RedisError) {
            let text = try await redis?.send("GET", Self.key).string
            return text.flatMap { try? JSONValue(parsing: Array($0.utf8)) }
        } catch {
            log.warn("the last message was not read from Redis", ["detail": .string("\(error)")])
            return nil
        }
    }

    func close() { redis?.close() }
}
