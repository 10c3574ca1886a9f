// Draws how costs grow, as an SVG that fits light and dark pages.

import Glibc

/// One panel a series, each with an axis of its own: sizes in equal steps, nanoseconds from 0.
enum GrowthChart {
    private static let (panelWidth, panelHeight, columns) = (300, 190, 3)
    private static let (left, right, top, bottom) = (44, 16, 40, 40)

    static func svg(_ all: [GrowthSeries]) -> String {
        let rows = (all.count + columns - 1) / columns
        let panels = all.enumerated().map { place, series in
            "<g transform=\"translate(\(place % columns * panelWidth),\(place / columns * panelHeight))\">\n\(panel(series))</g>\n"
        }
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(panelWidth * columns) \(panelHeight * rows)" role="img" \
            aria-label="Nanoseconds of an operation by what it depends on">
            <style>
            text { font: 11px system-ui, sans-serif; fill: #59636e } .title { font-weight: 600; fill: #1f2328 }
            .axis { stroke: #d1d9e0 } .line { fill: none; stroke: #0969da; stroke-width: 2 } circle { fill: #0969da }
            @media (prefers-color-scheme: dark) {
            text { fill: #9198a1 } .title { fill: #f0f6fc } .axis { stroke: #3d444d } .line { stroke: #4493f8 } circle { fill: #4493f8 }
            }
            </style>
            \(panels.joined())</svg>

            """
    }

    private static func panel(_ series: GrowthSeries) -> String {
        let highest = step(above: series.points.map(\.nanoseconds).max() ?? 1)
        let (width, height) = (panelWidth - left - right, panelHeight - top - bottom)
        func x(_ place: Int) -> Int { left + (series.points.count < 2 ? 0 : place * width / (series.points.count - 1)) }
        func y(_ nanoseconds: Double) -> Int { top + height - Int(nanoseconds / highest * Double(height)) }
        var parts = "<text class=\"title\" x=\"8\" y=\"16\">\(series.name)</text>\n"
        for value in [0, highest / 2, highest] {
            parts += "<line class=\"axis\" x1=\"\(left)\" x2=\"\(left + width)\" y1=\"\(y(value))\" y2=\"\(y(value))\"/>"
            parts += "<text x=\"\(left - 6)\" y=\"\(y(value) + 4)\" text-anchor=\"end\">\(Report.short(value))</text>\n"
        }
        let line = series.points.enumerated().map { "\(x($0)),\(y($1.nanoseconds))" }
        parts += "<polyline class=\"line\" points=\"\(line.joined(separator: " "))\"/>\n"
        for (place, point) in series.points.enumerated() {
            parts += "<circle cx=\"\(x(place))\" cy=\"\(y(point.nanoseconds))\" r=\"3\"/>"
            parts += "<text x=\"\(x(place))\" y=\"\(top + height + 16)\" text-anchor=\"middle\">\(short(point.size))</text>\n"
        }
        return parts + "<text x=\"\(left)\" y=\"\(top + height + 32)\">\(series.axis); ns from 0</text>\n"
    }

    /// The least of 1, 2, 5, 10, 20, … that is not below a number.
    private static func step(above number: Double) -> Double {
        var power = 1.0
        while true {
            for factor in [1.0, 2, 5] where power * factor >= number { return power * factor }
            power *= 10
        }
    }

    private static func short(_ size: Int) -> String {
        switch size {
        case 1_000_000...: "\(size / 1_000_000) M"
        case 1_000...: "\(size / 1_000),000"
        default: "\(size)"
        }
    }
}
