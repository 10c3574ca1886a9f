// The messages of JSON-RPC that the endpoint for agents reads and writes.

import ExampleSupport

/// A request, a notification or a response of a client.
enum MCPMessage {
    case request(id: JSONValue, method: String, parameters: JSONValue)
    case notification(method: String)
    case response

    /// Reads a message.
    ///
    /// - Throws: what is wrong with it, with its identifier as far as it has one.
    init(_ body: [UInt8]) throws(MCPError) {
        let value: JSONValue
        do { value = try JSONValue(parsing: body) } catch {
            throw MCPError(-32700, "The body is no JSON: \(error) (byte \(error.offset)).", status: 400)
        }
        if case .array = value {
            throw MCPError(
                -32600, "The body must be one message; batches are not part of the protocol's versions that this server speaks.",
                status: 400)
        }
        guard case .object(let object) = value else {
            throw MCPError(-32600, "The message must be an object, not \(value.kind).", status: 400)
        }
        let id = object["id"]
        guard object["jsonrpc"] == "2.0" else { throw MCPError(-32600, "jsonrpc must be \"2.0\".", status: 400, id: Self.identifier(id)) }
        guard let method = object["method"] else {
            guard object["result"] != nil || object["error"] != nil else {
                throw MCPError(
                    -32600, "A message has a method, or it is a response with a result or an error.", status: 400, id: Self.identifier(id))
            }
            self = .response
            return
        }
        guard case .string(let method) = method else {
            throw MCPError(-32600, "method must be a string, not \(method.kind).", status: 400, id: Self.identifier(id))
        }
        let parameters = object["params"] ?? .object(JSONObject())
        guard case .object = parameters else {
            throw MCPError(-32602, "params must be an object, not \(parameters.kind).", status: 400, id: Self.identifier(id))
        }
        guard let id else {
            self = .notification(method: method)
            return
        }
        guard let known = Self.identifier(id) else {
            throw MCPError(-32600, "id must be a string or a whole number, not \(id.kind).", status: 400)
        }
        self = .request(id: known, method: method, parameters: parameters)
    }

    /// Returns a value that may identify a request.
    private static func identifier(_ value: JSONValue?) -> JSONValue? {
        switch value {
        case .string, .integer: value
        default: nil
        }
    }

    static func result(_ result: JSONValue, id: JSONValue) -> JSONValue { ["jsonrpc": "2.0", "id": id, "result": result] }
}

/// An error of the protocol, with the status that HTTP has for it.
struct MCPError: Error {
    let code: Int64
    let message: String
    var status: Int
    var id: JSONValue?
    var data: JSONValue?

    init(_ code: Int64, _ message: String, status: Int = 200, id: JSONValue? = nil, data: JSONValue? = nil) {
        (self.code, self.message, self.status, self.id, self.data) = (code, message, status, id, data)
    }

    var json: JSONValue {
        var error: [JSONObject.Member] = [.init(key: "code", value: .integer(code)), .init(key: "message", value: .string(message))]
        if let data { error.append(.init(key: "data", value: data)) }
        return ["jsonrpc": "2.0", "id": id ?? .null, "error": .object(JSONObject(error))]
    }
}
