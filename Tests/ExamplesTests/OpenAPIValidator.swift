// Holds answers of a service to its OpenAPI document.

import ExampleSupport
import Telemetry

/// Checks values and responses by the part of OpenAPI 3.0 that the services' documents use; a keyword that it does not know is a violation.
struct OpenAPIValidator {
    private static let descriptive: Set<String> = ["description", "example", "default"]
    let document: JSONValue

    /// Returns how a response differs from what the document says of an operation; empty if it does not.
    func violations(_ response: ServiceResponse, of method: String, _ path: String) -> [String] {
        guard let operation = document["paths"]?[path]?[method.lowercased()] else { return ["\(method) \(path) is not documented"] }
        guard let documented = operation["responses"]?[String(response.status)] else { return ["\(response.status) is not documented"] }
        var violations: [String] = []
        let mediaType = String((response.headers["Content-Type"] ?? "").prefix { $0 != ";" })
        if let schema = documented["content"]?[mediaType]?["schema"] {
            if mediaType == "application/json" {
                guard let value = try? JSONValue(parsing: response.body) else { return ["the body is no JSON"] }
                violations += self.violations(value, schema, at: "body")
            }
        } else {
            violations.append("the media type \(mediaType) is not documented")
        }
        let headers = members(documented["headers"])
        for (name, header) in headers {
            guard let text = response.headers[name] else {
                if header["required"] == true { violations.append("\(name) is missing") }
                continue
            }
            let isNumber = header["schema"]?["type"] == "integer"
            let value: JSONValue = isNumber ? Int64(text).map { .integer($0) } ?? .string(text) : .string(text)
            violations += self.violations(value, header["schema"] ?? [:], at: name)
        }
        let usual = ["content-type", "content-length", "transfer-encoding", "date", "connection", "allow", "vary", "content-encoding"]
        for field in response.headers where !usual.contains(field.name.lowercased()) {
            if !headers.contains(where: { $0.key.lowercased() == field.name.lowercased() }) {
                violations.append("the header \(field.name) is not documented")
            }
        }
        return violations
    }

    /// Returns how a value differs from a schema.
    func violations(_ value: JSONValue, _ schema: JSONValue, at place: String) -> [String] {
        var violations: [String] = []
        for (keyword, rule) in members(schema) where !Self.descriptive.contains(keyword) {
            switch (keyword, rule) {
            case ("$ref", .string(let reference)):
                let name = reference.split(separator: "/").last.map { String($0) } ?? ""
                guard let target = document["components"]?["schemas"]?[name] else { return ["\(reference) does not exist"] }
                violations += self.violations(value, target, at: place)
            case ("oneOf", .array(let schemas)):
                let matches = schemas.count { self.violations(value, $0, at: place).isEmpty }
                if matches != 1 { violations.append("\(place) is \(matches) of the alternatives") }
            case ("items", _):
                for (index, element) in (value.arrayValue ?? []).enumerated() {
                    violations += self.violations(element, rule, at: "\(place)[\(index)]")
                }
            case ("properties", _):
                for (name, schema) in members(rule) {
                    if let member = value[name] { violations += self.violations(member, schema, at: "\(place).\(name)") }
                }
            default:
                if !Self.holds(keyword, rule, schema, value) { violations.append("\(place) = \(value) breaks \(keyword): \(rule)") }
            }
        }
        return violations
    }

    /// Returns whether a keyword without schemas of its own holds; one for another type than that of the value does.
    private static func holds(_ keyword: String, _ rule: JSONValue, _ schema: JSONValue, _ value: JSONValue) -> Bool {
        switch (keyword, rule, value) {
        case ("type", .string(let type), _): isType(type, value)
        case ("enum", .array(let values), _): values.contains(value)
        case ("required", .array(let names), .object(let object)):
            names.allSatisfy { name in object.members.contains { .string($0.key) == name } }
        case ("minimum", _, _):
            number(value).map { $0 > (number(rule) ?? 0) || ($0 == number(rule) && schema["exclusiveMinimum"] != true) } ?? true
        case ("exclusiveMinimum", .bool, _): true
        case ("maximum", _, _): number(value).map { $0 <= (number(rule) ?? 0) } ?? true
        case ("minLength", .integer(let count), .string(let text)): text.unicodeScalars.count >= count
        case ("maxLength", .integer(let count), .string(let text)): text.unicodeScalars.count <= count
        case ("minItems", .integer(let count), .array(let elements)): elements.count >= count
        case ("pattern", .string(let pattern), .string(let text)): (try? Regex(pattern).firstMatch(in: text)) != nil
        case ("format", "uuid", .string(let text)): UUID(text) != nil
        case ("format", "binary", _): true
        default: false
        }
    }

    private static func isType(_ type: String, _ value: JSONValue) -> Bool {
        switch (type, value) {
        case ("object", .object), ("array", .array), ("string", .string), ("boolean", .bool), ("integer", .integer), ("number", .integer),
            ("number", .number):
            true
        default: false
        }
    }

    private static func number(_ value: JSONValue) -> Double? {
        switch value {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }

    private func members(_ value: JSONValue?) -> [(key: String, value: JSONValue)] {
        if case .object(let object)? = value { object.members.map { ($0.key, $0.value) } } else { [] }
    }
}
