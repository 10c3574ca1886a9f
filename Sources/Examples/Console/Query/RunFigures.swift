// The figures of one run, which are laid beside those of another.

import Telemetry

/// What a run did: how often its operations ran and how that went, and how many log records of each severity its services wrote.
struct RunFigures {
    /// Spans of one service that have kind and name in common.
    struct Operation: Hashable {
        let service: String
        let name: String
        let kind: UInt8
    }

    /// Operations, and services that log, that are told apart; the others are counted together.
    private static let maximumEntries = 2_000
    private static let others = "… (others)"

    let run: SignalStores.Run
    /// How long the run lasted, in seconds.
    let seconds: Double
    private(set) var operations: [Operation: CallFigures] = [:]
    /// By service the counts of trace, debug, info, warn, error and fatal.
    private(set) var logs: [String: [Int]] = [:]
    private(set) var spanCount = 0
    private(set) var logCount = 0
    private(set) var isPartial = false

    init(_ run: SignalStores.Run, _ spans: [SpanBlock], _ logs: [LogBlock], now: UInt64, within duration: Duration) {
        self.run = run
        let end = run.end?.nanosecondsSinceEpoch ?? now
        seconds = max(1, (Double(end) - Double(run.start.nanosecondsSinceEpoch)) / 1e9)
        var deadline = QueryDeadline(duration)
        count(spans.filter { $0.run == run.number }, &deadline)
        count(logs.filter { $0.run == run.number }, &deadline)
        isPartial = deadline.hasPassed
    }

    private mutating func count(_ blocks: [SpanBlock], _ deadline: inout QueryDeadline) {
        var known = SpanIDTable(capacity: blocks.reduce(0) { $0 + $1.count })
        // A span that came before its end and after it counts as what came last.
        for (number, block) in blocks.enumerated().reversed() {
            var found: [UInt64: Operation] = [:]
            for row in (0..<block.count).reversed() {
                guard deadline.countsRow() else { return }
                guard known.add(block.spanID[row], block: number, row: row) else { continue }
                let kind = block.kind(row)
                let key = UInt64(block.serviceNumber(row)) << 40 | UInt64(kind) << 32 | UInt64(block.name[row])
                let operation =
                    found[key] ?? admitted(Operation(service: block.serviceName(row), name: block.nameText(row), kind: kind))
                found[key] = operation
                spanCount += 1
                operations[operation, default: CallFigures()].add(
                    duration: block.duration[row], weight: block.weight[row], isError: block.isError(row), end: block.sortTime(row))
            }
        }
    }

    private mutating func admitted(_ operation: Operation) -> Operation {
        guard operations[operation] == nil, operations.count >= Self.maximumEntries else { return operation }
        return Operation(service: Self.others, name: Self.others, kind: 0)
    }

    private mutating func count(_ blocks: [LogBlock], _ deadline: inout QueryDeadline) {
        for block in blocks.reversed() {
            for row in 0..<block.count {
                guard deadline.countsRow() else { return }
                logCount += 1
                var service = block.serviceName(row)
                if logs[service] == nil, logs.count >= Self.maximumEntries { service = Self.others }
                logs[service, default: [0, 0, 0, 0, 0, 0]][LogSearch.level(of: block.severity[row])] += 1
            }
        }
    }
}
