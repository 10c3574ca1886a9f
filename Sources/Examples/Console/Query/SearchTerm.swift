// What a search asks for, as the parser has read it.

/// A search for spans or log records.
package indirect enum SearchTerm: Sendable, Equatable {
    case everything
    case all([SearchTerm])
    case any([SearchTerm])
    case not(SearchTerm)
    case condition(SearchCondition)
}

/// A field, and what it is compared with.
package struct SearchCondition: Sendable, Equatable {
    package enum Field: Sendable, Equatable {
        /// The texts of an item: its name or body, and the values of its attributes.
        case text
        case service, name, kind, status, duration, trace, span, severity, event, scope, run
        case attribute(String)
    }

    package enum Comparison: String, Sendable {
        case equal = "="
        case notEqual = "!="
        case contains = "~"
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="

        /// True if it needs numbers on both sides.
        var isOrder: Bool {
            switch self {
            case .equal, .notEqual, .contains: false
            case .less, .lessOrEqual, .greater, .greaterOrEqual: true
            }
        }

        func holds<Value: Comparable>(_ left: Value, _ right: Value) -> Bool {
            switch self {
            case .equal: left == right
            case .notEqual: left != right
            case .contains: false
            case .less: left < right
            case .lessOrEqual: left <= right
            case .greater: left > right
            case .greaterOrEqual: left >= right
            }
        }

        /// Returns whether a number compares so with a range of equal ones.
        @inline(__always)
        func holds<Number: Comparable>(_ number: Number, _ equal: ClosedRange<Number>) -> Bool {
            switch self {
            case .equal: equal.contains(number)
            case .notEqual: !equal.contains(number)
            case .less: number < equal.lowerBound
            case .lessOrEqual: number <= equal.upperBound
            case .greater: number > equal.upperBound
            case .greaterOrEqual: number >= equal.lowerBound
            case .contains: false
            }
        }
    }

    package var field: Field
    package var comparison: Comparison
    /// The value as it was written, without quotes.
    package var text: String
    /// The value as a number: nanoseconds for a duration, the OTLP number of a kind, status or severity.
    package var number: Double?
    /// True for the beginning of a word, `time*`.
    package var isPrefix = false

    package init(_ field: Field, _ comparison: Comparison, _ text: String, number: Double? = nil) {
        self.field = field
        self.comparison = comparison
        self.text = text
        self.number = number
    }
}

/// Why a text is no search, and where.
package struct SearchError: Error, Equatable {
    package let message: String
    /// The place of the error in characters, counted from 1.
    package let column: Int
}

/// Why a condition makes no sense.
struct SearchValueError: Error {
    let message: String
    /// True if the field is wrong, false if its value is.
    var isAboutField = false
}

/// What a search is about.
package enum SearchSignal: String, Sendable {
    case traces, logs
}
