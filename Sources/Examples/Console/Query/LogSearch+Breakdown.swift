// Counts the log records that the memory has by the values of a field.

import Telemetry

extension LogSearch {
    /// Counts the records that match.
    func breakdown(_ request: LogBreakdown.Request, now: UInt64, within duration: Duration) -> LogBreakdown {
        var breakdown = LogBreakdown(request, window, oldest: blocks.map(\.oldest).min(), now: now)
        var deadline = QueryDeadline(duration)
        // The pattern of a message may take a tenth of a millisecond.
        forEachMatch(&deadline, checkedEvery: 256) { number, row in
            let block = blocks[number]
            let place = place(request.field, block, row, &breakdown)
            breakdown.add(time: block.sortTime[row], severity: block.severity[row], at: place)
            guard let measure = request.measure, breakdown.wantsNumber() else { return }
            if case .some(.some(let number)) = attribute(measure, block, row, LogField.number) { breakdown.add(number: number, at: place) }
        }
        breakdown.isPartial = deadline.hasPassed
        return breakdown
    }

    private func place(_ field: LogField, _ block: LogBlock, _ row: Int, _ breakdown: inout LogBreakdown) -> Int {
        switch field {
        case .service: return breakdown.place(of: block.serviceName(row))
        case .scope: return breakdown.place(of: block.origins.scopes[Int(block.places.scope[row])].name)
        case .severity: return breakdown.place(of: SearchCondition.severities[Self.level(of: block.severity[row])])
        case .message:
            return block.withMessage(row, LogField.pattern).map { breakdown.place(of: $0) } ?? LogBreakdown.without
        case .attribute(let key):
            guard let value = attribute(key, block, row, LogField.text) else { return LogBreakdown.without }
            return breakdown.place(of: value)
        }
    }

    /// What the closure makes of the value of an attribute; nil without one.
    private func attribute<Result>(
        _ key: String, _ block: LogBlock, _ row: Int, _ body: (UnsafeRawBufferPointer) -> Result?
    ) -> Result?? {
        block.withMessage(row) { LogField.value(of: key, record: $0, block.origins, scope: Int(block.places.scope[row]), body) }
    }
}
