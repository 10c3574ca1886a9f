// Served at `/openapi.json`, and as a page at `/docs`. Tests hold the service to it.

import ExampleSupport

/// The spaceport's interface.
enum SpaceportDocument: FastAPIDescription {
    static let title = "Spaceport"

    static let paths: JSONValue = [
        "/request_docking/{ship_id}": ["get": request("docking")],
        "/dock": ["post": use("dock", "Docks a ship that has asked for a code")],
        "/request_separation/{ship_id}": ["get": request("separation")],
        "/separate": ["post": use("separate", "Separates a docked ship that has asked for a code")],
        "/docked_ships": [
            "get": operation(
                "docked_ships", "The docked ships in the order in which they docked",
                ["200": response("Their identifiers", json: ["type": "array", "items": ["type": "string"]])])
        ],
        "/authorization_requests": [
            "get": operation(
                "authorization_requests", "The ships that have codes that they have not used",
                ["200": response("The ships", json: reference("Requests"))])
        ],
        "/clear_lists": [
            "post": operation(
                "clear_lists", "Forgets all ships and codes", ["200": response("That it was done", json: reference("Message"))])
        ],
    ]

    static let schemas: JSONValue = [
        "Ship": object(
            [
                "id": ["type": "string", "minLength": 1, "maxLength": number(SpaceportEvent.longestText)],
                "authorization_code": ["type": "string"], "passengers": ["type": "integer"],
            ], required: ["id", "authorization_code", "passengers"]),
        "Code": object(["authorization_code": ["type": "string"]], required: ["authorization_code"]),
        "Message": object(["message": ["type": "string"]], required: ["message"]),
        "Refusal": object(
            [
                "detail": [
                    "type": "string",
                    "enum": [
                        "Invalid authorization code", "Ship already docked", "Docking limit reached", "Ship not found",
                    ],
                ]
            ], required: ["detail"]),
        "Requests": object(
            ["docking_requests": ships, "separation_requests": ships], required: ["docking_requests", "separation_requests"]),
    ]

    private static let ships: JSONValue = ["type": "array", "items": object(["id": ["type": "string"]], required: ["id"])]

    private static func request(_ noun: String) -> JSONValue {
        operation(
            "request_\(noun)", "Gives a ship a code for its \(noun), in place of an earlier one",
            parameters: [parameter("ship_id", in: "path", "The ship's identifier", ["type": "string"])],
            [("200", response("The code", json: reference("Code"))), ("422", invalid)])
    }

    private static func use(_ name: String, _ summary: String) -> JSONValue {
        operation(
            name, summary, parameters: [], body: reference("Ship"),
            [
                ("200", response("That it was done", json: reference("Message"))),
                ("400", response("Why it was not", json: reference("Refusal"))), ("422", invalid),
            ])
    }
}
