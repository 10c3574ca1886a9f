// Which fields can be compared with which values, and by which comparison.

extension SearchCondition {
    /// The names of span kinds and of statuses, by their numbers in OTLP, and of the groups of severities.
    static let kinds = ["unspecified", "internal", "server", "client", "producer", "consumer"]
    static let statuses = ["unset", "ok", "error"]
    static let severities = ["trace", "debug", "info", "warn", "error", "fatal"]

    /// Returns a condition whose value fits its field.
    static func checked(
        _ field: Field, _ comparison: Comparison, _ text: String, _ signal: SearchSignal
    ) throws(SearchValueError) -> SearchCondition {
        try checkSignal(field, signal)
        switch field {
        case .duration:
            guard comparison != .contains else { throw SearchValueError(message: "A duration is compared with = != < <= > or >=.") }
            return SearchCondition(field, comparison, text, number: try nanoseconds(text))
        case .severity:
            guard comparison != .contains else { throw SearchValueError(message: "A severity is compared with = != < <= > or >=.") }
            return SearchCondition(field, comparison, text, number: try severity(text))
        case .kind:
            return try named(field, comparison, text, kinds)
        case .status: return try named(field, comparison, text, statuses)
        case .trace:
            try checkEquality(comparison, "A trace")
            guard TraceKey(hexadecimal: text) != nil else {
                throw SearchValueError(message: "\"\(text)\" is no trace identifier, which has 32 hexadecimal digits.")
            }
        case .span:
            try checkEquality(comparison, "A span")
            guard HexadecimalText.number(text) != nil else {
                throw SearchValueError(message: "\"\(text)\" is no span identifier, which has 16 hexadecimal digits.")
            }
        case .run: try checkEquality(comparison, "A run")
        case .service, .name, .event, .scope, .text:
            guard !comparison.isOrder else { throw SearchValueError(message: "A text is compared with = != or ~.") }
            if case .text = field { return SearchCondition(.text, .contains, text) }
        case .attribute:
            guard comparison.isOrder else { break }
            guard let number = Double(text), number.isFinite else {
                throw SearchValueError(message: "\"\(text)\" is no number; \(comparison.rawValue) compares numbers.")
            }
            return SearchCondition(field, comparison, text, number: number)
        }
        return SearchCondition(field, comparison, text)
    }

    private static func checkSignal(_ field: Field, _ signal: SearchSignal) throws(SearchValueError) {
        switch (field, signal) {
        case (.name, .logs), (.kind, .logs), (.status, .logs), (.duration, .logs):
            throw SearchValueError(message: "Log records have no \(field); spans do.", isAboutField: true)
        case (.severity, .traces): throw SearchValueError(message: "Spans have no severity; log records do.", isAboutField: true)
        default: return
        }
    }

    private static func checkEquality(_ comparison: Comparison, _ subject: String) throws(SearchValueError) {
        guard comparison == .equal || comparison == .notEqual else {
            throw SearchValueError(message: "\(subject) is compared with = or !=.")
        }
    }

    private static func named(
        _ field: Field, _ comparison: Comparison, _ text: String, _ names: [String]
    ) throws(SearchValueError) -> SearchCondition {
        try checkEquality(comparison, "A \(field)")
        guard let number = names.firstIndex(of: text.lowercased()) else {
            throw SearchValueError(message: "\"\(text)\" is no \(field), which is one of \(names.joined(separator: ", ")).")
        }
        return SearchCondition(field, comparison, text, number: Double(number))
    }

    private static func nanoseconds(_ text: String) throws(SearchValueError) -> Double {
        let units: [(name: String, nanoseconds: Double)] = [
            ("ns", 1), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3_600e9),
        ]
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let number = Double(digits), let unit = units.first(where: { $0.name == text.dropFirst(digits.count) }) else {
            throw SearchValueError(message: "\"\(text)\" is no duration, which is a number with ns, us, ms, s, m or h: 5ms.")
        }
        return number * unit.nanoseconds
    }

    private static func severity(_ text: String) throws(SearchValueError) -> Double {
        if let number = Int(text), (0...24).contains(number) { return Double(number) }
        let name = text.lowercased() == "warning" ? "warn" : text.lowercased()
        guard let group = severities.firstIndex(of: name) else {
            throw SearchValueError(
                message: "\"\(text)\" is no severity, which is one of trace, debug, info, warn, error, fatal or a number from 0 to 24.")
        }
        return Double(group * 4 + 1)
    }
}
