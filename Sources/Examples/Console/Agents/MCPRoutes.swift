// The endpoint for agents: the Model Context Protocol over streamable HTTP.

import ExampleSupport
import Telemetry

/// Answers `/mcp`.
///
/// Clients of revision 2026-07-28 say with each request what they speak; those of 2025-06-18 and 2025-11-25 begin a session with `initialize`. Each
/// request is answered by one JSON object: no tool has anything to say before its answer.
struct MCPRoutes: Sendable {
    static let path = "/mcp"
    /// The revisions without a session, and those with one, the newest first.
    static let modern = ["2026-07-28"]
    static let legacy = ["2025-11-25", "2025-06-18"]
    static let maximumBytes = 1 << 20
    private static let meta = "io.modelcontextprotocol/"
    private static let (sessionField, versionField) = ("Mcp-Session-Id", "MCP-Protocol-Version")

    private let tools: AgentTools
    private let queries: QueryRunner
    private let sessions = MCPSessions()

    init(_ tools: AgentTools, _ queries: QueryRunner) {
        self.tools = tools
        self.queries = queries
    }

    /// Returns the answer to a request of this endpoint; nil for another.
    func respond(to request: ServiceRequest) async -> ServiceResponse? {
        guard request.path == Self.path else { return nil }
        do throws(MCPError) {
            switch request.method {
            case "POST": return try await post(request)
            case "DELETE": return try end(request)
            default:
                // There is no stream of what the server has to say by itself.
                var response = ServiceResponse.text("This endpoint takes POST, and DELETE for the end of a session.\n", status: 405)
                response.headers["Allow"] = "POST, DELETE"
                return response
            }
        } catch {
            return .json(error.json, status: error.status)
        }
    }

    private func end(_ request: ServiceRequest) throws(MCPError) -> ServiceResponse {
        guard let id = request.headers[Self.sessionField] else {
            throw MCPError(-32600, "\(Self.sessionField) is missing: it names the session that is to end.", status: 400)
        }
        guard sessions.end(id) else { throw Self.unknownSession }
        return ServiceResponse(status: 204)
    }

    private static let unknownSession = MCPError(-32600, "There is no such session; begin another one with initialize.", status: 404)

    private func post(_ request: ServiceRequest) async throws(MCPError) -> ServiceResponse {
        let type = (request.headers["content-type"] ?? "").prefix { $0 != ";" && $0 != " " }.lowercased()
        guard type == "application/json" else { throw MCPError(-32600, "Content-Type must be application/json.", status: 415) }
        let accepted = request.headers.values(named: "accept").joined(separator: ",").lowercased()
        guard accepted.isEmpty || accepted.contains("application/json") || accepted.contains("*/*") || accepted.contains("application/*")
        else {
            throw MCPError(-32600, "Accept must have application/json and text/event-stream; answers are application/json.", status: 406)
        }
        guard request.body.count <= Self.maximumBytes else {
            throw MCPError(-32600, "A message has at most \(Self.maximumBytes) bytes.", status: 413)
        }
        switch try MCPMessage(request.body) {
        case .notification, .response:
            try checkSession(request, isOptional: true)
            return ServiceResponse(status: 202)
        case .request(let id, let method, let parameters):
            do throws(MCPError) {
                return try await answer(request, id, method, parameters)
            } catch {
                var error = error
                error.id = id
                throw error
            }
        }
    }

    private func answer(
        _ request: ServiceRequest, _ id: JSONValue, _ method: String, _ parameters: JSONValue
    ) async throws(MCPError) -> ServiceResponse {
        let version = request.headers[Self.versionField]
        let declared = parameters["_meta"]?[Self.meta + "protocolVersion"]
        if declared != nil || (version.map { !Self.legacy.contains($0) && method != "initialize" } ?? false) {
            try Self.checkModern(request, method, parameters, version, declared)
            var members = [JSONObject.Member(key: "resultType", value: "complete")]
            let result = try await modernResult(method, parameters)
            if case .object(let object) = result { members += object.members }
            members.append(.init(key: "_meta", value: .object(JSONObject([.init(key: Self.meta + "serverInfo", value: Self.serverInfo)]))))
            return .json(MCPMessage.result(.object(JSONObject(members)), id: id))
        }
        if method == "initialize" { return try initialize(id, parameters) }
        try checkSession(request, isOptional: false)
        switch method {
        case "ping": return .json(MCPMessage.result([:], id: id))
        case "tools/list": return .json(MCPMessage.result(try list(parameters), id: id))
        case "tools/call": return .json(MCPMessage.result(try await call(parameters), id: id))
        default: throw Self.unknown(method)
        }
    }

    private static func unknown(_ method: String) -> MCPError {
        MCPError(
            -32601, "There is no method \"\(method.prefix(80))\"; there are initialize, server/discover, ping, tools/list and tools/call.")
    }

    // MARK: Sessions

    private func initialize(_ id: JSONValue, _ parameters: JSONValue) throws(MCPError) -> ServiceResponse {
        guard case .string(let wanted)? = parameters["protocolVersion"] else {
            throw MCPError(-32602, "protocolVersion must be a string such as \"\(Self.legacy[0])\".", data: ["supported": Self.supported])
        }
        let version = Self.legacy.contains(wanted) ? wanted : Self.legacy[0]
        var response = ServiceResponse.json(
            MCPMessage.result(
                [
                    "protocolVersion": .string(version), "capabilities": Self.capabilities, "serverInfo": Self.serverInfo,
                    "instructions": .string(AgentTools.instructions),
                ], id: id))
        response.headers[Self.sessionField] = sessions.begin()
        return response
    }

