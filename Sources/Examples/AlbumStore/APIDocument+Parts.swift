// The parts that the document is made of: schemas, and what makes operations, parameters and responses.

import ExampleSupport

extension APIDocument {
    static let schemas: JSONValue = [
        "Album": object(
            [
                "id": [
                    "type": "integer", "minimum": number(Album.identifiers.lowerBound), "maximum": number(Album.identifiers.upperBound),
                    "example": 10,
                ],
                "title": text(example: "The Ozzman Cometh"),
                "artist": text(example: "Black Sabbath"),
                "price": ["type": "number", "minimum": 0, "exclusiveMinimum": true, "maximum": 10_000, "example": 66.6],
            ], required: ["id", "title", "artist", "price"]),
        "Job": object(
            [
                "id": ["type": "string", "format": "uuid"],
                "status": ["type": "string", "enum": ["queued", "running", "done", "failed"]],
                "album": reference("Album"),
                "errors": errors,
            ], required: ["id", "status"]),
        "Status": object(["status": ["type": "string", "enum": ["OK"]]], required: ["status"]),
        "Message": object(["message": ["type": "string"]], required: ["message"]),
        "FieldErrors": object(["errors": errors], required: ["errors"]),
    ]

    private static let errors: JSONValue = [
        "type": "array", "minItems": 1,
        "items": object(["field": ["type": "string"], "message": ["type": "string"]], required: ["field", "message"]),
    ]

    /// The pattern leaves out the null character.
    private static func text(example: JSONValue) -> JSONValue {
        ["type": "string", "minLength": 2, "maxLength": 1000, "pattern": "^[^\\u0000]*$", "example": example]
    }

    private static func object(_ properties: JSONValue, required: JSONValue) -> JSONValue {
        ["type": "object", "required": required, "properties": properties]
    }

    static func reference(_ name: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(name)")] }

    static func number(_ value: Int) -> JSONValue { .integer(Int64(value)) }

    static func operation(_ name: String, _ summary: String, _ responses: KeyValuePairs<String, JSONValue>) -> JSONValue {
        operation(name, summary, parameters: [], responses.map { ($0.key, $0.value) })
    }

    static func operation(
        _ name: String, _ summary: String, parameters: [JSONValue], body: JSONValue? = nil, _ responses: [(String, JSONValue)]
    ) -> JSONValue {
        var members: [(String, JSONValue)] = [("operationId", .string(name)), ("summary", .string(summary))]
        if !parameters.isEmpty { members.append(("parameters", .array(parameters))) }
        if let body { members.append(("requestBody", ["required": true, "content": ["application/json": ["schema": body]]])) }
        members.append(("responses", .object(JSONObject(responses.map { JSONObject.Member(key: $0.0, value: $0.1) }))))
        return .object(JSONObject(members.map { JSONObject.Member(key: $0.0, value: $0.1) }))
    }

    static func parameter(_ name: String, in place: String, _ description: String, _ schema: JSONValue) -> JSONValue {
        [
            "name": .string(name), "in": .string(place), "description": .string(description), "required": .bool(place == "path"),
            "schema": schema,
        ]
    }

    static func header(_ description: String, _ schema: JSONValue = ["type": "string"], required: Bool = false) -> JSONValue {
        ["description": .string(description), "required": .bool(required), "schema": schema]
    }

    static func response(_ description: String, json schema: JSONValue, headers: JSONValue? = nil) -> JSONValue {
        response(description, "application/json", schema, headers: headers)
    }

    static func response(_ description: String, _ mediaType: String, _ schema: JSONValue, headers: JSONValue? = nil) -> JSONValue {
        let content = JSONValue.object(JSONObject([JSONObject.Member(key: mediaType, value: ["schema": schema])]))
        return headers.map { ["description": .string(description), "headers": $0, "content": content] }
            ?? ["description": .string(description), "content": content]
    }
}
