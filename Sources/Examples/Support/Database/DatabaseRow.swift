// A row of a result, read by the number of its columns.

/// A row of a result; columns are numbered from 0.
package struct DatabaseRow: Sendable, Hashable {
    package let values: [DatabaseValue]

    package init(_ values: [DatabaseValue]) {
        self.values = values
    }

    package func integer(_ column: Int) throws(DatabaseError) -> Int {
        guard let value = try optionalInteger(column) else { throw Self.mismatch(column, "an integer", .null) }
        return value
    }

    package func text(_ column: Int) throws(DatabaseError) -> String {
        guard let value = try optionalText(column) else { throw Self.mismatch(column, "a text", .null) }
        return value
    }

    package func real(_ column: Int) throws(DatabaseError) -> Double {
        guard let value = try optionalReal(column) else { throw Self.mismatch(column, "a number", .null) }
        return value
    }

    package func boolean(_ column: Int) throws(DatabaseError) -> Bool {
        guard let value = try optionalBoolean(column) else { throw Self.mismatch(column, "a boolean", .null) }
        return value
    }

    package func optionalInteger(_ column: Int) throws(DatabaseError) -> Int? {
        switch try value(column) {
        case .null: return nil
        case .integer(let value): return Int(value)
        // PostgreSQL's sums of integers are decimal numbers.
        case .real(let value):
            if let value = Int(exactly: value) { return value }
            throw Self.mismatch(column, "an integer", .real(value))
        case let value: throw Self.mismatch(column, "an integer", value)
        }
    }

    package func optionalText(_ column: Int) throws(DatabaseError) -> String? {
        switch try value(column) {
        case .null: return nil
        case .text(let value): return value
        case let value: throw Self.mismatch(column, "a text", value)
        }
    }

    package func optionalReal(_ column: Int) throws(DatabaseError) -> Double? {
        switch try value(column) {
        case .null: return nil
        case .real(let value): return value
        case .integer(let value): return Double(value)
        case let value: throw Self.mismatch(column, "a number", value)
        }
    }

    /// SQLite has no booleans: it returns 0 and 1.
    package func optionalBoolean(_ column: Int) throws(DatabaseError) -> Bool? {
        switch try value(column) {
        case .null: return nil
        case .boolean(let value): return value
        case .integer(0): return false
        case .integer(1): return true
        case let value: throw Self.mismatch(column, "a boolean", value)
        }
    }

    private func value(_ column: Int) throws(DatabaseError) -> DatabaseValue {
        guard values.indices.contains(column) else {
            throw .statement(code: "42703", "The row has \(values.count) columns and none of number \(column).")
        }
        return values[column]
    }

    /// The error names the types alone, since errors are recorded and values must not be.
    private static func mismatch(_ column: Int, _ expected: String, _ value: DatabaseValue) -> DatabaseError {
        let found =
            switch value {
            case .null: "null"
            case .integer: "an integer"
            case .real: "a number"
            case .boolean: "a boolean"
            case .text: "a text"
            }
        return .statement(code: "42804", "Column \(column) is \(found), not \(expected).")
    }
}
