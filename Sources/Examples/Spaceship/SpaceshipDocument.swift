// Served at `/openapi.json`, and as a page at `/docs`. Tests hold the service to it.

import ExampleSupport

/// The spaceship's interface. Answers of the spaceport are passed on with their status.
enum SpaceshipDocument: FastAPIDescription {
    static let title = "Spaceship"

    static let paths: JSONValue = [
        "/dock/{spaceport}": ["post": call("dock", "Docks at a spaceport")],
        "/separate/{spaceport}": ["post": call("separate", "Separates from a spaceport")],
    ]

    static let schemas: JSONValue = [
        "Message": object(["message": ["type": "string"]], required: ["message"]),
        "Refusal": object(["detail": ["type": "object"]], required: ["detail"]),
    ]

    private static func call(_ name: String, _ summary: String) -> JSONValue {
        operation(
            name, summary,
            parameters: [parameter("spaceport", in: "path", "Its host, with a port or without", ["type": "string"])],
            [
                ("200", response("That it was done", json: reference("Message"))),
                ("400", response("Why it was not, in the words of the spaceport", json: reference("Refusal"))), ("422", invalid),
                ("500", response("The spaceport cannot be reached", "text/plain", ["type": "string"])),
            ])
    }
}
