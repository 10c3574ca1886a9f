// A tool as agents see it.

import ExampleSupport

/// A question that agents can ask: its name, what it takes, and what answers it.
struct AgentTool: Sendable {
    let name: String
    let title: String
    let description: String
    let parameters: [AgentParameter]
    let call: @Sendable (AgentArguments) throws(AgentArguments.Problem) -> String

    /// The definition in a list of tools.
    var json: JSONValue {
        [
            "name": .string(name), "title": .string(title), "description": .string(description),
            "inputSchema": [
                "type": "object",
                "properties": .object(JSONObject(parameters.map { JSONObject.Member(key: $0.name, value: $0.schema) })),
                "required": .array(parameters.filter(\.isRequired).map { .string($0.name) }), "additionalProperties": false,
            ],
            "annotations": ["title": .string(title), "readOnlyHint": true, "openWorldHint": false],
        ]
    }
}
