// Reads identifiers, pages and bodies of requests, and refuses wrong ones with `{"error": …}`.

import ExampleSupport

extension Refusal {
    /// Creates a refusal that is answered with `{"error": …}`.
    static func error(_ text: String, status: Int = 400) -> Refusal { Refusal(text, status: status, key: "error") }
}

extension ServiceRequest {
    /// The identifier in the path; nil for a number that no row has, since identifiers are positive numbers of 32 bits.
    var rowID: Int? {
        get throws(Refusal) {
            let text = parameters["id"] ?? ""
            let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
            guard !digits.isEmpty, digits.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) else {
                throw .error("The id must be a whole number")
            }
            return Self.rowID(text)
        }
    }

    private static func rowID(_ text: String) -> Int? { Int32(text).flatMap { $0 > 0 ? Int($0) : nil } }

    /// Reads the field of a body, JSON or a form; a missing or empty one is refused with that message.
    func text(_ field: String, orRefuse missing: String) throws(Refusal) -> String {
        try body(orRefuse: missing) { $0.text(field) }
    }

    /// Reads the identifier in a field of a body; nil for a number that no row has.
    func rowID(_ field: String, orRefuse missing: String) throws(Refusal) -> Int? {
        let number = try body(orRefuse: missing) { $0.integer(field, in: Int.min...Int.max) }
        if number == 0 { throw .error(missing) }
        return Self.rowID(String(number))
    }

    private func body<Value>(orRefuse missing: String, _ read: (inout JSONFields) -> Value) throws(Refusal) -> Value {
        do throws(JSONBodyError) { return try decodedFields("The body", read) } catch {
            switch error {
            case .malformed(let error): throw Refusal("Malformed JSON", key: "error", detail: "\(error)")
            case .wrongType(let mismatch): throw .error("\(mismatch)")
            case .invalid(let errors):
                guard let error = errors.first, error.rule == .nullCharacter else { throw .error(missing) }
                throw .error("Field \(error.field) must not contain the character U+0000")
            }
        }
    }
}

/// The part of a list that a request asks for, `?page=2&perPage=10`: pages begin at 1, and without `perPage` there is one.
struct Page: Sendable {
    /// The most rows of one answer, also where none are asked for: a list of any length would have to be held in memory.
    static let maximum = 1000

    let limit: Int
    let offset: Int

    init(_ request: ServiceRequest) throws(Refusal) {
        let perPage = try Self.number("perPage", request)
        let page = try Self.number("page", request)
        limit = min(perPage ?? Self.maximum, Self.maximum)
        offset = perPage == nil ? 0 : ((page ?? 1) - 1) * limit
    }

    private static func number(_ name: String, _ request: ServiceRequest) throws(Refusal) -> Int? {
        guard let text = request.queryParameter(name) else { return nil }
        guard let number = Int32(text), number > 0 else { throw .error("\(name) must be a whole number from 1 on") }
        return Int(number)
    }
}
