// The schemas of the document.

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
}
