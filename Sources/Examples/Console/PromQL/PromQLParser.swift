// The parser of PromQL.

/// Reads a query by the precedence of its operators, and checks the types of its parts.
struct PromQLParser {
    private typealias Expression = PromQLExpression

    private static let maximumDepth = 64
    private static let maximumLength = 64 << 10
    private static let unaryPrecedence = 6

    private let tokens: [PromQLToken]
    private var place = 0
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

    private var token: PromQLToken { tokens[place] }

    private func unexpected(_ context: String) -> PromQLError { .syntax("unexpected \(token.description) \(context)", offset: token.offset) }

    private mutating func take(_ symbol: String) -> Bool {
        guard token.kind == .symbol(symbol) else { return false }
        place += 1
        return true
    }

    private mutating func expect(_ symbol: String, _ context: String) throws(PromQLError) {
        guard take(symbol) else { throw .syntax("unexpected \(token.description) \(context), expected \"\(symbol)\"", offset: token.offset) }
    }

    private var keyword: String { if case .identifier(let name) = token.kind { name.lowercased() } else { "" } }

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
            let hasMatching = try readMatching(&matching, operation)
            // Powers bind to the right.
            let right = try expression(above: operation == .power ? operation.precedence - 1 : operation.precedence)
            try check(operation, left, right, isBool: isBool, hasMatching: hasMatching, offset)
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

