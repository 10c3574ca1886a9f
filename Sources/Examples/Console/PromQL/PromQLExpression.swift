// The parsed form of a query.

/// A part of a query, with its place in the text.
struct PromQLExpression: Sendable {
    /// What an expression gives.
    enum ValueType: String, Sendable {
        case scalar
        case vector = "instant vector"
        case matrix = "range vector"
        case string
    }

    /// When a selector or subquery is evaluated.
    struct Timing: Sendable, Equatable {
        enum Fixed: Sendable, Equatable {
            /// Milliseconds since 1970.
            case time(Int64)
            case start
            case end
        }

        var offset: Int64 = 0
        var fixed: Fixed?
    }

    struct Selector: Sendable {
        var matchers: [LabelMatcher]
        var timing = Timing()
        /// Milliseconds; nil for an instant vector.
        var range: Int64?
    }

    struct Subquery: Sendable {
        let range: Int64
        /// Milliseconds; nil for the default.
        let step: Int64?
        var timing = Timing()
    }

    struct Grouping: Sendable {
        var names: [String] = []
        var isWithout = false
    }

    enum Aggregator: String, Sendable, CaseIterable {
        case sum, avg, min, max, count, group, stddev, stdvar, topk, bottomk, quantile
        case countValues = "count_values"

        /// What the parameter before the vector is; nil without one.
        var parameter: ValueType? {
            switch self {
            case .topk, .bottomk, .quantile: .scalar
            case .countValues: .string
            default: nil
            }
        }
    }

    enum Operator: String, Sendable, CaseIterable {
        case add = "+", subtract = "-", multiply = "*", divide = "/", modulo = "%", power = "^", atan2
        case equal = "==", notEqual = "!=", less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">="
        case and, or, unless

        var isComparison: Bool {
            switch self {
            case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: true
            default: false
            }
        }

        var isSet: Bool { self == .and || self == .or || self == .unless }

        var precedence: Int {
            switch self {
            case .or: 1
            case .and, .unless: 2
            case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: 3
            case .add, .subtract: 4
            case .multiply, .divide, .modulo, .atan2: 5
            case .power: 7
            }
        }
    }

    struct Matching: Sendable {
        enum Cardinality: Sendable { case oneToOne, manyToOne, oneToMany }

        var isOn = false
        var names: [String] = []
        var cardinality = Cardinality.oneToOne
        var included: [String] = []
    }

    indirect enum Form: Sendable {
        case number(Double)
        case string(String)
        case selector(Selector)
        case subquery(PromQLExpression, Subquery)
        case negated(PromQLExpression)
        case binary(Operator, PromQLExpression, PromQLExpression, Matching, isBool: Bool)
        case aggregation(Aggregator, PromQLExpression, parameter: PromQLExpression?, Grouping)
        case call(PromQLFunction, [PromQLExpression])
    }

    var form: Form
    let offset: Int

    var type: ValueType {
        switch form {
        case .number: .scalar
        case .string: .string
        case .selector(let selector): selector.range == nil ? .vector : .matrix
        case .subquery: .matrix
        case .negated(let inner): inner.type
        case .binary(_, let left, let right, _, _): left.type == .scalar && right.type == .scalar ? .scalar : .vector
        case .aggregation: .vector
        case .call(let function, _): function.result
        }
    }

    /// Returns the selectors of the expression, from left to right.
    var selectors: [Selector] {
        switch form {
        case .number, .string: []
        case .selector(let selector): [selector]
        case .subquery(let inner, _), .negated(let inner): inner.selectors
        case .binary(_, let left, let right, _, _): left.selectors + right.selectors
        case .aggregation(_, let inner, let parameter, _): (parameter?.selectors ?? []) + inner.selectors
        case .call(_, let arguments): arguments.flatMap(\.selectors)
        }
    }
}
