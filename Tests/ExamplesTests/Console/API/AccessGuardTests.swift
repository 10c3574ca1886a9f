// Who may read the console, and from where.

import ExampleSupport
import Telemetry
import Testing

@testable import TelemetryConsole

struct AccessGuardTests {
    private func access(_ host: String = "localhost", token: String? = nil, hosts: [String] = [], origins: [String] = []) -> ConsoleAccess {
        var access = ConsoleAccess()
        (access.host, access.token, access.allowedHosts, access.allowedOrigins) = (host, token, hosts, origins)
        return access
    }

    @Test(arguments: ["/data/summary", "/data/nothing", "/", "/v1/traces", "/api/services", "/nothing", "/data/traces?q=%28"])
    func everyAnswerHasTheSecurityHeaders(target: String) async {
        let response = await ConsoleHarness().send("GET", target)
        #expect(response.headers["content-security-policy"]?.contains("default-src 'none'; script-src 'self'") == true)
        #expect(response.headers["content-security-policy"]?.contains("frame-ancestors 'none'") == true)
        #expect(response.headers["x-content-type-options"] == "nosniff" && response.headers["referrer-policy"] == "no-referrer")
        if target.hasPrefix("/data") { #expect(response.headers["cache-control"] == "no-store") }
    }

    @Test(arguments: [
        ("localhost:4318", 200), ("LOCALHOST", 200), ("127.0.0.1:4318", 200), ("[::1]:4318", 200), ("x.localhost", 200),
        ("console.example", 200),
        ("evil.example:4318", 421), ("127.0.0.1.evil.example", 421), ("127.evil", 421), ("192.168.1.7", 421), ("", 421),
    ])
    func onlyNamesOfTheConsoleAreAnswered(host: String, status: Int) async {
        let console = ConsoleHarness(access: access(hosts: ["console.example"]))
        #expect(await console.send("GET", "/data/summary", ["Host": host]).status == status)
    }

    @Test(
        "pages of other sites have the console probe nothing",
        arguments: [
            (["Sec-Fetch-Site": "cross-site"], 403), (["Sec-Fetch-Site": "same-site"], 403), (["Origin": "http://localhost:8080"], 403),
            (["Origin": "null"], 403), (["Sec-Fetch-Site": "same-origin"], 404), (["Sec-Fetch-Site": "none"], 404), ([:], 404),
            (["Origin": "http://localhost:4318", "Sec-Fetch-Site": "same-origin"], 404),
        ] as [(HTTPHeaders, Int)])
    func probesAreNotForOtherSites(headers: HTTPHeaders, status: Int) async {
        var headers = headers
        headers["Host"] = "localhost:4318"
        // Without modules the console's own answer is that there are no probes.
        #expect(await ConsoleHarness().send("GET", "/probe?target=a", headers).status == status)
        #expect(await ConsoleHarness().send("HEAD", "/probe?target=a", headers).status == status)
        #expect(await ConsoleHarness().send("GET", "/data/probes", headers).status == 200)
    }

    @Test func telemetryOfProgramsIsTakenUnderEveryName() async throws {
        let console = ConsoleHarness()
        let headers: HTTPHeaders = ["Host": "collector:4318", "Content-Type": "application/json"]
        #expect(await console.send("POST", "/v1/traces", headers, Array("{}".utf8)).status == 200)
    }

    @Test func pagesMaySendTelemetryFromAllowedOriginsOnly() async {
        let console = ConsoleHarness(access: access(origins: ["https://shop.example"]))
        func post(_ origin: String, _ method: String = "POST") async -> ServiceResponse {
            await console.send(
                method, "/v1/traces", ["Host": "localhost:4318", "Origin": origin, "Content-Type": "application/json"], Array("{}".utf8))
        }
        let allowed = await post("https://shop.example")
        #expect(allowed.status == 200 && allowed.headers["access-control-allow-origin"] == "https://shop.example")
        let preflight = await post("https://shop.example", "OPTIONS")
        #expect(preflight.status == 204 && preflight.headers["access-control-allow-headers"]?.contains("content-type") == true)
        let other = await post("https://evil.example")
        #expect(other.status == 403 && other.headers["access-control-allow-origin"] == nil)
        #expect(await post("http://localhost:4318").status == 200, "The console's own page.")
        #expect(
            await console.send("GET", "/data/summary", ["Origin": "https://shop.example"]).headers["access-control-allow-origin"] == nil)
    }

    @Test func readersNeedTheTokenAndSendersDoNot() async throws {
        let console = ConsoleHarness(access: access("0.0.0.0", token: "secret-token"))
        func status(_ target: String, _ headers: HTTPHeaders = [:]) async -> ServiceResponse {
            await console.send("GET", target, headers)
        }
        for target in ["/", "/data/summary", "/data/traces?token=wrong", "/api/services"] { #expect(await status(target).status == 401) }
        #expect(await status("/data/summary", ["Authorization": "Bearer secret-token"]).status == 200)
        for wrong in ["Bearer secret-tokem", "Bearer secret-toke", "Bearer secret-token1", "Bearer", "Basic secret-token"] {
            #expect(await status("/data/summary", ["Authorization": wrong]).status == 401)
        }
        let entry = await status("/?token=secret-token")
        #expect(entry.status == 303 && entry.headers["location"] == "/")
        let cookie = try #require(entry.headers["set-cookie"])
        #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"))
        let pair = String(cookie.prefix { $0 != ";" })
        #expect(await status("/data/summary", ["Cookie": "a=b; \(pair)"]).status == 200)
        #expect(await console.post("/v1/traces", json: "{}").status == 200)
        #expect(await status("/data/summary", ["Host": "192.168.1.7:4318", "Authorization": "Bearer secret-token"]).status == 200)
        #expect(await status("/data/summary", ["Host": "evil.example", "Authorization": "Bearer secret-token"]).status == 421)
    }

    @Test func addressThatOthersReachNeedsAToken() throws {
        for host in ["0.0.0.0", "::", "192.168.1.7", "console.example"] {
            #expect(throws: StartFailure.self) { try ConsoleAccess(ServiceEnvironment(["HOST": host])) }
            #expect(try ConsoleAccess(ServiceEnvironment(["HOST": host, "CONSOLE_TOKEN": "0123456789"])).token == "0123456789")
        }
        for host in ["localhost", "127.0.0.1", "::1", "[::1]"] { _ = try ConsoleAccess(ServiceEnvironment(["HOST": host])) }
        for token in ["short", "with blank", "with;semicolon"] {
            #expect(throws: StartFailure.self) { try ConsoleAccess(ServiceEnvironment(["CONSOLE_TOKEN": token])) }
        }
    }
}
