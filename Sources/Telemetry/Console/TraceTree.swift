// Formats traces for the console.

/// The style of a ``TraceTree``.
package struct TraceTreeStyle: Sendable {
    /// The maximum of columns of a line; at least ``minimumWidth``.
    package var width: Int
    package var showsAttributes: Bool
    package var showsEvents: Bool
    /// Whether scope and resource follow each span whose parent has others.
    package var showsOrigin: Bool
    /// Whether the text has escape sequences: errors are red, attributes and events dim.
    package var isColored: Bool

    package static let minimumWidth = 40

    package init(
        width: Int = 100, showsAttributes: Bool = false, showsEvents: Bool = true, showsOrigin: Bool = false, isColored: Bool = false
    ) {
        self.width = max(Self.minimumWidth, width)
        self.showsAttributes = showsAttributes
        self.showsEvents = showsEvents
        self.showsOrigin = showsOrigin
        self.isColored = isColored
    }
}

/// Spans as text: one indented tree a trace, with a bar for the time of each span.
///
/// The text does not depend on the order of the spans.
package enum TraceTree {
    /// Returns one tree for each trace; every line ends with a line break.
    ///
    /// - Parameter droppedSpanCount: the number of dropped spans, which the title states.
    package static func text(
        for spans: [TraceTreeSpan], style: TraceTreeStyle = TraceTreeStyle(), droppedSpanCount: Int = 0
    ) -> String {
        var traces: [TraceID: [TraceTreeSpan]] = [:]
        var order: [TraceID] = []
        for span in spans {
            if traces[span.traceID] == nil { order.append(span.traceID) }
            traces[span.traceID, default: []].append(span)
        }
        return order.map { TraceDrawing(traces[$0] ?? [], style, droppedSpanCount).text }.joined(separator: "\n")
    }
}

/// The state of drawing one trace.
private struct TraceDrawing {
    private let style: TraceTreeStyle
    private let forest: TraceForest
    private let services: [String]
    private let start: UInt64
    private let nanoseconds: UInt64
    private let droppedSpanCount: Int
    /// The scope and resource of each span, if they are shown.
    private var origins: [SpanID: [String]] = [:]

    // Indentation takes at most half of the width; deeper spans keep only their nearest branches.
    private var drawnDepth: Int { max(2, style.width / 6) }
    private let gap = "  "
    private let bars = 12...32
    private let narrowestWithBars = 64
    private let detailLineLimit = 8

    init(_ spans: [TraceTreeSpan], _ style: TraceTreeStyle, _ droppedSpanCount: Int) {
        self.style = style
        self.droppedSpanCount = droppedSpanCount
        forest = TraceForest(spans)
        var known: Set<String> = []
        services = forest.nodes.map(\.span.service).filter { !$0.isEmpty && known.insert($0).inserted }
        let start = forest.nodes.map(\.span.startTime.nanosecondsSinceEpoch).min() ?? 0
        self.start = start
        if style.showsOrigin {
            for node in forest.nodes { origins[node.span.spanID] = Self.origin(of: node.span) }
        }
        nanoseconds = forest.nodes.map { $0.span.startTime.nanosecondsSinceEpoch - start + $0.span.nanoseconds }.max() ?? 0
    }

    var text: String {
        let rows = rows()
        let durationWidth = rows.map { TerminalText.width(of: $0.duration) }.max() ?? 0
        let natural = rows.map { TerminalText.width(of: $0.prefix + $0.head(fitting: .max)) }.max() ?? 0
        let hasBars = style.width >= narrowestWithBars && nanoseconds > 0
        let reserved = durationWidth + gap.count + (hasBars ? bars.lowerBound + gap.count : 0)
        let left = min(natural, style.width - reserved)
        let barWidth = min(bars.upperBound, style.width - left - durationWidth - gap.count * 2)

        var text = colored(TerminalText.fitted(title, to: style.width), nil) + "\n"
        for row in rows {
            let head = row.head(fitting: left - TerminalText.width(of: row.prefix))
            let space = String(repeating: " ", count: max(0, left - TerminalText.width(of: row.prefix + head)))
            let color: Color? = row.span.hasFailed ? .red : nil
            text += row.prefix + colored(head, color) + space + gap + TerminalText.rightAligned(row.duration, to: durationWidth)
            if hasBars {
                let bar = bar(for: row.span, cells: barWidth)
                text += gap + bar.indent + colored(bar.cells, color)
            }
            text += "\n"
            for line in row.details { text += row.detailPrefix + colored(line.text, line.color) + "\n" }
        }
        return text
    }

