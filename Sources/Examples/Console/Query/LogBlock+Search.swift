// The fields that only log records have, for searches.

extension LogBlock: SearchableBlock {
    static let layout = MessageLayout.logRecord

    func columnTest(_ condition: SearchCondition) -> ColumnTest? {
        guard condition.field == .severity else { return nil }
        let number = UInt8(condition.number ?? 0)
        // A name stands for the four numbers of its severity, a number for itself.
        return .severity(condition.comparison, number...(Int(condition.text) == nil ? number + 3 : number))
    }

    @inline(__always)
    func passes(_ test: ColumnTest, _ row: Int) -> Bool {
        guard case .severity(let comparison, let numbers) = test else { return false }
        return comparison.holds(severity[row], numbers)
    }

    func fieldText(_ key: String, _ row: Int) -> String? {
        guard key == "severity", severity[row] > 0 else { return nil }
        return SearchCondition.severities[(Int(severity[row]) - 1) / 4]
    }
}