    private mutating func readMatching(_ matching: inout Expression.Matching, _ operation: Expression.Operator) throws(PromQLError) -> Bool {
        let isOn = keyword == "on"
        guard isOn || keyword == "ignoring" else { return false }
        place += 1
        matching.isOn = isOn
        matching.names = try names()
        let (offset, word) = (token.offset, keyword)
        guard word == "group_left" || word == "group_right" else { return true }
        place += 1
        guard !operation.isSet else { throw .syntax("no grouping allowed for \"\(operation.rawValue)\" operation", offset: offset) }
        matching.cardinality = word == "group_left" ? .manyToOne : .oneToMany
        if token.kind == .symbol("(") { matching.included = try names() }
        if matching.isOn, let name = matching.included.first(where: matching.names.contains) {
            throw .syntax("label \"\(name)\" must not occur in ON and GROUP clause at once", offset: offset)
        }
        return true
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
        if place + 1 < tokens.count, case .identifier(let next) = tokens[place + 1].kind { isGrouped = followers.contains(next.lowercased()) }
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

    private func check(_ expression: Expression, is type: Expression.ValueType, _ context: String) throws(PromQLError) {
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

    // MARK: Selectors

    private mutating func selector(named name: String?, _ offset: Int) throws(PromQLError) -> Expression {
        var matchers: [LabelMatcher] = []
        if let name { matchers.append(LabelMatcher(name: LabelSet.nameLabel, test: .equal(name))) }
        if take("{") {
            while !take("}") {
                matchers.append(try matcher(hasName: name != nil))
                if take("}") { break }
                try expect(",", "in label matching")
            }
        }
        guard matchers.contains(where: { !$0.matchesEmpty }) else {
            throw .syntax("vector selector must contain at least one non-empty matcher", offset: offset)
        }
        return Expression(form: .selector(Expression.Selector(matchers: matchers)), offset: offset)
    }

    private mutating func matcher(hasName: Bool) throws(PromQLError) -> LabelMatcher {
        let start = token
        let name: String
        switch start.kind {
        case .identifier(let text) where !text.contains(":"): name = text
        case .string(let text): name = text
        default: throw unexpected("in label matching, expected the name of a label")
        }
        place += 1
        if case .string(let metric) = start.kind, token.kind == .symbol("}") || token.kind == .symbol(",") {
            guard !hasName else { throw .syntax("metric name must not be set twice", offset: start.offset) }
            return LabelMatcher(name: LabelSet.nameLabel, test: .equal(metric))
        }
        guard case .symbol(let symbol) = token.kind, ["=", "!=", "=~", "!~"].contains(symbol) else {
            throw unexpected("in label matching, expected =, !=, =~ or !~")
        }
        place += 1
        guard case .string(let value) = token.kind else { throw unexpected("in label matching, expected string") }
        let offset = token.offset
        place += 1
        if hasName, name == LabelSet.nameLabel, symbol == "=" { throw .syntax("metric name must not be set twice", offset: start.offset) }
        switch symbol {
        case "=": return LabelMatcher(name: name, test: .equal(value))
        case "!=": return LabelMatcher(name: name, test: .notEqual(value))
        default:
            do throws(PatternError) {
                let pattern = try AnchoredPattern(value)
                return LabelMatcher(name: name, test: symbol == "=~" ? .matches(pattern) : .notMatches(pattern))
            } catch { throw .syntax("bad regular expression \"\(value)\": \(error)", offset: offset) }
        }
    }

    private mutating func postfix(_ inner: Expression) throws(PromQLError) -> Expression {
        var expression = inner
        while true {
            if token.kind == .symbol("[") {
                expression = try ranged(expression)
            } else if keyword == "offset" {
                place += 1
                let sign: Int64 = take("-") ? -1 : 1
                let offset = try milliseconds("after offset") * sign
                expression = try timed(expression, "offset") { $0.offset = offset }
            } else if token.kind == .symbol("@") {
                place += 1
                let fixed = try fixedTime()
                expression = try timed(expression, "@") { $0.fixed = fixed }
            } else {
                return expression
            }
        }
    }

    private mutating func ranged(_ expression: Expression) throws(PromQLError) -> Expression {
        let offset = token.offset
        place += 1
        let range = try milliseconds("as a range")
        guard range > 0 else { throw .syntax("duration must be greater than 0", offset: offset + 1) }
        if take(":") {
            let step = token.kind == .symbol("]") ? nil : try milliseconds("as a step")
            if let step, step <= 0 { throw .syntax("duration must be greater than 0", offset: offset + 1) }
            try expect("]", "in subquery selector")
            try check(expression, is: .vector, "subquery")
            return Expression(form: .subquery(expression, .init(range: range, step: step)), offset: expression.offset)
        }
        try expect("]", "in range selector")
        guard case .selector(var selector) = expression.form, selector.range == nil, selector.timing == .init() else {
            throw .syntax("ranges only allowed for vector selectors", offset: offset)
        }
        selector.range = range
        return Expression(form: .selector(selector), offset: expression.offset)
    }

    private mutating func timed(
        _ expression: Expression, _ word: String, _ change: (inout Expression.Timing) -> Void
    ) throws(PromQLError) -> Expression {
        var result = expression
        switch expression.form {
        case .selector(var selector):
            change(&selector.timing)
            result.form = .selector(selector)
        case .subquery(let inner, var subquery):
            change(&subquery.timing)
            result.form = .subquery(inner, subquery)
        default:
            throw .syntax("\(word) modifier must be preceded by an instant vector selector or range vector selector or a subquery", offset: token.offset)
        }
        return result
    }

    private mutating func fixedTime() throws(PromQLError) -> Expression.Timing.Fixed {
        for (word, fixed) in [("start", Expression.Timing.Fixed.start), ("end", .end)] where keyword == word {
            place += 1
            try expect("(", "after @ \(word)")
            try expect(")", "after @ \(word)")
            return fixed
        }
        let sign: Double = take("-") ? -1 : 1
        guard case .number(let seconds) = token.kind, seconds.magnitude < 1e12 else { throw unexpected("after @, expected a time in seconds") }
        place += 1
        return .time(Int64((sign * seconds * 1_000).rounded()))
    }

    private mutating func milliseconds(_ context: String) throws(PromQLError) -> Int64 {
        defer { place += 1 }
        switch token.kind {
        case .duration(let milliseconds): return milliseconds
        case .number(let seconds) where seconds.magnitude < 1e12: return Int64(seconds * 1_000)
        default: throw unexpected("\(context), expected a duration such as 5m")
        }
    }
}
