// The arguments of a tool's call, checked against what the tool declares.

import ExampleSupport
import Telemetry

/// One argument that a tool takes: its schema for agents, and the check of what comes.
struct AgentParameter: Sendable {
    enum Kind: Sendable {
        case text(maximum: Int)
        case integer(ClosedRange<Int>)
        case truth
        case choice([String])
        /// Nanoseconds since 1970, `now`, or a time before now.
        case time
    }

    /// Characters of the name of a service, an operation or a metric.
    static let maximumName = 256
    static let maximumQuery = 1_000
    static let timePattern = "^(now|-[0-9]{1,9}[smhd]|[0-9]{1,19})$"

    let name: String
    let kind: Kind
    let description: String
    var isRequired = false

    var schema: JSONValue {
        let says = JSONValue.string(description)
        switch kind {
        case .text(let maximum): return ["type": "string", "maxLength": .integer(Int64(maximum)), "description": says]
        case .integer(let range):
            return [
                "type": "integer", "minimum": .integer(Int64(range.lowerBound)), "maximum": .integer(Int64(range.upperBound)),
                "description": says,
            ]
        case .truth: return ["type": "boolean", "description": says]
        case .choice(let words): return ["type": "string", "enum": .array(words.map { .string($0) }), "description": says]
        case .time: return ["type": "string", "pattern": .string(Self.timePattern), "description": says]
        }
    }

    /// Returns what is wrong with a value; nil if nothing is.
    func problem(_ value: JSONValue, now: UInt64) -> String? {
        switch (kind, value) {
        case (.text(let maximum), .string(let text)):
            text.unicodeScalars.count <= maximum ? nil : "it has at most \(maximum) characters"
        case (.text, _): "it must be a string"
        case (.integer(let range), .integer(let number)) where range.contains(Int(clamping: number)): nil
        case (.integer(let range), _): "it must be a whole number from \(range.lowerBound) to \(range.upperBound)"
        case (.truth, .bool): nil
        case (.truth, _): "it must be true or false"
        case (.choice(let words), .string(let text)) where words.contains(text): nil
        case (.choice(let words), _): "it must be one of \(words.joined(separator: ", "))"
        case (.time, .string(let text)) where QueryTime.read(text, now: now) != nil: nil
        case (.time, _): "it must be a string: nanoseconds since 1970, \"now\", or a time before now such as \"-15m\", \"-2h\" or \"-1d\""
        }
    }
}

/// Arguments that were checked.
struct AgentArguments {
    /// Why a call cannot be answered, in words that help to make a better one.
    struct Problem: Error {
        let message: String
    }

    private let values: JSONObject
    private let deadline: Deadline
    let now: UInt64

    /// - Parameter deadline: when the tool has to answer with what it has.
    init(
        _ value: JSONValue, _ parameters: [AgentParameter], now: UInt64, deadline: Deadline
    ) throws(Problem) {
        guard case .object(let object) = value else { throw Problem(message: "arguments must be an object, not \(value.kind).") }
        let names = parameters.isEmpty ? "it takes none" : "it takes \(parameters.map(\.name).joined(separator: ", "))"
        for member in object.members where member.value != .null {
            guard let parameter = parameters.first(where: { $0.name == member.key }) else {
                throw Problem(message: "This tool takes no argument \"\(member.key.prefix(80))\"; \(names).")
            }
            if let problem = parameter.problem(member.value, now: now) {
                throw Problem(
                    message: "\(parameter.name) is \(String(member.value.description.prefix(120))); \(problem). \(parameter.description)")
            }
        }
        for parameter in parameters where parameter.isRequired && (object[parameter.name] ?? .null) == .null {
            throw Problem(message: "The argument \(parameter.name) is missing. \(parameter.description)")
        }
        values = object
        self.deadline = deadline
        self.now = now
    }

    /// How long the tool may still look.
    var remaining: Duration { deadline.remaining }

    /// A text that is not empty.
    func text(_ name: String) -> String? {
        guard case .string(let text)? = values[name], !text.isEmpty else { return nil }
        return text
    }

    func number(_ name: String) -> Int? { values[name]?.integerValue }

    func isTrue(_ name: String) -> Bool { values[name] == .bool(true) }

    func time(_ name: String) -> UInt64? { text(name).flatMap { QueryTime.read($0, now: now) } }

    /// Returns the times from `from` to `to`.
    func window(from standard: UInt64 = 0) throws(Problem) -> TimeWindow {
        let window = TimeWindow(from: time("from") ?? standard, to: time("to") ?? .max)
        guard window.from < window.to else { throw Problem(message: "from must be before to.") }
        return window
    }
}