    private var title: String {
        var parts = ["trace \(forest.nodes.first?.span.traceID ?? .invalid)", ReadableDuration.text(nanoseconds: nanoseconds)]
        parts.append(counted(forest.nodes.count, "span"))
        let errors = forest.nodes.count { $0.span.hasFailed }
        if errors > 0 { parts.append(counted(errors, "error")) }
        if forest.duplicateCount > 0 { parts.append("\(counted(forest.duplicateCount, "duplicate")) left out") }
        if droppedSpanCount > 0 { parts.append("\(counted(droppedSpanCount, "span")) beyond the limit left out") }
        if !services.isEmpty { parts.append(services.map(TerminalText.escaped).joined(separator: ", ")) }
        return parts.joined(separator: " · ")
    }

    private func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}

extension TraceDrawing {
    /// The cells of one span; prefixes are the branches before it.
    private struct Row {
        let span: TraceTreeSpan
        let prefix: String
        let detailPrefix: String
        let name: String
        /// The service and the kind, each with a separator before it.
        let labels: String
        let duration: String
        var details: [(text: String, color: Color?)] = []

        /// The name and labels; if they do not fit, the name is truncated first.
        func head(fitting columns: Int) -> String {
            let labelWidth = TerminalText.width(of: labels)
            guard columns != .max, TerminalText.width(of: name) + labelWidth > columns else { return name + labels }
            return TerminalText.fitted(TerminalText.fitted(name, to: max(8, columns - labelWidth)) + labels, to: columns)
        }
    }

    private func rows() -> [Row] {
        // The text below each open level: a rail, or spaces after the last sibling.
        var rails: [String] = []
        return forest.nodes.map { node in
            rails.removeSubrange(min(rails.count, max(0, node.depth - 1))...)
            let isIndented = node.depth > 0
            let prefix = isIndented ? indentation(rails) + (node.isLastSibling ? "└─ " : "├─ ") : ""
            if isIndented { rails.append(node.isLastSibling ? "   " : "│  ") }
            let detailPrefix = indentation(rails) + (node.hasChildren ? "│  " : "   ")
            return row(for: node, prefix: prefix, detailPrefix: detailPrefix)
        }
    }

    private func indentation(_ rails: [String]) -> String {
        rails.count <= drawnDepth ? rails.joined() : "…  " + rails.suffix(drawnDepth - 1).joined()
    }

    private func row(for node: TraceForest.Node, prefix: String, detailPrefix: String) -> Row {
        let span = node.span
        var labels = ""
        if services.count > 1, !span.service.isEmpty { labels += " · " + TerminalText.escaped(span.service) }
        if span.kind != .internal { labels += " · \(span.kind)" }
        let name = span.name.isEmpty ? "(no name)" : TerminalText.escaped(span.name)
        var row = Row(
            span: span, prefix: prefix, detailPrefix: detailPrefix, name: span.statusMark + name, labels: labels,
            duration: ReadableDuration.text(nanoseconds: span.nanoseconds))
        row.details = details(of: node, columns: style.width - TerminalText.width(of: detailPrefix))
        return row
    }

    private func details(of node: TraceForest.Node, columns: Int) -> [(text: String, color: Color?)] {
        let span = node.span
        var details: [(text: String, color: Color?)] = []
        switch node.root {
        case .remoteParent?: details.append(("(its parent \(span.parentSpanID) is not among the spans here)", .dim))
        case .missingParent?: details.append(("(its parent \(span.parentSpanID) is missing)", .dim))
        case .cycle?: details.append(("(its parent \(span.parentSpanID) is below itself)", .dim))
        case .origin?, nil: break
        }
        if case .error(let description) = span.status, !description.isEmpty {
            let words = TerminalText.escaped("error: " + description).split(separator: " ").map(String.init)
            details += TerminalText.lines(of: words, separator: " ", columns: columns, limit: detailLineLimit).map { ($0, .red) }
        }
        if let origin = origins[span.spanID], origin != origins[span.parentSpanID] {
            let limit = style.showsAttributes ? detailLineLimit : 1
            details += TerminalText.lines(of: origin, separator: gap, columns: columns, limit: limit).map { ($0, .dim) }
        }
        if style.showsAttributes {
            let words = span.attributes.map { TerminalText.escaped("\($0.key)=\($0.value)") }
            details += TerminalText.lines(of: words, separator: gap, columns: columns, limit: detailLineLimit).map { ($0, .dim) }
        }
        details += span.links.map { (TerminalText.fitted(line(for: $0, in: span), to: columns), .dim) }
        if style.showsEvents {
            details += span.events.map { (TerminalText.fitted(line(for: $0, in: span), to: columns), .dim) }
        }
        return details.map { (TerminalText.fitted($0.text, to: columns), $0.color) }
    }

