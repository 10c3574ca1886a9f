// The tweet service as a process: its variables, its log lines and the limit of its requests.

import ExampleSupport
import Glibc
import Telemetry
import Testing

// This suite starts one process at a time.
extension ServiceProcessTests {
    /// Runs a closure with a folder for the files of a service, which is removed afterwards.
    private func withFolder(_ body: (String) async throws -> Void) async throws {
        try await TestDatabase.withURL(.sqlite) { try await body($0) }
    }

    @Test func tweetServiceRefusesOversizedBodiesOfEveryRoute() async throws {
        try await withFolder { url in
            let (tweet, address) = try await ChildProcess.service(
                "Tweet",
                ["DATABASE_URL": url, "AUTH_PORT": "1", "RATE_LIMIT": "0", "LOG_FILE": "off", "OTEL_EXPORTER_OTLP_TIMEOUT": "1000"])
            let body = [UInt8](repeating: UInt8(ascii: "x"), count: (100 << 10) + 1)
            for (method, path) in [
                ("POST", "/tweet"), ("PUT", "/tweet/1"), ("GET", "/tweet/1"), ("GET", "/tweet/user/1"), ("DELETE", "/tweet/1"),
                ("POST", "/tweet/1/like"), ("DELETE", "/tweet/1/like"), ("POST", "/retweet"), ("GET", "/retweet/1"),
                ("GET", "/retweet/user/1"), ("DELETE", "/retweet/1"),
            ] {
                let answer = try await SocketTransport(timeout: ServiceHarness.patience).send(
                    method, address + path, headers: [:], body: body)
                #expect(answer.status == 413, "\(method) \(path)")
            }
            // The largest body is read: the request fails only for want of the auth service.
            let answer = try await SocketTransport(timeout: ServiceHarness.patience).send(
                "POST", address + "/tweet", headers: ["X-Request-ID": "r-2"], body: Array(body.dropLast()))
            #expect(answer.status == 503)
            kill(tweet.identifier, SIGTERM)
            let lines = await tweet.output().split(separator: "\n")
            let line = try #require(lines.first { $0.contains("Auth service is unavailable") })
            let fields = try JSONValue(parsing: line)
            #expect(fields["level"] == "error" && fields["service"] == "tweet-service" && fields["request_id"] == "r-2")
            #expect(fields["trace_id"]?.stringValue?.count == 32 && fields["span_id"]?.stringValue?.count == 16)
            #expect(await tweet.exitStatus() == 0)
        }
    }

    @Test(arguments: [
        ("LIKE_EXPERIMENT", "half"), ("AUTH_PORT", "http"), ("AUTH_TIMEOUT", "0"), ("DATABASE_URL", "mysql://a"),
    ])
    func invalidVariableOfTweetServiceIsNamedAndExits78(variable: String, value: String) async throws {
        try await withFolder { url in
            let variables = ["DATABASE_URL": url, "LOG_FILE": "off"].merging([variable: value]) { $1 }
            let child = try ChildProcess("Tweet", environment: ChildProcess.environment.merging(variables) { $1 })
            let text = await child.output(until: "listening on port")
            kill(child.identifier, SIGTERM)
            #expect(await child.exitStatus() == 78)
            #expect(text.contains(variable), "\(text)")
        }
    }
}