    private func checkSession(_ request: ServiceRequest, isOptional: Bool) throws(MCPError) {
        if let version = request.headers[Self.versionField], !Self.legacy.contains(version), !(isOptional && Self.modern.contains(version))
        {
            throw Self.unsupported(version)
        }
        guard let id = request.headers[Self.sessionField] else {
            if isOptional { return }
            throw MCPError(
                -32600,
                "\(Self.sessionField) is missing: initialize begins a session, or \(Self.versionField): \(Self.modern[0]) does without one.",
                status: 400)
        }
        guard sessions.use(id) else { throw Self.unknownSession }
    }

    private static var supported: JSONValue { .array((modern + legacy).map { .string($0) }) }
    private static var capabilities: JSONValue { ["tools": [:]] }
    private static var serverInfo: JSONValue {
        ["name": "telemetry-console", "title": "Telemetry console", "version": .string(SDK.version)]
    }

    private static func unsupported(_ version: String) -> MCPError {
        MCPError(
            -32022, "Unsupported protocol version", status: 400,
            data: ["supported": supported, "requested": .string(String(version.prefix(80)))])
    }

    // MARK: Requests without a session

    /// Checks what revision 2026-07-28 asks of each request.
    private static func checkModern(
        _ request: ServiceRequest, _ method: String, _ parameters: JSONValue, _ version: String?, _ declared: JSONValue?
    ) throws(MCPError) {
        func mismatch(_ message: String) -> MCPError { MCPError(-32020, "Header mismatch: \(message)", status: 400) }
        guard let version else { throw mismatch("\(versionField) is missing") }
        guard case .string(let text)? = declared else {
            guard modern.contains(version) else { throw unsupported(version) }
            throw MCPError(-32602, "params._meta must have \"\(meta)protocolVersion\", a string.", status: 400)
        }
        guard text == version else { throw mismatch("\(versionField) is '\(version.prefix(80))', the body has '\(text.prefix(80))'") }
        guard modern.contains(version) else { throw unsupported(version) }
        guard case .object? = parameters["_meta"]?[meta + "clientCapabilities"] else {
            throw MCPError(-32602, "params._meta must have \"\(meta)clientCapabilities\", an object.", status: 400)
        }
        guard request.headers["Mcp-Method"] == method else { throw mismatch("Mcp-Method must be '\(method.prefix(80))'") }
        guard method == "tools/call", case .string(let name)? = parameters["name"] else { return }
        guard let field = request.headers["Mcp-Name"], decoded(field) == name else {
            throw mismatch("Mcp-Name must be '\(name.prefix(80))'")
        }
    }

    /// Returns the value of a header field that may be in Base64.
    private static func decoded(_ field: String) -> String? {
        guard field.hasPrefix("=?base64?"), field.hasSuffix("?="), field.utf8.count >= 11 else { return field }
        return Base64.decode(Array(field.dropFirst(9).dropLast(2).utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    private func modernResult(_ method: String, _ parameters: JSONValue) async throws(MCPError) -> JSONValue {
        switch method {
        case "server/discover":
            return [
                "supportedVersions": .array(Self.modern.map { .string($0) }), "capabilities": Self.capabilities,
                "instructions": .string(AgentTools.instructions), "ttlMs": 300_000, "cacheScope": "public",
            ]
        case "tools/list":
            guard case .object(let list) = try list(parameters) else { return [:] }
            return .object(
                JSONObject(list.members + [.init(key: "ttlMs", value: 300_000), .init(key: "cacheScope", value: "public")]))
        case "tools/call": return try await call(parameters)
        default:
            var error = Self.unknown(method)
            error.status = 404
            throw error
        }
    }

    // MARK: Tools

    private func list(_ parameters: JSONValue) throws(MCPError) -> JSONValue {
        if let cursor = parameters["cursor"], cursor != .null {
            throw MCPError(-32602, "The list of tools has one page, so that there is no cursor \(cursor).")
        }
        return ["tools": .array(tools.all.map(\.json))]
    }

    private func call(_ parameters: JSONValue) async throws(MCPError) -> JSONValue {
        guard case .string(let name)? = parameters["name"] else {
            throw MCPError(-32602, "params.name must be a string: the name of a tool.")
        }
        guard let tool = tools.all.first(where: { $0.name == name }) else {
            throw MCPError(
                -32602, "Unknown tool: \"\(name.prefix(80))\"; there are \(tools.all.map(\.name).joined(separator: ", ")).")
        }
        let arguments = parameters["arguments"] ?? .object(JSONObject())
        let answer = await queries.run { [queryTime = queries.queryTime] () -> Result<String, AgentArguments.Problem> in
            do throws(AgentArguments.Problem) {
                let now = Timestamp.now.nanosecondsSinceEpoch
                return .success(
                    try tool.call(try AgentArguments(arguments, tool.parameters, now: now, deadline: .after(queryTime))))
            } catch {
                return .failure(error)
            }
        }
        switch answer {
        case nil: return Self.content("Too many queries are waiting; try again in a second.", isError: true)
        case .success(let text)?: return Self.content(text, isError: false)
        case .failure(let problem)?: return Self.content(problem.message, isError: true)
        }
    }

    private static func content(_ text: String, isError: Bool) -> JSONValue {
        ["content": [["type": "text", "text": .string(text)]], "isError": .bool(isError)]
    }
}