    /// Returns the instrumentation scope and the resource of the span as text.
    private static func origin(of span: TraceTreeSpan) -> [String] {
        var words: [String] = []
        if !span.scope.name.isEmpty {
            words.append(TerminalText.escaped("scope \(span.scope.name)\(span.scope.version.isEmpty ? "" : " \(span.scope.version)")"))
            words += span.scope.attributes.map { TerminalText.escaped("\($0.key)=\($0.value)") }
        }
        // The names of spans already have the service beside them.
        let resource = span.resource.filter { $0.key != "service.name" }.map { TerminalText.escaped("\($0.key)=\($0.value)") }
        if let first = resource.first { words += ["resource \(first)"] + resource.dropFirst() }
        return words
    }

    private func line(for link: SpanLink, in span: TraceTreeSpan) -> String {
        let trace = link.context.traceID == span.traceID ? "" : " trace \(link.context.traceID)"
        let attributes = link.attributes.map { "\(gap)\($0.key)=\($0.value)" }.joined()
        return TerminalText.escaped("↗ link to\(trace) span \(link.context.spanID)\(attributes)")
    }

    private func line(for event: TraceTreeSpan.Event, in span: TraceTreeSpan) -> String {
        let (time, origin) = (event.time.nanosecondsSinceEpoch, span.startTime.nanosecondsSinceEpoch)
        let offset = time >= origin ? "+\(ReadableDuration.text(nanoseconds: time - origin))" : "before the start"
        let attributes = event.attributes.map { "\(gap)\($0.key)=\($0.value)" }.joined()
        return TerminalText.escaped("• \(event.name) \(offset)\(attributes)")
    }

    /// Returns the bar of a span within the time of the trace.
    private func bar(for span: TraceTreeSpan, cells count: Int) -> (indent: String, cells: String) {
        let scale = Double(count) / Double(nanoseconds)
        let begin = Double(span.startTime.nanosecondsSinceEpoch - start) * scale
        let length = Double(span.nanoseconds) * scale
        let first = min(count - 1, Int(begin))
        let end = max(first + 1, min(count, Int((begin + length).rounded(.up))))
        let cells = length < 0.5 ? "▎" : String(repeating: "█", count: end - first)
        return (String(repeating: " ", count: first), cells)
    }

    private enum Color: String {
        case red = "\u{1B}[31m"
        case dim = "\u{1B}[2m"
    }

    private func colored(_ text: String, _ color: Color?) -> String {
        guard style.isColored, let color, !text.isEmpty else { return text }
        return color.rawValue + text + "\u{1B}[0m"
    }
}

/// A duration as text: `250 ns`, `1.25 ms`, `12.5 s`, `2 min 05 s`.
enum ReadableDuration {
    static func text(nanoseconds: UInt64) -> String {
        if nanoseconds < 1_000 { return "\(nanoseconds) ns" }
        let units: [(name: String, nanoseconds: UInt64)] = [("µs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000)]
        for unit in units {
            if let digits = threeDigits(of: nanoseconds, in: unit.nanoseconds, below: unit.name == "s" ? 60 : 1_000) {
                return "\(digits) \(unit.name)"
            }
        }
        let seconds = nanoseconds / 1_000_000_000 + (nanoseconds % 1_000_000_000 >= 500_000_000 ? 1 : 0)
        if seconds < 3_600 { return "\(seconds / 60) min \(twoDigits(seconds % 60)) s" }
        return "\(seconds / 3_600) h \(twoDigits(seconds % 3_600 / 60)) min"
    }

    /// Returns the number in a unit, rounded to three digits; nil if it reaches the next unit.
    private static func threeDigits(of nanoseconds: UInt64, in unit: UInt64, below limit: UInt64) -> String? {
        for (decimals, scale) in [(2, UInt64(100)), (1, 10), (0, 1)] {
            let step = unit / scale
            let rounded = nanoseconds / step + (nanoseconds % step >= (step + 1) / 2 ? 1 : 0)
            // With two decimals the number stays below 10, with one below 100: three digits each time.
            guard rounded < 1_000 else { continue }
            guard rounded < limit * scale else { return nil }
            guard decimals > 0 else { return "\(rounded)" }
            let fraction = String(rounded % scale)
            return "\(rounded / scale)." + String(repeating: "0", count: decimals - fraction.count) + fraction
        }
        return nil
    }

    private static func twoDigits(_ number: UInt64) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
