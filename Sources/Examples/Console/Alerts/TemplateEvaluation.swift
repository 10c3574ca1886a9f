// Carries out the actions of a template.

import Glibc

/// Evaluates terms for one alert.
struct TemplateEvaluation {
    typealias SyntaxError = AlertTemplate.SyntaxError

    enum Value {
        case text(String)
        case number(Double)
        case labels(LabelSet)

        var text: String {
            switch self {
            case .text(let text): text
            case .number(let number): GoFormat.shortest(number)
            case .labels(let labels): "map[" + labels.labels.map { "\($0.name):\($0.value)" }.joined(separator: " ") + "]"
            }
        }
    }

    private let context: AlertTemplate.Context

    init(_ context: AlertTemplate.Context) {
        self.context = context
    }

    func value(of term: AlertTemplate.Term) throws(SyntaxError) -> Value {
        switch term {
        case .text(let text): return .text(text)
        case .number(let number): return .number(number)
        case .labels: return .labels(context.labels)
        case .label(let name): return .text(context.labels[name])
        case .value: return .number(context.value)
        case .externalURL: return .text(context.externalURL)
        case .call(let function, let terms):
            var arguments: [Value] = []
            for term in terms { arguments.append(try value(of: term)) }
            return try call(function, arguments)
        }
    }

    private func call(_ function: TemplateFunction, _ arguments: [Value]) throws(SyntaxError) -> Value {
        switch function {
        case .humanize: return .text(Self.humanize(try number(arguments[0])))
        case .humanize1024: return .text(Self.humanize1024(try number(arguments[0])))
        case .humanizeDuration: return .text(Self.humanizeDuration(try number(arguments[0])))
        case .humanizePercentage: return .text(GoFormat.significant(try number(arguments[0]) * 100) + "%")
        case .printf: return .text(GoFormat.printf(arguments[0].text, Array(arguments.dropFirst())))
        case .index:
            guard case .labels(let labels) = arguments[0] else { throw SyntaxError(reason: "index needs $labels as its first argument") }
            return .text(labels[arguments[1].text])
        case .toUpper: return .text(arguments[0].text.uppercased())
        case .toLower: return .text(arguments[0].text.lowercased())
        case .title: return .text(Self.title(arguments[0].text))
        case .stripPort: return .text(HostName.withoutPort(arguments[0].text))
        }
    }

    private func number(_ value: Value) throws(SyntaxError) -> Double {
        switch value {
        case .number(let number): return number
        case .text(let text):
            guard let number = GoNumber.value(text) else { throw SyntaxError(reason: "\"\(text.prefix(80))\" is no number") }
            return number
        case .labels: throw SyntaxError(reason: "labels are no number")
        }
    }

    private static func title(_ text: String) -> String {
        var isStart = true
        return String(
            text.map { character in
                defer { isStart = character.isWhitespace }
                return isStart ? Character(character.uppercased()) : character
            })
    }

    // MARK: Numbers for people

    private static let large = ["k", "M", "G", "T", "P", "E", "Z", "Y"]
    private static let small = ["m", "u", "n", "p", "f", "a", "z", "y"]

    static func humanize(_ value: Double) -> String {
        guard value != 0, value.isFinite else { return GoFormat.significant(value) }
        var (value, prefix) = (value, "")
        if value.magnitude >= 1 {
            for one in large where value.magnitude >= 1_000 { (value, prefix) = (value / 1_000, one) }
        } else {
            for one in small where value.magnitude < 1 { (value, prefix) = (value * 1_000, one) }
        }
        return GoFormat.significant(value) + prefix
    }

    static func humanize1024(_ value: Double) -> String {
        guard value.magnitude > 1, value.isFinite else { return GoFormat.significant(value) }
        var (value, prefix) = (value, "")
        for one in ["ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"] where value.magnitude >= 1_024 {
            (value, prefix) = (value / 1_024, one)
        }
        return GoFormat.significant(value) + prefix
    }

    static func humanizeDuration(_ value: Double) -> String {
        guard value.isFinite else { return GoFormat.significant(value) }
        if value == 0 { return GoFormat.significant(value) + "s" }
        guard value.magnitude >= 1 else {
            var (value, prefix) = (value, "")
            for one in small where value.magnitude < 1 { (value, prefix) = (value * 1_000, one) }
            return GoFormat.significant(value) + prefix + "s"
        }
        let sign = value < 0 ? "-" : ""
        let whole = Int64(min(value.magnitude, 9e15))
        let (seconds, minutes, hours, days) = (whole % 60, whole / 60 % 60, whole / 3_600 % 24, whole / 86_400)
        if days > 0 { return "\(sign)\(days)d \(hours)h \(minutes)m \(seconds)s" }
        if hours > 0 { return "\(sign)\(hours)h \(minutes)m \(seconds)s" }
        if minutes > 0 { return "\(sign)\(minutes)m \(seconds)s" }
        return sign + GoFormat.significant(value.magnitude) + "s"
    }
}
