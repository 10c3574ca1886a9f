// An album: how it is read from JSON, what makes it valid, how it is written.

import ExampleSupport

/// A record on the shelf of the store.
struct Album: Sendable, Hashable {
    var id = 0
    var title = ""
    var artist = ""
    var price = 0.0

    /// What the store holds when it starts.
    static let seeds = [
        Album(id: 1, title: "Blue Train", artist: "John Coltrane", price: 56.99),
        Album(id: 2, title: "Jeru", artist: "Gerry Mulligan", price: 17.99),
        Album(id: 3, title: "Sarah Vaughan and Clifford Brown", artist: "Sarah Vaughan", price: 39.99),
    ]

    var json: JSONValue {
        ["id": .integer(Int64(id)), "title": .string(title), "artist": .string(artist), "price": .number(price)]
    }
}

/// A value of another type than the field has.
struct TypeMismatch: Error, CustomStringConvertible {
    let description: String

    /// - Parameter field: nil where the document itself is meant.
    init(field: String?, expected: String, found: JSONValue) {
        let place = field.map { "Field \($0)" } ?? "The album"
        description = "\(place) must be \(expected), found \(found.kind)"
    }
}

extension Album {
    /// Reads an album. Keys match in any case, unknown ones are ignored, and `null` counts as left out.
    init(_ document: JSONValue) throws(TypeMismatch) {
        switch document {
        case .null: break
        case .object(let object):
            for member in object.members where member.value != .null { try set(member.key.lowercased(), member.value) }
        default: throw TypeMismatch(field: nil, expected: "an object", found: document)
        }
    }

    private mutating func set(_ field: String, _ value: JSONValue) throws(TypeMismatch) {
        switch (field, value) {
        case ("id", .integer(let number)): id = Int(number)
        case ("id", _): throw TypeMismatch(field: field, expected: "an integer", found: value)
        case ("title", .string(let text)): title = text
        case ("artist", .string(let text)): artist = text
        case ("title", _), ("artist", _): throw TypeMismatch(field: field, expected: "a string", found: value)
        case ("price", .integer(let number)): price = Double(number)
        case ("price", .number(let number)): price = number
        case ("price", _): throw TypeMismatch(field: field, expected: "a number", found: value)
        default: break
        }
    }
}

/// A field that does not keep a rule.
struct FieldError: Error, Hashable {
    let field: String
    let message: String

    static let required = "required field"
    static let belowMinimum = "below minimum value"
    static let aboveMaximum = "above maximum value"
    static let exists = "already exists"

    var json: JSONValue { ["field": .string(field), "message": .string(message)] }
}

extension Album {
    /// The rules that the album does not keep: at most one a field, in the order of the fields.
    var fieldErrors: [FieldError] {
        [
            Self.error("id", Double(id), in: 1...10_000),
            Self.error("title", title), Self.error("artist", artist),
            price == 0 ? FieldError(field: "price", message: FieldError.required) : Self.error("price", price, in: 0...10_000),
        ].compactMap { $0 }
    }

    private static func error(_ field: String, _ value: Double, in range: ClosedRange<Double>) -> FieldError? {
        if value < range.lowerBound { return FieldError(field: field, message: FieldError.belowMinimum) }
        if value > range.upperBound { return FieldError(field: field, message: FieldError.aboveMaximum) }
        return nil
    }

    private static func error(_ field: String, _ text: String) -> FieldError? {
        let length = text.unicodeScalars.count
        return length == 0 ? FieldError(field: field, message: FieldError.required) : error(field, Double(length), in: 2...1000)
    }
}
