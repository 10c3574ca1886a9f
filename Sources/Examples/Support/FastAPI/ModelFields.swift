// Reads JSON bodies as FastAPI does with a Pydantic model: the same leniency, and the same answer to what does not fit.

import Telemetry

/// The fields of a JSON body, whose problems are collected for one answer with status 422.
///
/// Numbers may be texts and whole floating-point numbers, `true` is 1, texts are nothing but texts, unknown fields are ignored. (Seen with
/// FastAPI 0.115.6 and Pydantic 2.10.3.) Whole numbers of more than 64 bits are refused, as is the constant `NaN`, which is no JSON.
package struct ModelFields: Sendable {
    private let body: JSONValue
    private var problems: [Problem] = []

    /// One element of `detail`.
    private struct Problem {
        let type: String
        let place: [JSONValue]
        let message: String
        let input: JSONValue
        var error: String?

        var json: JSONValue {
            let common: [(String, JSONValue)] = [
                ("type", .string(type)), ("loc", .array(place)), ("msg", .string(message)), ("input", input),
            ]
            let context = error.map { [("ctx", JSONValue.object(JSONObject([.init(key: "error", value: .string($0))])))] } ?? []
            return .object(JSONObject((common + context).map { JSONObject.Member(key: $0.0, value: $0.1) }))
        }

        var text: String {
            place.map { $0.stringValue ?? $0.description }.joined(separator: ".") + ": " + message + (error.map { ", \($0)" } ?? "")
        }
    }

    /// Reads the body of a request, which must be a JSON object.
    package init(_ request: ServiceRequest) throws(Refusal) {
        body = try Self.document(request)
        guard case .object = body else {
            let message = "Input should be a valid dictionary or object to extract fields from"
            throw Self.refusal([Problem(type: "model_attributes_type", place: ["body"], message: message, input: body)])
        }
    }

    /// Throws the refusal with all problems of the fields that were read.
    package func check() throws(Refusal) {
        if !problems.isEmpty { throw Self.refusal(problems) }
    }

    /// Reads a text.
    package mutating func string(_ name: String) -> String {
        guard let value = required(name) else { return "" }
        if let text = value.stringValue { return text }
        note("string_type", name, "Input should be a valid string", value)
        return ""
    }

    /// Reads a whole number.
    package mutating func integer(_ name: String) -> Int {
        guard let value = required(name) else { return 0 }
        let isText = value.stringValue != nil
        switch value {
        case .integer(let number): return Int(number)
        case .bool(let value): return value ? 1 : 0
        case .number(let number) where number != number.rounded():
            note("int_from_float", name, "Input should be a valid integer, got a number with a fractional part", value)
        case .number(let number):
            if let number = Int(exactly: number) { return number }
            note("int_parsing_size", name, "Unable to parse input string as an integer, exceeded maximum size", value)
        case .string(let text):
            let digits = Self.wholeDigits(text)
            if let number = digits.flatMap({ Int($0) }) { return number }
            fallthrough
        default:
            let message = "Input should be a valid integer" + (isText ? ", unable to parse string as an integer" : "")
            note(isText ? "int_parsing" : "int_type", name, message, value)
        }
        return 0
    }

    /// Reads a number.
    package mutating func number(_ name: String) -> Double {
        guard let value = required(name) else { return 0 }
        switch value {
        case .integer(let number): return Double(number)
        case .number(let number): return number
        case .bool(let value): return value ? 1 : 0
        case .string(let text):
            if let number = Double(Self.trimmed(text)), number.isFinite, !text.contains(where: { "xX".contains($0) }) { return number }
            note("float_parsing", name, "Input should be a valid number, unable to parse string as a number", value)
        default: note("float_type", name, "Input should be a valid number", value)
        }
        return 0
    }

    /// Returns the value of a field that may be missing; nil for `null` as well.
    package func optional(_ name: String) -> JSONValue? { body[name].flatMap { $0 == .null ? nil : $0 } }

    private mutating func required(_ name: String) -> JSONValue? {
        if let value = body[name] { return value }
        note("missing", name, "Field required", body)
        return nil
    }

    private mutating func note(_ type: String, _ name: String, _ message: String, _ input: JSONValue) {
        problems.append(Problem(type: type, place: ["body", .string(name)], message: message, input: input))
    }
}

extension ModelFields {
    private static func document(_ request: ServiceRequest) throws(Refusal) -> JSONValue {
        let missing = Problem(type: "missing", place: ["body"], message: "Field required", input: .null)
        guard !request.body.isEmpty else { throw refusal([missing]) }
        // A body that is declared as something else is one text.
        guard isJSON(request.headers["Content-Type"]) else { return .string(request.text) }
        guard String(validating: request.body, as: UTF8.self) != nil else {
            throw Refusal("There was an error parsing the body", key: "detail")
        }
        do {
            let document = try JSONValue(parsing: request.body)
            if document == .null { throw refusal([missing]) }
            return document
        } catch let error as Refusal {
            throw error
        } catch {
            let found = PythonJSONError(request.body) ?? PythonJSONError(message: "\(error)", offset: 0)
            throw refusal([
                Problem(
                    type: "json_invalid", place: ["body", .integer(Int64(found.offset))], message: "JSON decode error", input: [:],
                    error: found.message)
            ])
        }
    }

    private static func isJSON(_ contentType: String?) -> Bool {
        guard let contentType else { return true }
        let type = contentType.prefix { $0 != ";" }.filter { !$0.isWhitespace }.lowercased()
        return type == "application/json" || (type.hasPrefix("application/") && type.hasSuffix("+json"))
    }

    private static func refusal(_ problems: [Problem]) -> Refusal {
        let text = problems.map(\.text).joined(separator: "; ").recorded
        return Refusal(["detail": .array(problems.map(\.json))], status: 422, reason: "invalid request body", detail: text)
    }

    private static func trimmed(_ text: String) -> String {
        // Single underscores between digits are left out, as in Python's own literals.
        var scalars = Array(text.unicodeScalars)
        while scalars.last?.properties.isWhitespace == true { scalars.removeLast() }
        let start = scalars.firstIndex { !$0.properties.isWhitespace } ?? scalars.endIndex
        var kept = String.UnicodeScalarView()
        for place in scalars.indices[start...] {
            let isBetweenDigits =
                scalars[place] == "_" && place > start && place + 1 < scalars.count && isDigit(scalars[place - 1])
                && isDigit(scalars[place + 1])
            if !isBetweenDigits { kept.append(scalars[place]) }
        }
        return String(kept)
    }

    /// Returns the digits of a text that is a whole number, with or without a fraction of zeros; nil for every other text.
    private static func wholeDigits(_ text: String) -> String? {
        let parts = trimmed(text).split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2, parts[1].isEmpty || !parts[1].allSatisfy({ $0 == "0" }) { return nil }
        return String(parts[0])
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
}
