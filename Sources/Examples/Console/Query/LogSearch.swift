// Finds the newest log records as searched for, and counts them over time.

/// A search over blocks of log records.
struct LogSearch {
    /// A record that was found.
    struct Place {
        let block: Int
        let row: Int
    }

    struct Result {
        var records: [Place] = []
        var matched = 0
        var scanned = 0
        var isPartial = false
        var next: ListPlace?
    }

    /// Counts by severity in steps of time.
    struct Volume {
        /// Services that are told apart; the others are counted together.
        static let maximumServices = 200
        private static let others = "… (others)"

        let start: UInt64
        /// The first nanosecond after the last step that counts.
        let end: UInt64
        let step: UInt64
        /// For each step the counts of trace, debug, info, warn, error and fatal; a record without a severity counts as info.
        var counts: [[Int]]
        /// The same counts by service, over all steps.
        private(set) var services: [String: [Int]] = [:]
        var isPartial = false

        /// Divides a window into steps, from the oldest record to now where it has no bounds.
        init(_ window: TimeWindow, oldest: UInt64?, now: UInt64, steps: Int) {
            start = window.from > 0 ? window.from : oldest ?? now
            end = max(window.to < .max ? window.to : now &+ 1, start < .max ? start + 1 : .max)
            step = end > start ? (end - start - 1) / UInt64(steps) + 1 : 1
            counts = [[Int]](repeating: [0, 0, 0, 0, 0, 0], count: steps)
        }

        var total: Int { services.values.reduce(0) { $0 + $1.reduce(0, +) } }

        /// Adds counts of a service by severity.
        mutating func add(_ counts: [Int], of service: String) {
            let name = services[service] != nil || services.count < Self.maximumServices ? service : Self.others
            let known = services[name] ?? [0, 0, 0, 0, 0, 0]
            services[name] = zip(known, counts).map(+)
        }
    }

    let blocks: [LogBlock]
    let term: SearchTerm
    let window: TimeWindow
    let runs: RunNames

    /// Returns the newest records before a place.
    func newest(_ limit: Int, before place: ListPlace?, within duration: Duration) -> Result {
        var result = Result()
        var newest = NewestItems<Place>(limit: limit)
        var deadline = QueryDeadline(duration)
        forEachMatch(&deadline) { number, row in
            let block = blocks[number]
            result.matched += 1
            let at = ListPlace(time: block.sortTime[row], number: UInt64(block.firstNumber + row))
            if place.map({ at < $0 }) ?? true { newest.offer(at, Place(block: number, row: row)) }
        }
        let (chosen, next) = newest.take()
        result.records = chosen.map(\.item)
        result.next = next
        result.scanned = deadline.scanned
        result.isPartial = deadline.hasPassed
        return result
    }

    /// Returns the counts in the window, or between the first record and the last one where the window has no end.
    func volume(steps: Int, now: UInt64, within duration: Duration) -> Volume {
        var deadline = QueryDeadline(duration)
        var found: [(time: UInt64, severity: UInt8)] = []
        var byService: [String: [Int]] = [:]
        forEachMatch(&deadline) { number, row in
            found.append((blocks[number].sortTime[row], blocks[number].severity[row]))
            byService[blocks[number].serviceName(row), default: [0, 0, 0, 0, 0, 0]][Self.level(of: blocks[number].severity[row])] += 1
        }
        var volume = Volume(window, oldest: found.map(\.time).min(), now: now, steps: steps)
        for (time, severity) in found where time >= volume.start && time < volume.end {
            volume.counts[min(steps - 1, Int((time - volume.start) / volume.step))][Self.level(of: severity)] += 1
        }
        for (service, counts) in byService { volume.add(counts, of: service) }
        volume.isPartial = deadline.hasPassed
        return volume
    }

    /// Returns the place of a severity among trace, debug, info, warn, error and fatal.
    static func level(of severity: UInt8) -> Int { severity == 0 ? 2 : min(5, Int(severity - 1) / 4) }

    /// Calls the closure with the block and row of each matching record, newest block first.
    ///
    /// - Parameter stride: rows between two looks at the clock, a power of two.
    func forEachMatch(
        _ deadline: inout QueryDeadline, checkedEvery stride: Int = QueryDeadline.stride, _ take: (Int, Int) -> Void
    ) {
        for (number, block) in blocks.enumerated().reversed() {
            let filter = ItemFilter(term, block, runs: runs.numbers)
            if filter.takesNone { continue }
            for row in 0..<block.count {
                guard deadline.countsRow(checkedEvery: stride) else { return }
                if window.contains(block.sortTime[row]), filter.passes(row) { take(number, row) }
            }
        }
    }
}
