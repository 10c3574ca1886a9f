// Requests to all systems, so that every series that they have is there.

import ExampleSupport
import Telemetry
import Testing

/// A little of everything that clients ask for.
struct DeployedTraffic {
    private let processes: DeployedProcesses

    init(_ processes: DeployedProcesses) { self.processes = processes }

    func send() async throws {
        try await albums()
        try await tweets()
        try await spaceports()
        try await apollo11()
        try await helloWorld()
    }

    @discardableResult private func expect(
        _ status: Int, _ method: String, _ name: String, _ path: String, _ body: String = "", _ headers: HTTPHeaders = [:]
    ) async throws -> JSONValue? {
        let answer = try #require(await processes.send(method, name, path, body, headers), "\(name) answers \(path)")
        #expect(answer.status == status, "\(method) \(name) \(path): \(answer.text)")
        return try? JSONValue(parsing: answer.body)
    }

    private func albums() async throws {
        try await expect(200, "GET", "proxy-service", "/albums/1")
        try await expect(400, "GET", "proxy-service", "/albums/9999")
        let album = #"{"id":5000,"title":"Kind of Blue","artist":"Miles Davis","price":45.5}"#
        try await expect(201, "POST", "proxy-service", "/albums", album)
        for _ in 0..<10 { _ = await processes.send("GET", "album-store", "/albums/1") }
    }

    private func tweets() async throws {
        let user = #"{"name":"Ada","email":"ada@example.org","password":"correct horse"}"#
        let answer = try await expect(201, "POST", "auth-service", "/auth/register", user)
        try await expect(200, "POST", "auth-service", "/auth/login", user)
        let token: HTTPHeaders = ["Authorization": try #require(answer?["token"]?.stringValue)]
        try await expect(201, "POST", "tweet-service", "/tweet/", #"{"text":"Hello"}"#, token)
        try await expect(200, "POST", "tweet-service", "/retweet/", #"{"tweetId":1}"#, token)
        // Half of the users have likes.
        _ = await processes.send("POST", "tweet-service", "/tweet/1/like", "", token)
        for number in 0..<8 {
            let other = try await expect(
                201, "POST", "auth-service", "/auth/register", #"{"name":"x","email":"\#(number)@example.org","password":"correct horse"}"#)
            _ = await processes.send(
                "POST", "tweet-service", "/tweet/1/like", "", ["Authorization": try #require(other?["token"]?.stringValue)])
        }
    }

    private func spaceports() async throws {
        try await expect(200, "POST", "enterprise-spaceship", "/dock/deepspace9-spaceport")
        try await expect(200, "POST", "voyager-spaceship", "/dock/deepspace9-spaceport")
        try await expect(400, "POST", "voyager-spaceship", "/dock/deepspace9-spaceport")
        try await expect(200, "POST", "enterprise-spaceship", "/separate/deepspace9-spaceport")
    }

    private func apollo11() async throws {
        try await expect(200, "POST", "mission-dashboard", "/command", #"{"command":"START_MISSION"}"#)
        try await expect(200, "GET", "mission-dashboard", "/")
        let reading = #"{"timestamp":"2026-01-17T09:30:00Z","position":12.5,"speed":1.6,"status":"OK"}"#
        try await expect(200, "POST", "spacecraft-telemetry", "/input", reading)
        try await expect(201, "POST", "mission-timeline", "/input", #"{"name":"Landing"}"#)
    }

    private func helloWorld() async throws {
        try await expect(200, "GET", "app-hello-world", "/")
        let user = #"{"email":"ada@example.org","password":"correct horse","firstName":"Ada","lastName":"L"}"#
        let answer = try await expect(201, "POST", "app-auth", "/api/v1/auth/register", user)
        let token: HTTPHeaders = ["Authorization": "Bearer \(try #require(answer?["accessToken"]?.stringValue))"]
        try await expect(201, "POST", "app-books", "/api/v1/books", #"{"title":"Emma","year":"1815","author":"Jane Austen"}"#, token)
    }
}
