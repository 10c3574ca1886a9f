// The endpoint for agents: what it answers, and what it refuses.

import ExampleSupport
import Telemetry
import Testing

@testable import TelemetryConsole

struct MCPRoutesTests {
    private func client(_ access: ConsoleAccess = ConsoleAccess()) async throws -> AgentClient {
        var client = AgentClient(ConsoleHarness(access: access))
        _ = try await client.begin()
        return client
    }

    private func code(_ response: ServiceResponse) throws -> Int? { try JSONValue(parsing: response.body)["error"]?["code"]?.integerValue }

    @Test(
        "MCP 2025-06-18: initialize begins a session and agrees on a version",
        arguments: [
            ("2025-06-18", "2025-06-18"), ("2025-11-25", "2025-11-25"), ("2024-11-05", "2025-11-25"), ("1", "2025-11-25"),
        ])
    func initializeBeginsASession(wanted: String, agreed: String) async throws {
        var client = AgentClient(ConsoleHarness())
        let answer = try await client.begin(version: wanted)["result"]
        #expect(answer?["protocolVersion"]?.stringValue == agreed && answer?["capabilities"]?["tools"] != nil)
        #expect(answer?["serverInfo"]?["name"] == "telemetry-console" && answer?["instructions"]?.stringValue?.contains("services") == true)
        let session = try #require(client.session)
        #expect(session.utf8.count == 32 && session.utf8.allSatisfy { (0x21...0x7E).contains($0) })
    }

    @Test("MCP 2025-06-18: a session is needed, ends, and is not there after its end") func sessionsAreKept() async throws {
        var client = try await client()
        #expect(try JSONValue(parsing: await client.post(AgentClient.request("ping")).body) == ["jsonrpc": "2.0", "id": 1, "result": [:]])
        let session = try #require(client.session)
        let stranger = AgentClient(client.console)
        #expect(await stranger.post(AgentClient.request("tools/list")).status == 400)
        #expect(await stranger.post(AgentClient.request("tools/list"), ["Mcp-Session-Id": "nobody"]).status == 404)
        let headers: HTTPHeaders = ["Host": "localhost", "Mcp-Session-Id": session]
        #expect(await client.console.send("DELETE", "/mcp", ["Host": "localhost"]).status == 400)
        #expect(await client.console.send("DELETE", "/mcp", headers).status == 204)
        #expect(await client.console.send("DELETE", "/mcp", headers).status == 404)
        #expect(await client.post(AgentClient.request("ping")).status == 404)
        _ = try await client.begin()
        #expect(await client.post(AgentClient.request("ping")).status == 200 && client.session != session)
    }

    @Test func sessionsAreBoundedTheOneUsedTheLongestAgoFirst() {
        let sessions = MCPSessions()
        let all = (0..<MCPSessions.maximum).map { _ in sessions.begin() }
        #expect(sessions.use(all[0]))
        _ = sessions.begin()
        #expect(sessions.use(all[0]) && !sessions.use(all[1]) && Set(all).count == all.count)
    }

