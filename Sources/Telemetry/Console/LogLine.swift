// Formats log records for the console.

/// The style of a ``LogLine``.
struct LogLineStyle: Sendable {
    /// Whether the line has the name of the scope.
    var showsScope = false
    /// Whether the time has its date.
    var showsDate = false
    /// Whether the text has escape sequences for colours.
    var isColored = false
}

/// A log record as text: a line, then wide attributes and the exception on lines of their own.
///
/// Control characters in a record are escaped.
struct LogLine {
    private let record: ReadableLogRecord
    private let attributes: Attributes
    private let style: LogLineStyle
    private let gap = "  "

    /// The limit for the lines of an exception.
    private static let lineLimit = 64
    /// The columns up to which a structure stays on one line.
    private static let structureWidth = 80

    private init(_ record: ReadableLogRecord, _ style: LogLineStyle) {
        self.record = record
        self.style = style
        attributes = record.attributes
    }

    /// Writes the record; every line ends with a line break.
    static func text(for record: ReadableLogRecord, style: LogLineStyle = LogLineStyle()) -> String {
        LogLine(record, style).text
    }

    private var text: String {
        let time = self.time
        let indent = String(repeating: " ", count: time.count + 1 + levelWidth + 1)
        let headline = headline
        var rest = words.map { "\(colored($0.key + "=", .dim))\($0.value)" }
        if record.droppedAttributeCount > 0 { rest.append(colored("(\(record.droppedAttributeCount) attributes dropped)", .dim)) }
        rest += place
        var text = "\(colored(time, .dim)) \(level) " + headline.joined(separator: "\n" + indent)
        // Behind many lines the rest would not be found.
        if !rest.isEmpty { text += (headline.count > 1 ? "\n" + indent : gap) + rest.joined(separator: gap) }
        text += "\n"
        for line in exception { text += indent + line + "\n" }
        return text
    }

    /// Writes the time in UTC with milliseconds.
    private var time: String {
        let nanoseconds = record.time.nanosecondsSinceEpoch
        let date = CivilDate(secondsSinceEpoch: Int(nanoseconds / 1_000_000_000)).iso8601.dropLast()
        let milliseconds = String(1000 + nanoseconds / 1_000_000 % 1000).dropFirst()
        let time = "\(date).\(milliseconds)Z"
        return style.showsDate ? time : String(time.drop { $0 != "T" }.dropFirst())
    }
}

// The level.
extension LogLine {
    /// The length of the longest short names.
    private var levelWidth: Int { 6 }

    private var level: String {
        let name = record.severity.shortName
        return colored(name, levelColor) + String(repeating: " ", count: levelWidth - name.count)
    }

    private var levelColor: Color? {
        switch record.severity {
        case .fatal...: .alarm
        case .error...: .red
        case .warn...: .yellow
        case .info...: .green
        case .debug...: .cyan
        case .trace...: .dim
        default: nil
        }
    }

    /// Returns the severity text if it differs from the level. (Logs data model, "Displaying Severity".)
    private var ownLevel: String {
        guard let own = record.severityText else { return "" }
        let levelName = record.severity.shortName.lowercased().filter { !$0.isNumber }
        guard levelName.isEmpty || !own.lowercased().hasPrefix(levelName) else { return "" }
        return "(\(TerminalText.escaped(own)))"
    }
}

// The message.
extension LogLine {
    /// Writes the event name, if any, and the lines of the message.
    private var headline: [String] {
        var labels = [colored(ownLevel, .dim)]
        if let name = record.eventName { labels.append(colored("[\(TerminalText.escaped(name))]", .bold)) }
        var message: [String] = []
        switch record.body {
        case nil: if record.eventName == nil { message = [colored("(no message)", .dim)] }
        case .string(let text)?: message = lines(of: text, atMost: .max).map { colored($0, messageColor) }
        case let value?: message = ReadableValue.lines(of: value, columns: Self.structureWidth)
        }
        let first = (labels + message.prefix(1)).filter { !$0.isEmpty }.joined(separator: " ")
        return [first] + message.dropFirst()
    }

    private var messageColor: Color? { record.severity >= .error ? .bold : nil }

    /// Writes the attributes that fit on the line.
    private var words: [(key: String, value: String)] {
        attributes.filter { !Self.exceptionKeys.contains($0.key) }.map { (ReadableValue.word($0.key), ReadableValue.word($0.value)) }
    }

    /// Writes the scope and the span by the last digits of its identifiers, which are always random. (W3C Trace Context Level 2.)
    private var place: [String] {
        var place: [String] = []
        if style.showsScope, !record.instrumentationScope.name.isEmpty {
            place.append(colored(TerminalText.escaped(record.instrumentationScope.name), .dim))
        }
        guard record.traceID.isValid else { return place }
        let trace = String("\(record.traceID)".suffix(8))
        let span = record.spanID.isValid ? "/" + "\(record.spanID)".suffix(8) : ""
        return place + [colored(trace, Color.traces[Int(record.traceID.low % UInt64(Color.traces.count))]) + colored(span, .dim)]
    }

    /// Returns the lines of a text with control characters escaped and leading tabs as spaces.
    private func lines(of text: String, atMost limit: Int) -> [String] {
        var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        while lines.count > 1, lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
        let shown = lines.prefix(limit).map { line in
            let rest = line.drop { $0 == "\t" }
            return String(repeating: "    ", count: line.count - rest.count) + TerminalText.escaped(String(rest))
        }
        return lines.count > limit ? shown + ["… and \(lines.count - limit) more lines"] : shown
    }
}

// The exception.
extension LogLine {
    private static let exceptionKeys: Set<String> = ["exception.type", "exception.message", "exception.stacktrace"]

    /// Writes type, message and stack trace.
    private var exception: [String] {
        let (type, message) = (attributes["exception.type"]?.description ?? "", attributes["exception.message"]?.description ?? "")
        let stack = attributes["exception.stacktrace"]?.description ?? ""
        let text = [type, message].filter { !$0.isEmpty }.joined(separator: ": ")
        let title = text.isEmpty ? [] : lines(of: text, atMost: Self.lineLimit)
        var frames = stack.isEmpty ? [] : lines(of: stack, atMost: Self.lineLimit)
        // Many languages begin a stack trace with the type and message.
        if frames.starts(with: title) { frames.removeFirst(title.count) }
        let result = title.enumerated().map { colored(($0 == 0 ? "✗ " : gap) + $1, .red) }
        return result + frames.map { colored(gap + $0, .dim) }
    }
}

extension LogLine {
    private enum Color: String {
        case bold = "\u{1B}[1m"
        case dim = "\u{1B}[2m"
        case red = "\u{1B}[31m"
        case green = "\u{1B}[32m"
        case yellow = "\u{1B}[33m"
        case blue = "\u{1B}[34m"
        case magenta = "\u{1B}[35m"
        case cyan = "\u{1B}[36m"
        case brightBlue = "\u{1B}[94m"
        case brightMagenta = "\u{1B}[95m"
        case brightCyan = "\u{1B}[96m"
        /// White on red.
        case alarm = "\u{1B}[1;97;41m"

        /// The colours of identifiers, so that lines of one trace look alike.
        static let traces: [Color] = [.blue, .magenta, .cyan, .brightBlue, .brightMagenta, .brightCyan]
    }

    private func colored(_ text: String, _ color: Color?) -> String {
        guard style.isColored, let color, !text.isEmpty else { return text }
        return color.rawValue + text + "\u{1B}[0m"
    }
}
