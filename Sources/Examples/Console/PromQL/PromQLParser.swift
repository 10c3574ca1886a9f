// The parser of PromQL.

/// Reads a query by the precedence of its operators, and checks the types of its parts.
struct PromQLParser {
    typealias Expression = PromQLExpression

    private static let maximumDepth = 64
    private static let maximumLength = 64 << 10
    private static let unaryPrecedence = 6

    let tokens: [PromQLToken]
    var place = 0
    private var depth = 0

    static func parse(_ query: String) throws(PromQLError) -> PromQLExpression {
        guard query.utf8.count <= maximumLength else { throw .badData("the query is longer than \(maximumLength) bytes") }
        var parser = PromQLParser(tokens: try PromQLLexer.tokens(of: query))
        guard parser.token.kind != .end else { throw .syntax("no expression found in input", offset: 0) }
        let expression = try parser.expression(above: 0)
        guard parser.token.kind == .end else { throw parser.unexpected("after the expression") }
        return expression
    }

    /// Reads one selector of an instant vector, as `match[]` has it.
    static func matchers(_ text: String) throws(PromQLError) -> [LabelMatcher] {
        let expression = try parse(text)
        guard case .selector(let selector) = expression.form, selector.range == nil, selector.timing == .init() else {
            throw .syntax("expected a metric selector such as name{label=\"value\"}", offset: 0)
        }
        return selector.matchers
    }

    private init(tokens: [PromQLToken]) {
        self.tokens = tokens
    }

    var token: PromQLToken { tokens[place] }

    func unexpected(_ context: String) -> PromQLError {
        .syntax("unexpected \(token.description) \(context)", offset: token.offset)
    }

    mutating func take(_ symbol: String) -> Bool {
        guard token.kind == .symbol(symbol) else { return false }
        place += 1
        return true
    }

    mutating func expect(_ symbol: String, _ context: String) throws(PromQLError) {
        guard take(symbol) else {
            throw .syntax("unexpected \(token.description) \(context), expected \"\(symbol)\"", offset: token.offset)
        }
    }

    var keyword: String { if case .identifier(let name) = token.kind { name.lowercased() } else { "" } }

    private mutating func takeKeyword(_ word: String) -> Bool {
        guard keyword == word else { return false }
        place += 1
        return true
    }

    // MARK: Operators

