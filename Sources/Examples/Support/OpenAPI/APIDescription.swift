// What OpenAPI documents of services are made of.

/// A service's interface as an OpenAPI document, for client generators and for browsers.
package protocol APIDescription {
    static var json: JSONValue { get }
}

extension APIDescription {
    package static func object(_ properties: JSONValue, required: JSONValue) -> JSONValue {
        ["type": "object", "required": required, "properties": properties]
    }

    package static func reference(_ name: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(name)")] }

    package static func number(_ value: Int) -> JSONValue { .integer(Int64(value)) }

    package static func operation(_ name: String, _ summary: String, _ responses: KeyValuePairs<String, JSONValue>) -> JSONValue {
        operation(name, summary, parameters: [], responses.map { ($0.key, $0.value) })
    }

    package static func operation(
        _ name: String, _ summary: String, parameters: [JSONValue], body: JSONValue? = nil, _ responses: [(String, JSONValue)]
    ) -> JSONValue {
        var members: [(String, JSONValue)] = [("operationId", .string(name)), ("summary", .string(summary))]
        if !parameters.isEmpty { members.append(("parameters", .array(parameters))) }
        if let body { members.append(("requestBody", ["required": true, "content": ["application/json": ["schema": body]]])) }
        members.append(("responses", .object(JSONObject(responses.map { JSONObject.Member(key: $0.0, value: $0.1) }))))
        return .object(JSONObject(members.map { JSONObject.Member(key: $0.0, value: $0.1) }))
    }

    package static func parameter(_ name: String, in place: String, _ description: String, _ schema: JSONValue) -> JSONValue {
        [
            "name": .string(name), "in": .string(place), "description": .string(description), "required": .bool(place == "path"),
            "schema": schema,
        ]
    }

    package static func header(_ description: String, _ schema: JSONValue = ["type": "string"], required: Bool = false) -> JSONValue {
        ["description": .string(description), "required": .bool(required), "schema": schema]
    }

    package static func response(_ description: String, json schema: JSONValue, headers: JSONValue? = nil) -> JSONValue {
        response(description, "application/json", schema, headers: headers)
    }

    package static func response(_ description: String, _ mediaType: String, _ schema: JSONValue, headers: JSONValue? = nil) -> JSONValue {
        let content = JSONValue.object(JSONObject([JSONObject.Member(key: mediaType, value: ["schema": schema])]))
        return headers.map { ["description": .string(description), "headers": $0, "content": content] }
            ?? ["description": .string(description), "content": content]
    }
}