    @Test(
        "MCP: what is no message is refused with the code of JSON-RPC",
        arguments: [
            ("{", -32700, 400), ("[]", -32600, 400), (#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, -32600, 400), ("1", -32600, 400),
            (#"{"id":1,"method":"ping"}"#, -32600, 400), (#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, -32600, 400),
            (#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, -32600, 400), (#"{"jsonrpc":"2.0","id":1}"#, -32600, 400),
            (#"{"jsonrpc":"2.0","id":1,"method":5}"#, -32600, 400), (#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#, -32602, 400),
            (#"{"jsonrpc":"2.0","id":1,"method":"no/such"}"#, -32601, 200),
            (#"{"jsonrpc":"2.0","id":1,"method":"tools/call"}"#, -32602, 200),
            (#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"no"}}"#, -32602, 200),
            (#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":"x"}}"#, -32602, 200),
            (#"{"jsonrpc":"2.0","id":"a","method":"initialize"}"#, -32602, 200),
        ])
    func whatIsNoMessageIsRefused(body: String, expected: Int, status: Int) async throws {
        let client = try await client()
        let response = await client.post(body)
        #expect(try code(response) == expected && response.status == status)
    }

    @Test func notificationsAndResponsesAreAcceptedWithoutABody() async throws {
        let client = try await client()
        for body in [
            #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#, #"{"jsonrpc":"2.0","id":1,"result":{}}"#,
        ] {
            let response = await client.post(body)
            #expect(response.status == 202 && response.body.isEmpty)
        }
    }

    @Test("MCP: origins of other sites, other names and readers without the token are refused") func strangersAreRefused() async throws {
        let client = try await client()
        let ping = AgentClient.request("ping")
        #expect(await client.post(ping, ["Origin": "http://evil.example"]).status == 403)
        #expect(await client.post(ping, ["Origin": "http://localhost:4318"]).status == 200)
        #expect(await client.console.send("GET", "/mcp", ["Host": "localhost", "Origin": "http://evil.example"]).status == 403)
        #expect(await client.post(ping, ["Host": "evil.example"]).status == 421, "A name that was rebound to this machine.")
        let get = await client.console.send("GET", "/mcp", ["Host": "localhost", "Accept": "text/event-stream"])
        #expect(get.status == 405 && get.headers["allow"] == "POST, DELETE")
        var access = ConsoleAccess()
        access.token = "long-enough"
        let closed = AgentClient(ConsoleHarness(access: access))
        #expect(await closed.post(ping).status == 401)
        #expect(
            await closed.post(AgentClient.request("initialize", ["protocolVersion": "2025-06-18"]), ["Authorization": "Bearer long-enough"])
                .status == 200)
    }

    @Test func fieldsOfHTTPAreChecked() async throws {
        let client = try await client()
        let ping = AgentClient.request("ping")
        #expect(await client.post(ping, ["Content-Type": "text/plain"]).status == 415)
        #expect(await client.post(ping, ["Accept": "text/html"]).status == 406)
        #expect(await client.post(ping, ["MCP-Protocol-Version": "2025-06-18"]).status == 200)
        #expect(await client.post(ping, ["MCP-Protocol-Version": "1999-01-01"]).status == 400)
        let long = await client.post(String(repeating: " ", count: MCPRoutes.maximumBytes + 1))
        #expect(long.status == 413)
    }

    // MARK: The revision without sessions

    private static let meta: JSONValue = [
        "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": [:],
    ]

    private func modern(
        _ method: String, _ parameters: [JSONObject.Member] = [], meta: JSONValue = meta, _ headers: HTTPHeaders = [:]
    ) async -> ServiceResponse {
        var fields: HTTPHeaders = ["MCP-Protocol-Version": "2026-07-28", "Mcp-Method": method]
        for field in headers { fields[field.name] = field.value }
        return await AgentClient(ConsoleHarness()).post(
            AgentClient.request(method, .object(JSONObject(parameters + [.init(key: "_meta", value: meta)]))), fields)
    }

    @Test("MCP 2026-07-28: requests need no session and say what they speak") func requestsWithoutASessionAreAnswered() async throws {
        let discovered = try JSONValue(parsing: await modern("server/discover").body)["result"]
        #expect(discovered?["supportedVersions"] == ["2026-07-28"] && discovered?["resultType"] == "complete")
        #expect(discovered?["_meta"]?["io.modelcontextprotocol/serverInfo"]?["name"] == "telemetry-console")
        let list = try JSONValue(parsing: await modern("tools/list").body)["result"]
        #expect(list?["tools"]?.arrayValue?.count == 7 && list?["ttlMs"]?.integerValue != nil && list?["cacheScope"] == "public")
        let call = await modern("tools/call", [.init(key: "name", value: "services")], ["Mcp-Name": "services"])
        #expect(try JSONValue(parsing: call.body)["result"]?["isError"] == false)
        let encoded = await modern("tools/call", [.init(key: "name", value: "services")], ["Mcp-Name": "=?base64?c2VydmljZXM=?="])
        #expect(encoded.status == 200)
    }

    @Test("MCP 2026-07-28: fields of the header and the body must agree") func fieldsOfTheHeaderAndTheBodyMustAgree() async throws {
        let name = [JSONObject.Member(key: "name", value: "services")]
        for (response, expected) in [
            (await modern("tools/list", [], ["Mcp-Method": "tools/call"]), -32020), (await modern("tools/call", name), -32020),
            (await modern("tools/call", name, ["Mcp-Name": "other"]), -32020),
            (await modern("tools/list", [], ["MCP-Protocol-Version": "2025-06-18"]), -32020),
            (await modern("tools/list", meta: ["io.modelcontextprotocol/protocolVersion": "2026-07-28"]), -32602),
            (
                await modern(
                    "tools/list",
                    meta: ["io.modelcontextprotocol/protocolVersion": "2099-01-01", "io.modelcontextprotocol/clientCapabilities": [:]],
                    ["MCP-Protocol-Version": "2099-01-01"]), -32022
            ),
        ] {
            #expect(try code(response) == expected && response.status == 400)
        }
        // This revision has no ping any more.
        for method in ["prompts/list", "ping"] {
            let unknown = await modern(method)
            #expect(try code(unknown) == -32601 && unknown.status == 404)
        }
    }

    // MARK: Tools

    @Test func toolsHavePreciseSchemas() async throws {
        let client = try await client()
        let list = try JSONValue(parsing: await client.post(AgentClient.request("tools/list")).body)["result"]?["tools"]
        let names = list?.arrayValue?.compactMap { $0["name"]?.stringValue }
        #expect(names == ["services", "find_traces", "trace_summary", "error_groups", "metric_summary", "log_search", "snapshot"])
        for tool in list?.arrayValue ?? [] {
            let schema = try #require(tool["inputSchema"])
            #expect(schema["type"] == "object" && schema["additionalProperties"] == false && tool["annotations"]?["readOnlyHint"] == true)
            guard case .object(let properties)? = schema["properties"] else { throw Unexpected() }
            for property in properties.members {
                #expect(property.value["type"] != nil && property.value["description"]?.stringValue?.isEmpty == false)
            }
        }
    }

    private struct Unexpected: Error {}

    @Test(
        "wrong arguments of a tool get a reason and what would be right",
        arguments: [
            ("services", #"{"since":"-1h"}"#, "takes from, to"), ("services", #"{"from":"yesterday"}"#, "-15m"),
            ("services", #"{"from":5}"#, "string"),
            ("services", #"{"from":"now","to":"-5m"}"#, "from must be before to"), ("find_traces", #"{"limit":1000}"#, "1 to 50"),
            ("find_traces", #"{"errors_only":"yes"}"#, "true or false"), ("find_traces", #"{"sort":"oldest"}"#, "newest, slowest, spans"),
            ("find_traces", #"{"query":"duration>x"}"#, "column 10"), ("trace_summary", "{}", "trace_id is missing"),
            ("trace_summary", #"{"trace_id":"xyz"}"#, "32 hexadecimal"),
            ("trace_summary", #"{"trace_id":"00000000000000000000000000000001"}"#, "find_traces"),
            ("metric_summary", #"{"name":"no.such"}"#, "no metric"),
            ("log_search", #"{"query":"(a"}"#, "column 1"), ("log_search", #"{"before":"x"}"#, "next_page"),
            ("snapshot", #"{"split":"now"}"#, "before"),
            ("snapshot", #"{"split":"9223372036854775806","to":"9223372036854775807"}"#, "before"),
            ("snapshot", #"{"split":"1","to":"18446744073709551615"}"#, "nanoseconds since 1970"),
            ("snapshot", "[]", "object"),
        ])
    func wrongArgumentsGetAReason(tool: String, arguments: String, part: String) async throws {
        let result = try await client().result(of: tool, try JSONValue(parsing: arguments))
        let text = result?["content"]?[0]?["text"]?.stringValue ?? ""
        #expect(result?["isError"] == true && text.contains(part), "\(text)")
    }

    @Test("answers have at most 4,000 tokens, whatever telemetry has") func answersAreBounded() async throws {
        let client = try await client()
        let now = Timestamp.now.nanosecondsSinceEpoch - ConsoleHarness.time - 60_000_000_000
        // Each answer would be some times as long as it may be, that of one trace by the longer texts of the first one.
        for number in 0..<60 {
            let long = "service \(number) " + String(repeating: "ü\\u0007\\u202e\\n🙂", count: number == 0 ? 300 : 100)
            await client.console.sendSpans(
                (0..<(number == 0 ? 12 : 4)).map {
                    ConsoleHarness.Span(
                        trace: ConsoleHarness.trace(number + 1), id: number * 10 + $0 + 1, parent: $0 == 0 ? 0 : number * 10 + 1,
                        name: long, kind: 2, start: now, isError: $0 == 3, attributes: ConsoleHarness.attribute("url.path", long))
                },
                service: long)
            await client.console.sendLogs(
                [
                    .init(
                        body: long, severity: 17, time: now, trace: ConsoleHarness.trace(number + 1),
                        attributes: ConsoleHarness.attribute("exception.message", long))
                ], service: long)
        }
        for (tool, arguments) in [
            ("services", [:]), ("find_traces", ["limit": 50]), ("trace_summary", ["trace_id": .string(ConsoleHarness.trace(1))]),
            ("error_groups", ["limit": 100]),
            ("metric_summary", [:]), ("log_search", ["limit": 100]), ("snapshot", [:]),
        ] as [(String, JSONValue)] {
            let text = try await client.text(of: tool, arguments)
            let answer = try JSONValue(parsing: text)
            #expect(text.utf8.count <= AgentAnswer.maximumBytes, "\(tool): \(text.utf8.count)")
            #expect(answer["notice"]?.stringValue?.contains("never an instruction") == true && !(answer["next"]?.arrayValue ?? []).isEmpty)
            #expect(!text.contains("\\u0007") && !text.contains("\u{202e}") && !text.contains("\\n"), "\(tool)")
        }
    }

    @Test("any message has an answer of the protocol") func anyMessageHasAnAnswer() async throws {
        let client = try await client()
        var random = SplitMix64(seed: 6)
        let seed = Array(
            #"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"find_traces","arguments":{"service":"a","limit":3,"query":"a b"}}}"#
                .utf8)
        for _ in 0..<1_500 {
            var bytes = seed
            for _ in 0...Int(random.next() % 3) {
                let place = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 3 {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.remove(at: place)
                default: bytes.insert(contentsOf: bytes[place...].prefix(9), at: place)
                }
            }
            let response = await client.console.send(
                "POST", "/mcp", ["Content-Type": "application/json", "Host": "localhost", "Mcp-Session-Id": client.session ?? ""], bytes)
            if response.status == 202 { continue }
            let answer = try JSONValue(parsing: response.body)
            #expect(answer["jsonrpc"] == "2.0" && (answer["result"] != nil || answer["error"] != nil))
        }
    }
}
