// The figures of operations between two times.

import Telemetry

/// How often the operations of services ran between two times, and how that went.
struct OperationFigures {
    /// Operations that are told apart; the others are counted together.
    private static let maximumOperations = 2_000
    private static let others = "… (others)"

    let seconds: Double
    private(set) var operations: [RunFigures.Operation: CallFigures] = [:]
    /// What each service has answered, by the spans of its servers and consumers.
    private(set) var services: [String: CallFigures] = [:]
    private(set) var isPartial = false

    init(_ blocks: [SpanBlock], _ window: TimeWindow, now: UInt64, within duration: Duration) {
        var deadline = QueryDeadline(duration)
        var known = SpanIDTable(capacity: blocks.reduce(0) { $0 + $1.count })
        let oldest = max(window.from, blocks.map(\.oldest).min() ?? now)
        seconds = max(1, Double(min(window.to, now)) / 1e9 - Double(oldest) / 1e9)
        for (number, block) in blocks.enumerated().reversed() {
            var found: [UInt64: RunFigures.Operation] = [:]
            for row in (0..<block.count).reversed() {
                guard deadline.countsRow() else { break }
                guard window.contains(block.sortTime(row)), known.add(block.spanID[row], block: number, row: row) else { continue }
                let kind = block.kind(row)
                let key = UInt64(block.serviceNumber(row)) << 40 | UInt64(kind) << 32 | UInt64(block.name[row])
                let operation =
                    found[key] ?? admitted(RunFigures.Operation(service: block.serviceName(row), name: block.nameText(row), kind: kind))
                found[key] = operation
                let (duration, weight, isError) = (block.duration[row], block.weight[row], block.isError(row))
                operations[operation, default: CallFigures()].add(
                    duration: duration, weight: weight, isError: isError, end: block.sortTime(row))
                guard kind == 2 || kind == 5 else { continue }
                services[operation.service, default: CallFigures()].add(
                    duration: duration, weight: weight, isError: isError, end: block.sortTime(row))
            }
        }
        isPartial = deadline.hasPassed
    }

    private func admitted(_ operation: RunFigures.Operation) -> RunFigures.Operation {
        guard operations[operation] == nil, operations.count >= Self.maximumOperations else { return operation }
        return RunFigures.Operation(service: operation.service, name: Self.others, kind: operation.kind)
    }

    func rate(_ figures: CallFigures?) -> Double { (figures?.calls ?? 0) / seconds }
}

extension CallFigures {
    /// Returns what has become worse since earlier calls of the same kind, in words and by how much; nil if nothing has.
    ///
    /// - Parameter least: the calls that both must have for a judgement.
    func worsening(since earlier: CallFigures, least: Double = 10) -> (what: String, factor: Double)? {
        guard calls >= least, earlier.calls >= least else { return nil }
        if errors >= 3, errorRate - earlier.errorRate >= 0.02, errorRate >= 1.5 * earlier.errorRate {
            return ("errors", (errorRate + 0.01) / (earlier.errorRate + 0.01))
        }
        let factor =
            [0.5, 0.95].map { share -> Double in
                let (now, then) = (Double(durations.percentile(share)), Double(earlier.durations.percentile(share)))
                return now - then >= 5e6 ? now / max(then, 1e5) : 1
            }.max() ?? 1
        return factor >= 1.5 ? ("slower", factor) : nil
    }
}
