// The interface of a service, at the paths and with the schemas that FastAPI has for it.

/// The interface of a service as FastAPI describes it.
package protocol FastAPIDescription: APIDescription {
    static var title: String { get }
    static var paths: JSONValue { get }
    /// The schemas of bodies, besides those of FastAPI's refusals.
    static var schemas: JSONValue { get }
}

extension FastAPIDescription {
    package static var json: JSONValue {
        var all = JSONObject.members(of: schemas)
        all.append(contentsOf: JSONObject.members(of: validation))
        return [
            "openapi": "3.1.0", "info": ["title": .string(title), "version": "0.1.0"], "paths": paths,
            "components": ["schemas": .object(JSONObject(all))],
        ]
    }

    private static var validation: JSONValue {
        [
            "HTTPValidationError": object(["detail": ["type": "array", "items": reference("ValidationError")]], required: ["detail"]),
            "ValidationError": object(
                [
                    "loc": ["type": "array", "items": ["oneOf": [["type": "string"], ["type": "integer"]]]], "msg": ["type": "string"],
                    "type": ["type": "string"],
                ], required: ["loc", "msg", "type"]),
        ]
    }

    /// The refusal of a request whose path or body has not the right form.
    package static var invalid: JSONValue { response("Validation Error", json: reference("HTTPValidationError")) }
}

extension JSONObject {
    fileprivate static func members(of value: JSONValue) -> [Member] {
        if case .object(let object) = value { object.members } else { [] }
    }
}

extension Router {
    /// Adds routes for the document, and for a page that shows it at `/docs` and `/redoc`.
    package mutating func add(_ description: (some FastAPIDescription).Type) {
        let (document, page) = (description.json, description.page())
        on("GET", "/openapi.json") { _ in .json(document) }
        for path in ["/docs", "/redoc"] { on("GET", path) { _ in .html(page) } }
    }
}
