// The test bench as processes: services, databases and Redis are killed in mid-scenario.

import ExampleSupport
import Telemetry
import Testing

@testable import Accounts
@testable import HelloWorld

// This suite starts one process at a time.
extension ServiceProcessTests {
    @Test(
        "POC-01, POC-02, POC-05: each service, the databases and Redis are killed in turn; what was published is in the log, once, in its trace",
        arguments: DatabaseKind.available)
    func killedMessagingServiceRecoversAndLosesNothing(kind: DatabaseKind) async throws {
        let programs = ["NotificationService", "HelloWorld"]
        let stores = try ProcessStores(kind, withRedis: true)
        try await stores.makeDatabases(programs)
        let processes = try ServiceProcesses(programs) { processes, program in
            [
                "DATABASE_URL": stores.database(program), "DATABASE_TIMEOUT": stores.databaseTimeout, "DELIVERY_POLL": "20",
                "DELIVERY_PAUSE": "20",
                "SNS_ENDPOINT": processes.url("NotificationService"), "SNS_WEBHOOK_URL": processes.url("HelloWorld") + "/sns",
                "SNS_SUBSCRIBE_INTERVAL": "20", "REDIS_URL": stores.redisURL ?? "",
            ]
        }
        for program in programs { try await processes.start(program) }
        let transport = SocketTransport(timeout: ServiceHarness.patience)
        func get(_ path: String, headers: HTTPHeaders = [:]) async -> ServiceResponse? {
            try? await transport.send("GET", processes.url("HelloWorld") + path, headers: headers, body: [])
        }
        // The first message that is published before that has no subscriber.
        #expect(await eventually { await get("/ready")?.status == 200 })
        var published: [String] = []
        var number = 0
        try await ServiceProcesses.kill(processes.victims(programs) + stores.victims, steps: (before: 10, away: 3)) {
            number += 1
            let digits = String(number, radix: 16)
            let trace = String(repeating: "a", count: 32 - digits.count) + digits
            let isPublished = await get("/", headers: ["traceparent": "00-\(trace)-b7ad6b7169203331-01"])?.status == 200
            if isPublished { published.append(trace) }
            return isPublished
        }
        #expect(published.count >= 22)
        try await TestDatabase.opened(stores.database("HelloWorld"), MessageLog.migrations) { log in
            var kept: [String] = []
            let hasAll = try await eventually {
                kept = try await log.database.rows("SELECT trace_id FROM hello_messages").map { try $0.text(0) }
                return Set(kept).isSuperset(of: published)
            }
            #expect(hasAll, "\(published.filter { !kept.contains($0) })")
            #expect(published.filter { trace in kept.filter { $0 == trace }.count != 1 } == [])
        }
        // Redis had been away: it has the last message again after the next one.
        if stores.redisURL != nil { #expect(await eventually { await get("/messages/last")?.text.contains(#""source":"redis""#) == true }) }
        await processes.stop()
    }

    @Test(
        "POC-52: accounts, books, their databases and Redis are killed in turn; users and books that were acknowledged are there",
        arguments: DatabaseKind.available)
    func killedAccountsOrBooksRecoverAndLoseNothing(kind: DatabaseKind) async throws {
        let programs = ["Accounts", "Books"]
        let stores = try ProcessStores(kind, withRedis: true)
        try await stores.makeDatabases(programs)
        let processes = try ServiceProcesses(programs) { processes, program in
            [
                "DATABASE_URL": stores.database(program), "DATABASE_TIMEOUT": stores.databaseTimeout, "REDIS_URL": stores.redisURL ?? "",
                "AUTH_SERVICE_URL": processes.url("Accounts"), "JWT_SECRET": "0123456789abcdef0123456789abcdef",
            ]
        }
        for program in programs { try await processes.start(program) }
        let transport = SocketTransport(timeout: ServiceHarness.patience)
        func send(_ program: String, _ method: String, _ path: String, _ body: JSONValue? = nil, token: String = "") async
            -> ServiceResponse?
        {
            var headers: HTTPHeaders = token.isEmpty ? [:] : ["Authorization": "Bearer \(token)"]
            if body != nil { headers["Content-Type"] = "application/json" }
            return try? await transport.send(
                method, processes.url(program) + "/api/v1" + path, headers: headers, body: Array((body?.description ?? "").utf8))
        }
        func user(_ number: Int) -> JSONValue {
            ["email": .string("user-\(number)@example.com"), "password": "secret", "firstName": "Ada", "lastName": "Lovelace"]
        }
        let first = try JSONValue(parsing: try #require(await send("Accounts", "POST", "/auth/register", user(0))).body)
        let token = try #require(first["accessToken"]?.stringValue)
        var (users, books, number): ([Int], [String], Int) = ([0], [], 0)
        // A user is registered, and the first one gets a book.
        try await ServiceProcesses.kill(processes.victims(programs) + stores.victims, steps: (before: 3, away: 2)) {
            number += 1
            let isRegistered = await send("Accounts", "POST", "/auth/register", user(number))?.status == 201
            let book: JSONValue = ["title": .string("Volume \(number)"), "year": "1969", "author": "Ada"]
            let isAdded = await send("Books", "POST", "/books", book, token: token)?.status == 201
            if isRegistered { users.append(number) }
            if isAdded { books.append("Volume \(number)") }
            return isRegistered && isAdded
        }
        try await TestDatabase.opened(stores.database("Accounts"), AccountSchema.migrations) { accounts in
            let kept = try await accounts.database.rows("SELECT email FROM users").map { try $0.text(0) }
            #expect(users.filter { number in kept.filter { $0 == "user-\(number)@example.com" }.count != 1 } == [])
        }
        // Hashing takes long: the first user, from before all that was killed, stands for the others.
        let login: JSONValue = ["email": .string("user-\(users.first ?? 0)@example.com"), "password": "secret"]
        #expect(await send("Accounts", "POST", "/auth/login", login)?.status == 201)
        let answer = try #require(await send("Books", "GET", "/books", token: token))
        let titles = try JSONValue(parsing: answer.body).arrayValue?.compactMap { $0["title"]?.stringValue } ?? []
        #expect(books.filter { title in titles.filter { $0 == title }.count != 1 } == [] && books.count >= 8)
        await processes.stop()
    }
}
