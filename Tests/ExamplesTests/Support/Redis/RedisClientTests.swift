// The client of Redis against Debian's server, with a password and an append-only file.

import Synchronization
import Telemetry
import Testing

@testable import ExampleSupport

@Suite(.enabled(if: RedisServer.program != nil, "redis-server is installed")) struct RedisClientTests {
    private func client(
        _ server: RedisServer, _ memory: InMemorySpanExporter = InMemorySpanExporter(), _ change: (inout RedisSettings) -> Void = { _ in }
    ) throws -> RedisClient {
        var settings = RedisSettings(host: "127.0.0.1")
        settings.port = server.port
        settings.password = RedisServer.password
        // The server may still start, and other tests may occupy the processors for long.
        (settings.timeout, settings.outagePatience) = (.seconds(60), .seconds(60))
        change(&settings)
        return try RedisClient(settings, ServiceHarness.telemetry("service", memory))
    }

    @Test func commandsOfManyTasksAreAnsweredInOrder() async throws {
        let folder = try TemporaryDirectory()
        let server = try RedisServer(folder: folder.path)
        defer { withExtendedLifetime(server) {} }
        let client = try client(server)
        #expect(try await client.send("SET", "greeting", "Grüße\r\n") == .text("OK"))
        #expect(try await client.send("GET", "greeting").string == "Grüße\r\n")
        #expect(try await client.send("GET", "nothing") == .null)
        #expect(try await client.send([Array("SET".utf8), Array("bytes".utf8), [0, 255, 13, 10]]) == .text("OK"))
        #expect(try await client.send("GET", "bytes") == .bytes([0, 255, 13, 10]))
        _ = try await client.send("HSET", "hash", "a", "1")
        #expect(try await client.send("HGETALL", "hash") == .map([.bytes([0x61]), .bytes([0x31])]), "RESP3 has maps.")
        // Each answer belongs to its own command, however they are mixed.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<500 {
                group.addTask {
                    let echo = try await client.send("ECHO", "\(number)")
                    #expect(echo.string == "\(number)")
                }
                group.addTask { _ = try await client.send("INCR", "counter") }
            }
            try await group.waitForAll()
        }
        #expect(try await client.send("GET", "counter").string == "500")
    }

    @Test func databasesAreApart() async throws {
        let folder = try TemporaryDirectory()
        let server = try RedisServer(folder: folder.path)
        let (first, second) = (try client(server), try client(server) { $0.database = 3 })
        _ = try await first.send("SET", "key", "first")
        #expect(try await second.send("GET", "key") == .null)
    }

    @Test func commandIsAClientSpanWithoutArguments() async throws {
        let folder = try TemporaryDirectory()
        let memory = InMemorySpanExporter()
        let server = try RedisServer(folder: folder.path)
        let client = try client(server, memory)
        _ = try await client.send("set", "secret key", "secret value")
        await #expect(throws: RedisError.refused(code: "WRONGTYPE", "WRONGTYPE Operation against a key holding the wrong kind of value")) {
            try await client.send("LPUSH", "secret key", "x")
        }
        let spans = memory.finishedSpans
        #expect(
            spans.map(\.name) == ["SET 127.0.0.1:\(server.port)", "LPUSH 127.0.0.1:\(server.port)"]
                && spans.allSatisfy { $0.kind == .client })
        #expect(
            spans.first?.attributes == [
                "db.system.name": "redis", "db.namespace": "0", "db.operation.name": "SET", "db.query.text": "SET ? ?",
                "server.address": "127.0.0.1", "server.port": AttributeValue(server.port),
            ])
        #expect(spans.last?.attributes["db.response.status_code"] == "WRONGTYPE" && spans.last?.attributes["error.type"] == "WRONGTYPE")
    }

    @Test func wrongPasswordIsRefusedAtOnceWithTheServersReason() async throws {
        let folder = try TemporaryDirectory()
        let server = try RedisServer(folder: folder.path)
        _ = try await client(server).send("PING")
        let stranger = try client(server) { $0.password = "guess" }
        do {
            _ = try await stranger.send("PING")
            Issue.record("The password is wrong.")
        } catch {
            #expect(error.description.contains("WRONGPASS"), "\(error)")
        }
    }

    @Test func killedServerIsConnectedToAnewAndKeepsWhatItHasAcknowledged() async throws {
        let folder = try TemporaryDirectory()
        let first = try RedisServer(folder: folder.path)
        let client = try client(first)
        for number in 0..<50 { #expect(try await client.send("SET", "key-\(number)", "\(number)") == .text("OK")) }
        try first.kill()
        // Sent into the broken connection or before the next one: it fails, or waits for the server.
        async let early: RESPValue? = try? client.send("GET", "key-7")
        let second = try RedisServer(port: first.port, folder: folder.path)
        #expect(await early.map { $0.string == "7" } ?? true)
        for number in 0..<50 { #expect(try await client.send("GET", "key-\(number)").string == "\(number)") }
        withExtendedLifetime(second) {}
    }

    @Test func absentServerIsAnErrorWithinTheTimeout() async throws {
        let telemetry = try ServiceHarness.telemetry("service", InMemorySpanExporter())
        var settings = RedisSettings(host: "127.0.0.1")
        (settings.port, settings.timeout, settings.maximumWaiting) = (1, .seconds(2), 4)
        let client = try RedisClient(settings, telemetry)
        let errors = await withTaskGroup(of: RedisError?.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    do throws(RedisError) {
                        _ = try await client.send("PING")
                        return nil
                    } catch { return error }
                }
            }
            return await group.reduce(into: [RedisError]()) { if let error = $1 { $0.append(error) } }
        }
        #expect(errors.count == 20 && errors.count { $0 == .overloaded } >= 12, "No more than four wait at a time.")
        #expect(errors.contains { $0.description == "Redis at 127.0.0.1:1: Connection refused" })
    }

    @Test func serverThatStaysAwayFailsCommandsAtOnceAndIsFoundWhenItIsBack() async throws {
        let folder = try TemporaryDirectory()
        let first = try RedisServer(folder: folder.path)
        let client = try client(first)
        _ = try await client.send("PING")
        let impatient = try self.client(first) { $0.outagePatience = .milliseconds(20) }
        _ = try await impatient.send("PING")
        try first.kill()
        let start = ContinuousClock.now
        for _ in 0..<20 {
            do throws(RedisError) {
                _ = try await impatient.send("GET", "key")
                Issue.record("The server is away.")
            } catch { #expect(error.description.hasPrefix("Redis at 127.0.0.1:\(first.port): "), "\(error)") }
        }
        #expect(start.duration(to: .now) < .seconds(60), "None waits for its own timeout.")
        let second = try RedisServer(port: first.port, folder: folder.path)
        _ = try await client.send("PING")
        #expect(await eventually { (try? await impatient.send("PING")) == .text("PONG") })
        withExtendedLifetime(second) {}
    }

    @Test func cancelledCommandDoesNotShiftTheAnswersOfOthers() async throws {
        let folder = try TemporaryDirectory()
        let server = try RedisServer(folder: folder.path)
        defer { withExtendedLifetime(server) {} }
        let client = try client(server)
        _ = try await client.send("PING")
        for round in 0..<20 {
            let blocked = Task { () async throws(RedisError) in try await client.send("BLPOP", "empty", "0.05") }
            let other = Task { () async throws(RedisError) in try await client.send("ECHO", "\(round)") }
            blocked.cancel()
            #expect(try await other.value.string == "\(round)")
        }
    }

    @Test func serverThatSpeaksAnotherProtocolIsAnError() async throws {
        try await ServiceHarness.listening({ _ in .text("") }) { url in
            var settings = RedisSettings(host: "127.0.0.1")
            settings.port = Int(url.split(separator: ":").last ?? "") ?? 0
            settings.timeout = .seconds(5)
            let client = try RedisClient(settings, ServiceHarness.telemetry("service", InMemorySpanExporter()))
            await #expect(throws: RedisError.self) { try await client.send("PING") }
        }
    }

    @Test func closedClientRefusesCommands() async throws {
        let folder = try TemporaryDirectory()
        let server = try RedisServer(folder: folder.path)
        defer { withExtendedLifetime(server) {} }
        let client = try client(server)
        _ = try await client.send("PING")
        client.close()
        await #expect(throws: RedisError.unavailable("the client was closed")) { try await client.send("PING") }
    }
}

