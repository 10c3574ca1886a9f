// The selectors of PromQL, and what stands behind them: ranges, offsets and fixed times.

extension PromQLParser {
    mutating func selector(named name: String?, _ offset: Int) throws(PromQLError) -> Expression {
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

    mutating func postfix(_ inner: Expression) throws(PromQLError) -> Expression {
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
            throw .syntax(
                "\(word) modifier must be preceded by an instant vector selector or range vector selector or a subquery",
                offset: token.offset)
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
        guard case .number(let seconds) = token.kind, seconds.magnitude < 1e12 else {
            throw unexpected("after @, expected a time in seconds")
        }
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