    private mutating func expression(above precedence: Int) throws(PromQLError) -> Expression {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw .syntax("the expression is nested too deep", offset: token.offset) }
        var left = try unary()
        while let operation = nextOperator, operation.precedence > precedence {
            let offset = token.offset
            place += 1
            var matching = Expression.Matching()
            let isBool = takeKeyword("bool")
            if isBool, !operation.isComparison {
                throw .syntax("bool modifier can only be used on comparison operators", offset: tokens[place - 1].offset)
            }
            try readMatching(&matching, operation)
            // Powers bind to the right.
            let right = try expression(above: operation == .power ? operation.precedence - 1 : operation.precedence)
            try check(operation, left, right, isBool: isBool, hasMatching: !matching.names.isEmpty, offset)
            left = Expression(form: .binary(operation, left, right, matching, isBool: isBool), offset: left.offset)
        }
        return left
    }

    private var nextOperator: Expression.Operator? {
        switch token.kind {
        case .symbol(let symbol): Expression.Operator(rawValue: symbol)
        case .identifier(let name): Expression.Operator(rawValue: name.lowercased())
        default: nil
        }
    }

    private mutating func unary() throws(PromQLError) -> Expression {
        let offset = token.offset
        let isNegative = token.kind == .symbol("-")
        guard isNegative || token.kind == .symbol("+") else { return try postfix(try primary()) }
        place += 1
        let inner = try expression(above: Self.unaryPrecedence)
        guard inner.type == .scalar || inner.type == .vector else {
            throw .syntax("unary expression only allowed on expressions of type scalar or instant vector", offset: offset)
        }
        guard isNegative else { return inner }
        if case .number(let value) = inner.form { return Expression(form: .number(-value), offset: offset) }
        return Expression(form: .negated(inner), offset: offset)
    }

    private mutating func readMatching(_ matching: inout Expression.Matching, _ operation: Expression.Operator) throws(PromQLError) {
        let isOn = keyword == "on"
        guard isOn || keyword == "ignoring" else { return }
        place += 1
        matching.isOn = isOn
        matching.names = try names()
        let (offset, word) = (token.offset, keyword)
        guard word == "group_left" || word == "group_right" else { return }
        place += 1
        guard !operation.isSet else { throw .syntax("no grouping allowed for \"\(operation.rawValue)\" operation", offset: offset) }
        matching.cardinality = word == "group_left" ? .manyToOne : .oneToMany
        if token.kind == .symbol("(") { matching.included = try names() }
        if matching.isOn, let name = matching.included.first(where: matching.names.contains) {
            throw .syntax("label \"\(name)\" must not occur in ON and GROUP clause at once", offset: offset)
        }
    }

    private func check(
        _ operation: Expression.Operator, _ left: Expression, _ right: Expression, isBool: Bool, hasMatching: Bool, _ offset: Int
    ) throws(PromQLError) {
        for side in [left, right] where side.type != .scalar && side.type != .vector {
            throw .syntax("binary expression must contain only scalar and instant vector types", offset: side.offset)
        }
        let hasScalar = left.type == .scalar || right.type == .scalar
        if operation.isSet, hasScalar {
            throw .syntax("set operator \"\(operation.rawValue)\" not allowed in binary scalar expression", offset: offset)
        }
        if operation.isComparison, left.type == .scalar, right.type == .scalar, !isBool {
            throw .syntax("comparisons between scalars must use BOOL modifier", offset: offset)
        }
        if hasMatching, hasScalar { throw .syntax("vector matching only allowed between instant vectors", offset: offset) }
    }

    // MARK: Primary expressions

    private mutating func primary() throws(PromQLError) -> Expression {
        let offset = token.offset
        switch token.kind {
        case .number(let value):
            place += 1
            return Expression(form: .number(value), offset: offset)
        case .duration(let milliseconds):
            place += 1
            return Expression(form: .number(Double(milliseconds) / 1_000), offset: offset)
        case .string(let text):
            place += 1
            return Expression(form: .string(text), offset: offset)
        case .symbol("("):
            place += 1
            var inner = try expression(above: 0)
            try expect(")", "in parentheses")
            inner = Expression(form: inner.form, offset: offset)
            return inner
        case .symbol("{"): return try selector(named: nil, offset)
        case .identifier(let name): return try named(name, offset)
        default: throw unexpected("where an expression should be")
        }
    }

    private mutating func named(_ name: String, _ offset: Int) throws(PromQLError) -> Expression {
        let isCalled = place + 1 < tokens.count && tokens[place + 1].kind == .symbol("(")
        let followers = ["by", "without"]
        var isGrouped = false
        if place + 1 < tokens.count, case .identifier(let next) = tokens[place + 1].kind {
            isGrouped = followers.contains(next.lowercased())
        }
        if isCalled || isGrouped, let aggregator = Expression.Aggregator(rawValue: name.lowercased()) {
            place += 1
            return try aggregation(aggregator, offset)
        }
        if isCalled {
            guard let function = PromQLFunction(rawValue: name) else {
                throw .syntax("unknown function with name \"\(name)\"; the console knows \(Self.functionNames)", offset: offset)
            }
            place += 1
            return try call(function, offset)
        }
        place += 1
        switch name.lowercased() {
        case "inf": return Expression(form: .number(.infinity), offset: offset)
        case "nan": return Expression(form: .number(.nan), offset: offset)
        default: return try selector(named: name, offset)
        }
    }

    private static var functionNames: String { PromQLFunction.allCases.map(\.rawValue).sorted().joined(separator: ", ") }

    private mutating func call(_ function: PromQLFunction, _ offset: Int) throws(PromQLError) -> Expression {
        let arguments = try self.arguments(of: function.rawValue)
        let types = function.arguments
        let least = types.count - function.optionalCount
        guard arguments.count >= least, function.isVariadic || arguments.count <= types.count else {
            let wanted = function.isVariadic || function.optionalCount > 0 ? "at least \(least)" : "\(least)"
            throw .syntax("expected \(wanted) argument(s) in call to \"\(function.rawValue)\", got \(arguments.count)", offset: offset)
        }
        for (index, argument) in arguments.enumerated() {
            try check(argument, is: types[min(index, types.count - 1)], "call to function \"\(function.rawValue)\"")
        }
        if function == .logCount { try LogCounts.check(arguments) }
        return Expression(form: .call(function, arguments), offset: offset)
    }

    private mutating func arguments(of name: String) throws(PromQLError) -> [Expression] {
        try expect("(", "in call to \"\(name)\"")
        var arguments: [Expression] = []
        while !take(")") {
            if !arguments.isEmpty { try expect(",", "in call to \"\(name)\"") }
            arguments.append(try expression(above: 0))
        }
        return arguments
    }

    func check(_ expression: Expression, is type: Expression.ValueType, _ context: String) throws(PromQLError) {
        guard expression.type == type else {
            throw .syntax("expected type \(type.rawValue) in \(context), got \(expression.type.rawValue)", offset: expression.offset)
        }
    }

    private mutating func aggregation(_ aggregator: Expression.Aggregator, _ offset: Int) throws(PromQLError) -> Expression {
        var grouping = try self.grouping()
        let arguments = try self.arguments(of: aggregator.rawValue)
        if grouping == nil { grouping = try self.grouping() }
        let context = "aggregation \"\(aggregator.rawValue)\""
        let count = aggregator.parameter == nil ? 1 : 2
        guard arguments.count == count else {
            throw .syntax("wrong number of arguments for \(context): expected \(count), got \(arguments.count)", offset: offset)
        }
        if let type = aggregator.parameter { try check(arguments[0], is: type, context) }
        try check(arguments[count - 1], is: .vector, context)
        let form = Expression.Form.aggregation(
            aggregator, arguments[count - 1], parameter: count == 2 ? arguments[0] : nil, grouping ?? Expression.Grouping())
        return Expression(form: form, offset: offset)
    }

    private mutating func grouping() throws(PromQLError) -> Expression.Grouping? {
        let word = keyword
        guard word == "by" || word == "without" else { return nil }
        place += 1
        return Expression.Grouping(names: try names(), isWithout: word == "without")
    }

    private mutating func names() throws(PromQLError) -> [String] {
        try expect("(", "before names of labels")
        var names: [String] = []
        while !take(")") {
            if !names.isEmpty {
                try expect(",", "between names of labels")
                if take(")") { break }
            }
            switch token.kind {
            case .identifier(let name) where !name.contains(":"): names.append(name)
            case .string(let name): names.append(name)
            default: throw unexpected("where the name of a label should be")
            }
            place += 1
        }
        return names
    }
}
