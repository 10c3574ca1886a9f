// Served below `/v3/api-docs/`, for client generators and for browsers. Tests hold the service to it.

import ExampleSupport

/// The album store's interface as an OpenAPI 3.0.2 document.
enum APIDocument: APIDescription {
    static let json: JSONValue = [
        "openapi": "3.0.2",
        "info": [
            "title": "Album store", "version": "0.2",
            "description": "A list of albums in memory or in a database, served by a small service that records its spans.",
        ],
        "paths": [
            "/albums": ["get": list, "post": add],
            "/albums/{id}": ["get": find],
            "/jobs/{id}": ["get": job],
            "/status": ["get": operation("status", "Whether the service is up", ["200": response("It is up", json: reference("Status"))])],
            "/metrics": ["get": metrics],
            "/v3/api-docs/": [
                "get": operation("page", "This interface for people", ["200": response("The page", "text/html", ["type": "string"])])
            ],
            "/v3/api-docs/openapi.json": [
                "get": operation("document", "This interface", ["200": response("The document", json: ["type": "object"])])
            ],
        ],
        "components": ["schemas": schemas],
    ]

    private static let list = operation(
        "albums", "Albums in the order in which they were added: all of them, or one page if there is a parameter",
        parameters: [
            parameter(
                "limit", in: "query", "The albums of a page",
                [
                    "type": "integer", "minimum": number(AlbumListing.limits.lowerBound), "maximum": number(AlbumListing.limits.upperBound),
                    "default": number(AlbumListing.defaultLimit),
                ]),
            parameter(
                "cursor", in: "query", "Where the page begins, taken from the link to it",
                ["type": "string", "pattern": "^(0|[1-9a-z][0-9a-z]{0,11})$"]),
        ],
        limited([
            "200": response(
                "The albums", json: ["type": "array", "items": reference("Album")],
                headers: [
                    "Link": header("The next page, if there is one: `</albums?…>; rel=\"next\"`"),
                    "X-Total-Count": header("With a page, the number of all albums", ["type": "integer", "minimum": 0]),
                ]),
            "400": response("A parameter breaks its rule", json: reference("Message")),
        ]))

    private static let add = operation(
        "addAlbum", "Adds an album, at once or by a job",
        parameters: [
            parameter("async", in: "query", "Whether to answer before the album is added", ["type": "boolean", "default": false]),
            parameter("Prefer", in: "header", "`respond-async` is the same as `async=true` (RFC 7240)", ["type": "string"]),
        ],
        body: reference("Album"),
        limited([
            "201": response("The album was added", json: reference("Album")),
            "202": response(
                "A job will add the album", json: reference("Job"),
                headers: [
                    "Location": header("The path of the job", required: true),
                    "Preference-Applied": header("`respond-async`, if that was preferred"),
                ]),
            "400": response(
                "The body is no JSON, a field has the wrong type, breaks a rule, or the identifier is taken",
                json: ["oneOf": [reference("Message"), reference("FieldErrors")]]),
            "413": response("The body is too large", "text/plain", ["type": "string"]),
        ]))

    private static let find = operation(
        "album", "One album", parameters: [parameter("id", in: "path", "Its identifier", ["type": "integer"])],
        limited([
            "200": response("The album", json: reference("Album")),
            "400": response("There is none by this identifier, or it is no integer", json: reference("Message")),
        ]))

    private static let job = operation(
        "job", "The state of a job", parameters: [parameter("id", in: "path", "Its identifier", ["type": "string", "format": "uuid"])],
        limited([
            "200": response("The job", json: reference("Job")),
            "404": response("There is none by this identifier, or it was finished long ago", json: reference("Message")),
        ]))

    private static let metrics = operation(
        "metrics", "Metrics for Prometheus",
        [
            "200": [
                "description": "Metrics in the format that is asked for, by default Prometheus' text",
                "content": [
                    "text/plain": ["schema": ["type": "string"]], "application/openmetrics-text": ["schema": ["type": "string"]],
                    "application/vnd.google.protobuf": ["schema": ["type": "string", "format": "binary"]],
                ],
            ],
            "503": response("Metrics cannot be collected", "text/plain", ["type": "string"]),
        ])

    /// Returns the responses with those of a service under load, or without its database.
    private static func limited(_ responses: KeyValuePairs<String, JSONValue>) -> [(String, JSONValue)] {
        let later: JSONValue = ["Retry-After": header("The seconds to wait", ["type": "integer", "minimum": 1], required: true)]
        return responses.map { ($0.key, $0.value) } + [
            ("429", response("Too many requests in a second", json: reference("Message"), headers: later)),
            (
                "503",
                response(
                    "Too many requests at once, too many jobs, or no database: the same request may succeed later",
                    json: reference("Message"), headers: later)
            ),
        ]
    }
}
