// A client of the Model Context Protocol for tests, without sockets.

import ExampleSupport
import Telemetry

/// Sends messages to the endpoint for agents.
struct AgentClient {
    let console: ConsoleHarness
    /// The session that was begun.
    private(set) var session: String?

    static let headers: HTTPHeaders = [
        "Content-Type": "application/json", "Accept": "application/json, text/event-stream", "Host": "localhost:4318",
    ]

    init(_ console: ConsoleHarness) { self.console = console }

    func post(_ body: String, _ more: HTTPHeaders = [:]) async -> ServiceResponse {
        var headers = Self.headers
        if let session { headers.add("Mcp-Session-Id", session) }
        for field in more { headers[field.name] = field.value }
        return await console.send("POST", "/mcp", headers, Array(body.utf8))
    }

    func post(_ message: JSONValue, _ more: HTTPHeaders = [:]) async -> ServiceResponse { await post(message.description, more) }

    static func request(_ method: String, _ parameters: JSONValue = [:], id: JSONValue = 1) -> JSONValue {
        ["jsonrpc": "2.0", "id": id, "method": .string(method), "params": parameters]
    }

    /// Begins a session.
    mutating func begin(version: String = "2025-06-18") async throws -> JSONValue {
        session = nil
        let response = await post(
            Self.request(
                "initialize",
                ["protocolVersion": .string(version), "capabilities": [:], "clientInfo": ["name": "test", "version": "1"]]))
        session = response.headers["mcp-session-id"]
        _ = await post(["jsonrpc": "2.0", "method": "notifications/initialized"])
        return try JSONValue(parsing: response.body)
    }

    /// Calls a tool and returns the result of the protocol.
    func result(of tool: String, _ arguments: JSONValue = [:]) async throws -> JSONValue? {
        let response = await post(Self.request("tools/call", ["name": .string(tool), "arguments": arguments]))
        return try JSONValue(parsing: response.body)["result"]
    }

    /// Calls a tool and returns what it says, as text.
    func text(of tool: String, _ arguments: JSONValue = [:]) async throws -> String {
        try await result(of: tool, arguments)?["content"]?[0]?["text"]?.stringValue ?? ""
    }
}
