// The rate limit: windows, header fields, clients, exempt paths, and the database that replicas share. (TWT-11.)

import Telemetry
import Testing

@testable import ExampleSupport

struct RateLimitTests {
    private func request(_ path: String = "/", from address: String = "192.0.2.1", headers: HTTPHeaders = [:]) -> ServiceRequest {
        var request = ServiceRequest(method: "GET", target: path, headers: headers)
        request.peerAddress = address
        return request
    }

    private func answer(_ limit: RateLimit, _ request: ServiceRequest) async -> ServiceResponse {
        await limit.respond(to: request) { _ in .text("answered") }
    }

    @Test func windowAllowsItsNumberThenRefusesThenBeginsAnew() async throws {
        let clock = ManualClock()
        let limit = try RateLimit(ServiceEnvironment([:]), clock: .manual(clock))
        // 1,000,000,000 seconds are 100 into a window of 900.
        for sent in 1...100 {
            let response = await answer(limit, request())
            #expect(response.status == 200)
            #expect(response.headers["RateLimit-Limit"] == "100" && response.headers["RateLimit-Remaining"] == String(100 - sent))
            #expect(response.headers["RateLimit-Reset"] == "800" && response.headers["Retry-After"] == nil)
        }
        clock.advance(by: .seconds(799))
        let refused = await answer(limit, request())
        #expect(refused.status == 429 && refused.text == "Too many requests, please try again later.")
        #expect(refused.headers["Retry-After"] == "1" && refused.headers["RateLimit-Reset"] == "1")
        #expect(refused.headers["RateLimit-Remaining"] == "0")
        clock.advance(by: .seconds(1))
        let again = await answer(limit, request())
        #expect(again.status == 200 && again.headers["RateLimit-Remaining"] == "99")
    }

    @Test func clientsAreCountedApart() async {
        let limit = RateLimit(limit: 1, clock: .manual(ManualClock()))
        for address in ["192.0.2.1", "192.0.2.2", "2001:db8::1"] {
            #expect(await answer(limit, request(from: address)).status == 200)
            #expect(await answer(limit, request(from: address)).status == 429)
        }
    }

    // TWT-11 where one machine is outgrown: what one replica has counted the other one knows.
    @Test(.enabled(if: DatabaseKind.available.contains(.postgresql), "PostgreSQL is not installed"))
    func replicasCountInTheDatabaseThatTheyShare() async throws {
        try await TestDatabase.withURL(.postgresql) { url in
            try await TestDatabase.opened(url, [RateLimit.migration]) { one in
                try await TestDatabase.opened(url, [RateLimit.migration]) { other in
                    let clock = ManualClock()
                    let limits = [one, other].map { replica in
                        RateLimit(
                            limit: 3, counter: replica.database.requestCounter(for: "test", patience: ServiceHarness.patience),
                            clock: .manual(clock))
                    }
                    for (replica, status) in [(0, 200), (1, 200), (1, 200), (0, 429), (1, 429)] {
                        #expect(await answer(limits[replica], request()).status == status)
                    }
                    #expect(await answer(limits[1], request(from: "192.0.2.2")).headers["RateLimit-Remaining"] == "2")
                    let another = RateLimit(
                        limit: 3, counter: other.database.requestCounter(for: "another", patience: ServiceHarness.patience),
                        clock: .manual(clock))
                    #expect(await answer(another, request()).headers["RateLimit-Remaining"] == "2")
                    // More than are deleted with one statement.
                    let many: DatabaseStatement = """
                        INSERT INTO "RateLimit" SELECT 'test', 'client ' || n, 0, 1 FROM generate_series(1, 2500) n
                        """
                    _ = try await one.database.rows(many)
                    clock.advance(by: .seconds(900))
                    #expect(await answer(limits[0], request()).headers["RateLimit-Remaining"] == "2")
                    // The clients that have not come again are gone soon.
                    let isShort = try await eventually { try await one.count(#""RateLimit" WHERE "service" = 'test'"#) == 1 }
                    #expect(isShort)
                    await one.database.close()
                    #expect(await answer(limits[0], request()).headers["RateLimit-Remaining"] == "2")
                }
            }
        }
    }

    @Test(arguments: ["/metrics", "/status", "/metrics?name=a"])
    func metricsAndStatusAreExempt(path: String) async {
        let limit = RateLimit(limit: 1)
        for _ in 1...3 {
            let response = await answer(limit, request(path))
            #expect(response.status == 200 && response.headers["RateLimit-Limit"] == nil)
        }
    }

    @Test func limitAndWindowAreConfigured() async throws {
        let limit = try RateLimit(ServiceEnvironment(["RATE_LIMIT": "2", "RATE_WINDOW_SECONDS": "10"]), clock: .manual(ManualClock()))
        let response = await answer(limit, request())
        #expect(response.headers["RateLimit-Remaining"] == "1" && response.headers["RateLimit-Reset"] == "10")
        #expect(throws: StartFailure.self) { try RateLimit(ServiceEnvironment(["RATE_LIMIT": "-1"])) }
        let unlimited = try RateLimit(ServiceEnvironment(["RATE_LIMIT": "0"]))
        #expect(await answer(unlimited, request()).headers["RateLimit-Limit"] == nil)
    }

    @Test func clientsBeyondTheBoundShareOneCount() {
        let counter = MemoryRequestCounter()
        for number in 1...MemoryRequestCounter.maximumClients { _ = counter.add(client: String(number), window: 1) }
        #expect(counter.add(client: "new", window: 1) == 1)
        #expect(counter.add(client: "newer", window: 1) == 2)
        #expect(counter.add(client: "7", window: 1) == 2)
        #expect(counter.add(client: "newer", window: 2) == 1)
    }

    @Test func addressBeforeTrustedProxiesIsTheClient() throws {
        let headers: HTTPHeaders = ["X-Forwarded-For": "203.0.113.9, 198.51.100.4", "x-forwarded-for": "10.0.0.1"]
        for (count, address) in [(0, "192.0.2.1"), (1, "10.0.0.1"), (2, "198.51.100.4"), (3, "203.0.113.9"), (7, "203.0.113.9")] {
            #expect(TrustedProxies(count: count).clientAddress(of: request(headers: headers)) == address)
        }
        #expect(TrustedProxies(count: 1).clientAddress(of: request()) == "192.0.2.1")
        #expect(TrustedProxies(count: 1).clientAddress(of: request(headers: ["X-Forwarded-For": "a, 2001:db8::1"])) == "2001:db8::1")
        for text in [String(repeating: "1", count: 65), "a.b", "unknown", "1.2.3.4.5", "192.0.2.9:80", ", "] {
            #expect(TrustedProxies(count: 1).clientAddress(of: request(headers: ["X-Forwarded-For": text])) == "192.0.2.1", "\(text)")
        }
    }
}