struct RedisSettingsTests {
    @Test func urlIsRead() throws {
        #expect(try RedisSettings(ServiceEnvironment([:])) == nil)
        let whole = try #require(
            try RedisSettings(ServiceEnvironment(["REDIS_URL": "redis://ada:p%40ss@cache:6380/2", "REDIS_TIMEOUT": "50"])))
        #expect(whole.host == "cache" && whole.port == 6380 && whole.user == "ada" && whole.password == "p@ss")
        #expect(whole.database == 2 && whole.timeout == .milliseconds(50))
        let bare = try #require(try RedisSettings(ServiceEnvironment(["REDIS_URL": "redis://cache"])))
        #expect(bare.port == 6379 && bare.user == nil && bare.password == nil && bare.database == 0)
        let password = try #require(try RedisSettings(ServiceEnvironment(["REDIS_URL": "redis://:secret@cache"])))
        #expect(password.user == nil && password.password == "secret" && password.port == 6379)
    }

    @Test(arguments: ["http://cache", "redis://", "redis://cache/x", "redis://cache:port"])
    func wrongURLIsRefusedWithoutRepeatingIt(text: String) {
        #expect {
            try RedisSettings(ServiceEnvironment(["REDIS_URL": text]))
        } throws: { error in
            "\(error)".contains("REDIS_URL must be") && !"\(error)".contains("cache:port")
        }
    }
}
