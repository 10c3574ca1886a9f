// Formats metrics for the console.

/// The style of a ``MetricTable``.
struct MetricTableStyle: Sendable {
    /// The maximum of columns of a line; at least ``minimumWidth``.
    let width: Int
    /// The limit for series of one metric; further series are only counted.
    let seriesLimit: Int
    /// Whether the text has escape sequences: names are bold, details dim.
    let isColored: Bool

    static let minimumWidth = 40

    init(width: Int = 100, seriesLimit: Int = 20, isColored: Bool = false) {
        self.width = max(Self.minimumWidth, width)
        self.seriesLimit = max(1, seriesLimit)
        self.isColored = isColored
    }
}

/// The metrics of one collection as text: a line for each series, grouped by metric and scope.
struct MetricTable {
    private let batch: MetricBatch
    private let style: MetricTableStyle
    private let gap = "  "

    private init(_ batch: MetricBatch, _ style: MetricTableStyle) {
        self.batch = batch
        self.style = style
    }

    /// Returns the table, whose lines end with line breaks; empty without points.
    static func text(for batch: MetricBatch, style: MetricTableStyle = MetricTableStyle()) -> String {
        batch.pointCount == 0 ? "" : MetricTable(batch, style).text
    }

    private var text: String {
        var text = colored(TerminalText.fitted(title, to: style.width), .bold) + "\n"
        for scope in batch.scopes where scope.metrics.contains(where: { $0.points.count > 0 }) {
            let name = scope.instrumentationScope.name.isEmpty ? "(no scope)" : scope.instrumentationScope.name
            let version = scope.instrumentationScope.version.isEmpty ? "" : " \(scope.instrumentationScope.version)"
            text += colored(TerminalText.fitted(TerminalText.escaped(name + version), to: style.width), .dim) + "\n"
            for metric in scope.metrics where metric.points.count > 0 { text += drawing(of: metric) }
        }
        return text
    }

    private var title: String {
        let metrics = batch.metrics.filter { $0.points.count > 0 }
        let time = metrics.compactMap(\.points.latestTime).max()?.nanosecondsSinceEpoch ?? 0
        var parts = ["metrics", CivilDate(secondsSinceEpoch: Int(time / 1_000_000_000)).iso8601]
        if let service = batch.resource.attributes["service.name"]?.stringValue { parts.append(TerminalText.escaped(service)) }
        parts += [counted(metrics.count, "metric"), "\(batch.pointCount) series"]
        return parts.joined(separator: " · ")
    }

    private func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

    private enum Color: String {
        case bold = "\u{1B}[1m"
        case dim = "\u{1B}[2m"
    }

    private func colored(_ text: String, _ color: Color?) -> String {
        guard style.isColored, let color, text.contains(where: { $0 != " " }) else { return text }
        return color.rawValue + text + "\u{1B}[0m"
    }
}

extension MetricTable {
    private func drawing(of metric: MetricData) -> String {
        let rows = metric.points.rows(atMost: style.seriesLimit)
        let rest = metric.points.count - rows.count
        var text = heading(of: metric)
        let layout = Layout(rows, width: style.width - 2 * gap.count, gap: gap)
        for row in rows {
            let label = colored(TerminalText.padded(row.label, to: layout.labelWidth), row.isWithoutAttributes ? .dim : nil)
            if layout.isStacked {
                for part in TerminalText.lines(of: row.words, separator: gap, columns: layout.width, limit: 4) {
                    text += gap + gap + colored(part, row.isWithoutAttributes ? .dim : nil) + "\n"
                }
            }
            text += gap + gap + trimmed((layout.isStacked ? "" : label) + values(of: row, layout)) + "\n"
        }
        if rest > 0 { text += gap + gap + colored("… and \(rest) more series", .dim) + "\n" }
        return text
    }

    /// Returns the columns of a row after its label, each with a gap before it.
    private func values(of row: MetricRow, _ layout: Layout) -> String {
        var line = ""
        for (cell, column) in zip(row.cells, layout.columns) where column.valueWidth > 0 {
            let caption = TerminalText.padded(cell.value == nil ? "" : cell.caption, to: column.captionWidth)
            line += gap + colored(caption, .dim) + TerminalText.rightAligned(cell.value ?? "", to: column.valueWidth)
        }
        guard layout.hasBars, let bars = row.bars else { return line }
        let lower = TerminalText.rightAligned(bars.lower, to: layout.lowerWidth)
        return line + gap + colored(lower, .dim) + " " + TerminalText.padded(bars.blocks, to: layout.blocksWidth) + " "
            + colored(bars.upper, .dim)
    }

    /// Returns the heading of a metric: name, unit and kind.
    private func heading(of metric: MetricData) -> String {
        let kind = " · " + metric.points.kindText
        let unit = metric.unit.isEmpty ? "" : " " + TerminalText.escaped(metric.unit)
        let name = TerminalText.fitted(TerminalText.escaped(metric.name), to: style.width - gap.count)
        let rest = TerminalText.fitted(unit + kind, to: style.width - gap.count - TerminalText.width(of: name))
        return gap + colored(name, .bold) + colored(rest, .dim) + "\n"
    }

    private func trimmed(_ line: String) -> String {
        var line = Substring(line)
        while line.last == " " { line.removeLast() }
        return String(line)
    }

    /// The widths of the columns of one metric; columns that do not fit are omitted.
    private struct Layout {
        struct Column {
            var captionWidth = 0
            var valueWidth = 0
        }

