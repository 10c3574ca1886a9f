// Reads and checks the fields of a JSON body; the errors are collected, so that an answer can name them all.

/// The fields of a JSON object. Keys match in any case, unknown ones are ignored, `null` is a missing field.
///
/// A missing field has the value 0 or "". (Go's `encoding/json` and `validator` read bodies so, and the services' contracts are theirs.)
package struct JSONFields: Sendable {
    private let members: [(key: String, value: JSONValue)]
    /// At most one error for each field, in the order in which fields were read.
    package private(set) var errors: [FieldError] = []
    /// The first value in the document that has another type than its field.
    package private(set) var typeMismatch: JSONTypeMismatch?
    private var mismatchIndex = Int.max

    /// - Parameter subject: names the document in messages, such as `The album`.
    package init(_ document: JSONValue, subject: String) {
        switch document {
        case .null: members = []
        case .object(let object): members = object.members.filter { $0.value != .null }.map { ($0.key.lowercased(), $0.value) }
        default:
            members = []
            typeMismatch = JSONTypeMismatch(place: subject, expected: "an object", found: document)
        }
    }

    /// Reads an integer; one outside of the range is an error.
    package mutating func integer(_ field: String, in range: ClosedRange<Int>) -> Int {
        let value: Int = read(field, "an integer", default: 0) { $0.integerValue }
        check(field, value, in: range)
        return value
    }

    /// Reads a number; a missing one, zero, and one outside of the range are errors.
    package mutating func number(_ field: String, in range: ClosedRange<Double>) -> Double {
        let value: Double = read(field, "a number", default: 0) { value in
            switch value {
            case .integer(let number): Double(number)
            case .number(let number): number
            default: nil
            }
        }
        if value == 0 { errors.append(FieldError(field, .required)) } else { check(field, value, in: range) }
        return value
    }

    /// Reads a text; a missing or empty one, and one whose Unicode scalars are too few or too many, are errors.
    ///
    /// So is a null character, which PostgreSQL's texts cannot hold.
    package mutating func text(_ field: String, length range: ClosedRange<Int> = 1...Int.max) -> String {
        let value: String = read(field, "a string", default: "") { $0.stringValue }
        if value.isEmpty {
            errors.append(FieldError(field, .required))
        } else if value.utf8.contains(0) {
            errors.append(FieldError(field, .nullCharacter))
        } else {
            check(field, value.unicodeScalars.count, in: range)
        }
        return value
    }

    /// Reads a text that may be missing or empty; nil if it is.
    package mutating func optionalText(_ field: String, length range: ClosedRange<Int> = 0...Int.max) -> String? {
        hasValue(field) ? text(field, length: range) : nil
    }

    /// Returns the value of a field of any type; nil if it is missing.
    package func value(_ field: String) -> JSONValue? {
        members.last { $0.key == field.lowercased() }?.value
    }

    private func hasValue(_ field: String) -> Bool { members.contains { $0.key == field.lowercased() && $0.value != "" } }

    /// Returns the last value of a field; notes the type mismatch that comes first in the document.
    private mutating func read<Value>(
        _ field: String, _ expected: String, default standard: Value, _ convert: (JSONValue) -> Value?
    ) -> Value {
        var result = standard
        for (index, member) in members.enumerated() where member.key == field.lowercased() {
            if let value = convert(member.value) {
                result = value
            } else if index < mismatchIndex {
                mismatchIndex = index
                typeMismatch = JSONTypeMismatch(place: "Field \(field)", expected: expected, found: member.value)
            }
        }
        return result
    }

    private mutating func check<Value>(_ field: String, _ value: Value, in range: ClosedRange<Value>) {
        if value < range.lowerBound { errors.append(FieldError(field, .belowMinimum)) }
        if value > range.upperBound { errors.append(FieldError(field, .aboveMaximum)) }
    }
}

/// The reason why a JSON body is not decoded.
package enum JSONBodyError: Error, Hashable {
    case malformed(JSONSyntaxError)
    case wrongType(JSONTypeMismatch)
    /// At most one error for each field.
    case invalid([FieldError])
}

/// A JSON value of another type than its field has.
package struct JSONTypeMismatch: Error, Hashable, CustomStringConvertible {
    package let description: String

    init(place: String, expected: String, found: JSONValue) {
        description = "\(place) must be \(expected), found \(found.kind)"
    }
}

/// A field whose value breaks a rule.
package struct FieldError: Error, Hashable {
    /// The message of a broken rule.
    package enum Rule: String, Sendable {
        case required = "required field"
        case belowMinimum = "below minimum value"
        case aboveMaximum = "above maximum value"
        case unique = "already exists"
        case nullCharacter = "null character"
    }

    package let field: String
    package let rule: Rule

    package init(_ field: String, _ rule: Rule) {
        self.field = field
        self.rule = rule
    }

    package var json: JSONValue { ["field": .string(field), "message": .string(rule.rawValue)] }
}
