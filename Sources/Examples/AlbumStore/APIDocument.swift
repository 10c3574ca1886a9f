// Served below `/v3/api-docs/`, for client generators and for browsers.

import ExampleSupport

/// The album store's interface as an OpenAPI document and as a page that shows it.
enum APIDocument {
    /// An OpenAPI 3.0.2 document.
    static let json: JSONValue = [
        "openapi": "3.0.2",
        "info": [
            "title": "Album store", "version": "0.1",
            "description": "A list of albums in memory, served by a small service that records its spans.",
        ],
        "paths": [
            "/albums": [
                "get": operation("All albums, in the order in which they were added", [("200", "The albums", list)]),
                "post": add,
            ],
            "/albums/{id}": ["get": find],
            "/status": ["get": operation("Whether the service is up", [("200", "It is up", reference("Status"))])],
            "/metrics": [
                "get": [
                    "summary": "Metrics for Prometheus",
                    "responses": [
                        "200": [
                            "description": "Metrics in the format that is asked for, by default Prometheus' text",
                            "content": ["text/plain": ["schema": ["type": "string"]]],
                        ]
                    ],
                ]
            ],
        ],
        "components": [
            "schemas": [
                "Album": album,
                "Status": object(["status": ["type": "string", "enum": ["OK"]]], required: ["status"]),
                "Message": object(["message": ["type": "string"]], required: ["message"]),
                "FieldErrors": object(
                    [
                        "errors": [
                            "type": "array",
                            "items": object(
                                ["field": ["type": "string"], "message": ["type": "string"]], required: ["field", "message"]),
                        ]
                    ], required: ["errors"]),
            ]
        ],
    ]

    private static let list: JSONValue = ["type": "array", "items": reference("Album")]

    private static let album = object(
        [
            "id": ["type": "integer", "minimum": 1, "maximum": 10_000, "example": 10],
            "title": ["type": "string", "minLength": 2, "maxLength": 1000, "example": "The Ozzman Cometh"],
            "artist": ["type": "string", "minLength": 2, "maxLength": 1000, "example": "Black Sabbath"],
            "price": ["type": "number", "minimum": 0, "exclusiveMinimum": true, "maximum": 10_000, "example": 66.6],
        ], required: ["id", "title", "artist", "price"])

    private static let find: JSONValue = {
        var find = operation(
            "One album",
            [
                ("200", "The album", reference("Album")),
                ("400", "There is none by this identifier, or it is no integer", reference("Message")),
            ])
        if case .object(let object) = find {
            let parameter: JSONValue = ["name": "id", "in": "path", "required": true, "schema": ["type": "integer"]]
            find = .object(JSONObject(object.members + [JSONObject.Member(key: "parameters", value: [parameter])]))
        }
        return find
    }()

    private static let add: JSONValue = [
        "summary": "Adds an album",
        "requestBody": ["required": true, "content": content(reference("Album"))],
        "responses": [
            "201": response("The album was added", reference("Album")),
            "400": response(
                "The body is no JSON, a field has the wrong type, breaks a rule, or the identifier is taken",
                ["oneOf": [reference("Message"), reference("FieldErrors")]]),
        ],
    ]

    private static func operation(_ summary: String, _ responses: [(code: String, text: String, schema: JSONValue)]) -> JSONValue {
        let members = responses.map { JSONObject.Member(key: $0.code, value: response($0.text, $0.schema)) }
        return ["summary": .string(summary), "responses": .object(JSONObject(members))]
    }

    private static func response(_ description: String, _ schema: JSONValue) -> JSONValue {
        ["description": .string(description), "content": content(schema)]
    }

    private static func content(_ schema: JSONValue) -> JSONValue { ["application/json": ["schema": schema]] }

    private static func reference(_ name: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(name)")] }

    private static func object(_ properties: JSONValue, required: JSONValue) -> JSONValue {
        ["type": "object", "required": required, "properties": properties]
    }
}

extension APIDocument {
    /// A page that shows the document, without external scripts or styles.
    static let page = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Album store</title>
        <style>
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
        h2 { font-size: 1.05rem; margin: 2rem 0 .3rem; }
        .method { display: inline-block; min-width: 3.2rem; text-align: center; border-radius: .3rem; color: #fff; background: #2b6cb0;
          font: bold .8rem/1.7 ui-monospace, monospace; margin-right: .5rem; }
        .post { background: #2f855a; }
        code, pre { font-family: ui-monospace, monospace; }
        pre { background: #f4f4f4; padding: .8rem; overflow: auto; border-radius: .3rem; font-size: .85rem; }
        td { padding: .1rem 1rem .1rem 0; vertical-align: top; }
        </style>
        </head>
        <body>
        <h1 id="title">Album store</h1>
        <p id="description"></p>
        <p>The whole document: <a href="openapi.json">openapi.json</a> (OpenAPI 3.0.2)</p>
        <div id="operations"></div>
        <h1>Schemas</h1>
        <div id="schemas"></div>
        <script>
        const document_ = \(json);
        const add = (parent, tag, text, name) => {
          const element = parent.appendChild(document.createElement(tag));
          if (text) element.textContent = text;
          if (name) element.className = name;
          return element;
        };
        const schema = s => s.$ref ? s.$ref.split("/").pop() : s.oneOf ? s.oneOf.map(schema).join(" or ")
          : s.type === "array" ? "list of " + schema(s.items) : s.type;
        document.getElementById("description").textContent = document_.info.description;
        for (const [path, methods] of Object.entries(document_.paths)) {
          for (const [method, operation] of Object.entries(methods)) {
            const section = document.getElementById("operations");
            const heading = add(section, "h2");
            add(heading, "span", method.toUpperCase(), "method " + method);
            add(heading, "code", path);
            add(section, "div", operation.summary);
            const table = add(section, "table");
            for (const [code, response] of Object.entries(operation.responses)) {
              const row = add(table, "tr");
              add(add(row, "td"), "code", code);
              add(row, "td", response.description);
              add(add(row, "td"), "code", Object.values(response.content).map(c => schema(c.schema)).join());
            }
          }
        }
        for (const [name, content] of Object.entries(document_.components.schemas)) {
          add(document.getElementById("schemas"), "h2", name);
          add(document.getElementById("schemas"), "pre", JSON.stringify(content, null, 2));
        }
        </script>
        </body>
        </html>

        """
}