        let width: Int
        let labelWidth: Int
        /// Whether labels are too long for the line of their values and get a line of their own.
        let isStacked: Bool
        private(set) var columns: [Column]
        private(set) var hasBars: Bool
        let lowerWidth: Int
        let blocksWidth: Int

        init(_ rows: [MetricRow], width: Int, gap: String) {
            self.width = width
            labelWidth = rows.map { TerminalText.width(of: $0.label) }.max() ?? 0
            columns = (0..<(rows.first?.cells.count ?? 0)).map { index in
                rows.reduce(into: Column()) { column, row in
                    let cell = row.cells[index]
                    guard let value = cell.value else { return }
                    column.captionWidth = max(column.captionWidth, cell.caption.isEmpty ? 0 : TerminalText.width(of: cell.caption) + 1)
                    column.valueWidth = max(column.valueWidth, TerminalText.width(of: value))
                }
            }
            let bars = rows.compactMap(\.bars)
            hasBars = !bars.isEmpty
            lowerWidth = bars.map { TerminalText.width(of: $0.lower) }.max() ?? 0
            blocksWidth = bars.map(\.blocks.count).max() ?? 0
            let upperWidth = bars.map { TerminalText.width(of: $0.upper) }.max() ?? 0
            let barsWidth = hasBars ? gap.count + lowerWidth + 1 + blocksWidth + 1 + upperWidth : 0
            let all = columns
            func size(_ columns: some Sequence<Column>) -> Int {
                columns.reduce(0) { $0 + ($1.valueWidth == 0 ? 0 : gap.count + $1.captionWidth + $1.valueWidth) }
            }
            // The ends of the bars nearly equal minimum and maximum.
            let short = hasBars ? Array(all.prefix(2)) : all
            for (isStacked, columns) in [(false, all), (false, short), (true, all), (true, short)]
            where (isStacked ? 0 : labelWidth) + size(columns) + barsWidth <= width {
                self.isStacked = isStacked
                self.columns = columns
                return
            }
            isStacked = true
            hasBars = false
            while size(columns) > width, columns.count > 1 { columns.removeLast() }
        }
    }
}

/// The cells of one series.
struct MetricRow {
    struct Cell {
        var caption = ""
        /// Nil if this series has no value for the column.
        var value: String?
    }

    let isWithoutAttributes: Bool
    /// The attributes, separate and joined.
    let words: [String]
    let label: String
    let cells: [Cell]
    var bars: BucketBars?

    init(_ attributes: Attributes, _ cells: [Cell], bars: BucketBars? = nil) {
        self.cells = cells
        self.bars = bars
        isWithoutAttributes = attributes.isEmpty
        words = isWithoutAttributes ? ["(no attributes)"] : attributes.map { TerminalText.escaped("\($0.key)=\($0.value)") }
        label = words.joined(separator: "  ")
    }
}

extension MetricPoints {
    fileprivate var kindText: String {
        switch self {
        case .gauge: "gauge"
        case .sum(_, let temporality, let isMonotonic): "\(isMonotonic ? "counter" : "up-down counter") · \(temporality)"
        case .histogram(_, let temporality): "histogram · \(temporality)"
        case .exponentialHistogram(_, let temporality): "exponential histogram · \(temporality)"
        case .summary: "summary"
        }
    }

    fileprivate var latestTime: Timestamp? {
        switch self {
        case .gauge(let points), .sum(let points, _, _): points.map(\.time).max()
        case .histogram(let points, _): points.map(\.time).max()
        case .exponentialHistogram(let points, _): points.map(\.time).max()
        case .summary(let points): points.map(\.time).max()
        }
    }

    fileprivate func rows(atMost limit: Int) -> [MetricRow] {
        switch self {
        case .gauge(let points): points.prefix(limit).map { MetricRow($0.attributes, [.init(value: ReadableNumber.text($0.value))]) }
        case .sum(let points, let temporality, _):
            points.prefix(limit).map { point in
                // A delta has a sign, so that it differs from a total.
                let sign = temporality == .delta && point.value.doubleValue >= 0 ? "+" : ""
                return MetricRow(point.attributes, [.init(value: sign + ReadableNumber.text(point.value))])
            }
        case .histogram(let points, _):
            points.prefix(limit).map { point in
                let cells = Self.cells(count: point.count, sum: point.sum, min: point.min, max: point.max)
                return MetricRow(point.attributes, cells, bars: BucketBars(point))
            }
        case .exponentialHistogram(let points, _):
            points.prefix(limit).map { point in
                let distribution = point.distribution
                let cells = Self.cells(count: distribution.count, sum: distribution.sum, min: distribution.min, max: distribution.max)
                return MetricRow(point.attributes, cells, bars: BucketBars(point))
            }
        case .summary(let points):
            points.prefix(limit).map { point in
                let quantiles = point.quantiles.map {
                    "p\(ReadableNumber.text($0.share * 100)) \(ReadableNumber.text($0.value))"
                }
                let cells = Self.cells(count: point.count, sum: point.sum, min: nil, max: nil).prefix(2)
                return MetricRow(point.attributes, cells + [.init(value: quantiles.joined(separator: "  "))])
            }
        }
    }

    private static func cells(count: UInt64, sum: Double?, min: Double?, max: Double?) -> [MetricRow.Cell] {
        [
            .init(caption: "count", value: "\(count)"),
            .init(caption: "avg", value: count == 0 ? nil : sum.map { ReadableNumber.text($0 / Double(count)) }),
            .init(caption: "min", value: min.map { ReadableNumber.text($0) }),
            .init(caption: "max", value: max.map { ReadableNumber.text($0) }),
        ]
    }
}
