// The table on the terminal, and the same rows as JSON.

/// One line of the report: a figure, its floor and its budget.
struct Row {
    let name: String
    /// The nanoseconds a call, or another figure in the given unit.
    let value: Double
    var unit = "ns"
    /// The figure of the floor from the same run, and its name.
    let floor: (name: String, value: Double)
    var allocations: Double?
    /// The highest ratio to the floor (the lowest, where more is better).
    let budget: Double?
    var allocationBudget: Double?
    var moreIsBetter = false
    var note = ""

    var ratio: Double { value / floor.value }

    var isMet: Bool? {
        guard let budget else { return nil }
        let fits = moreIsBetter ? ratio >= budget : ratio <= budget
        guard let allocations, let allocationBudget else { return fits }
        return fits && allocations <= allocationBudget + 0.01
    }
}

enum Report {
    static func text(_ rows: [Row]) -> String {
        var lines = [
            line("work", "figure", "floor", "ratio", "budget", "allocations", "", ""), String(repeating: "-", count: 118),
        ]
        for row in rows {
            let sign = row.moreIsBetter ? "≥ " : "≤ "
            lines.append(
                line(
                    row.name, "\(short(row.value)) \(row.unit)", row.floor.name, short(row.ratio),
                    row.budget.map { sign + short($0) } ?? "–",
                    row.allocations.map(short) ?? "–", row.isMet.map { $0 ? "met" : "MISSED" } ?? "", row.note))
        }
        return lines.joined(separator: "\n")
    }

    private static func line(
        _ name: String, _ value: String, _ floor: String, _ ratio: String, _ budget: String, _ allocations: String, _ met: String,
        _ note: String
    ) -> String {
        let columns = [(name, 46), (value, 16), (floor, 8), (ratio, 8), (budget, 9), (allocations, 12), (met, 7)]
        return columns.map { $0.0.padded(to: $0.1) }.joined(separator: " ") + note
    }

    static func json(_ rows: [Row]) -> String {
        let objects = rows.map { row in
            let met = row.isMet.map { $0 ? "true" : "false" } ?? "null"
            return
                "{\"name\":\"\(row.name)\",\"ns\":\(row.value),\"unit\":\"\(row.unit)\",\"floor\":\(row.floor.value),"
                + "\"ratio\":\(row.ratio),\"allocations\":\(row.allocations.map { "\($0)" } ?? "null"),"
                + "\"budget\":\(row.budget.map { "\($0)" } ?? "null"),\"met\":\(met)}"
        }
        return "[\n\(objects.joined(separator: ",\n"))\n]\n"
    }

    /// Returns a number with its significant digits.
    static func short(_ value: Double) -> String {
        guard value.isFinite else { return "\(value)" }
        if value.magnitude >= 100 { return "\(Int(value.rounded()))" }
        let scaled = Int((value * 100).rounded())
        return "\(scaled / 100).\(scaled % 100 < 10 ? "0" : "")\((scaled % 100).magnitude)"
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
