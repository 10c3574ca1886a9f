// The fields that only spans have, for searches.

extension SpanBlock: SearchableBlock {
    static let layout = MessageLayout.span

    func columnTest(_ condition: SearchCondition) -> ColumnTest? {
        let isEqual = condition.comparison == .equal
        switch condition.field {
        case .name:
            let holds = names.texts.map { condition.holds($0) }
            return holds.contains(true) ? .name(holds) : nil
        case .kind: return .kind(UInt8(condition.number ?? 0), isEqual: isEqual)
        case .status: return .status(UInt8(condition.number ?? 0), isEqual: isEqual)
        case .duration:
            return .duration(condition.comparison, UInt64(min(condition.number ?? 0, 0x1p63)))
        default: return nil
        }
    }

    @inline(__always)
    func passes(_ test: ColumnTest, _ row: Int) -> Bool {
        switch test {
        case .name(let holds): holds[Int(name[row])]
        case .kind(let kind, let isEqual): (self.kind(row) == kind) == isEqual
        case .status(let status, let isEqual): (self.status(row) == status) == isEqual
        case .duration(let comparison, let limit): duration[row] != Self.open && comparison.holds(duration[row], limit)
        case .severity: false
        }
    }

    func fieldText(_ key: String, _ row: Int) -> String? {
        switch key {
        case "name": nameText(row)
        case "kind": SearchCondition.kinds[Int(kind(row))]
        case "status": SearchCondition.statuses[Int(status(row))]
        default: nil
        }
    }
}
