// Counts log records over time by the values of a field.

import Telemetry

/// Counts of log records in steps of time, for each value of a field.
struct LogBreakdown {
    /// Which values are shown.
    enum Order: String {
        /// The most frequent ones.
        case count
        /// Those with the most errors.
        case errors
        /// Those whose measure is the greatest for the slowest twentieth.
        case p95
    }

    /// What is counted.
    struct Request {
        let field: LogField
        /// An attribute whose numbers are described for each value, such as the duration of requests.
        let measure: String?
        let steps: Int
    }

    /// A value with its records.
    struct Series {
        let value: String
        var counts: [UInt32]
        var count: Int
        /// Records whose severity is error or fatal.
        var errors: Int
        /// What was measured of it, in rising order.
        let numbers: [Double]

        func percentile(_ share: Double) -> Double { LogBreakdown.percentile(share, of: numbers) }
    }

    static let (maximumSeries, maximumSteps) = (10, 120)
    /// Values that are told apart, with their counts in 24 MB at most; records with others are counted together.
    static let maximumValues = 50_000
    /// The place of the records without the field, and of those whose value is not told apart.
    static let (without, others) = (0, 1)

    let start: UInt64
    let end: UInt64
    let step: UInt64
    private let steps: Int
    private var names = ["", ""]
    private var places: [String: Int] = [:]
    /// The counts of a place are `steps` numbers beside each other.
    private var counts: [UInt32]
    private var totals = [0, 0]
    private var errors = [0, 0]
    private(set) var sample: NumberSample?
    /// True if there were more values than are told apart.
    private(set) var hasMoreValues = false
    var isPartial = false

    init(_ request: Request, _ window: TimeWindow, oldest: UInt64?, now: UInt64) {
        let frame = LogSearch.Volume(window, oldest: oldest, now: now, steps: request.steps)
        (start, end, step, steps) = (frame.start, frame.end, max(1, frame.step), request.steps)
        counts = []
        // An array that grows takes more room, and the system gives memory to what is used of it alone.
        counts.reserveCapacity((2 + Self.maximumValues) * steps)
        counts += repeatElement(0, count: 2 * steps)
        if request.measure != nil { sample = NumberSample() }
    }

    var total: Int { totals.reduce(0, +) }
    /// How many values are told apart.
    var valueCount: Int { names.count - 2 }

    /// The place of a value; nil is for a value that is no text or number.
    mutating func place(of value: String?) -> Int {
        guard let value else { return Self.others }
        if let place = places[value] { return place }
        guard valueCount < Self.maximumValues else {
            hasMoreValues = true
            return Self.others
        }
        places[value] = names.count
        names.append(value)
        totals.append(0)
        errors.append(0)
        counts += repeatElement(0, count: steps)
        return names.count - 1
    }

    /// Counts a record.
    @inline(__always)
    mutating func add(time: UInt64, severity: UInt8, at place: Int) {
        guard time >= start, time < end else { return }
        counts[place &* steps &+ min(steps &- 1, Int((time &- start) / step))] &+= 1
        totals[place] &+= 1
        if severity >= 17 { errors[place] &+= 1 }
    }

    /// True if the measure of the next record is to be read.
    mutating func wantsNumber() -> Bool { sample?.wantsNext() ?? false }

    mutating func add(number: Double, at place: Int) { sample?.add(number, at: place) }

    /// Returns the first values in an order, and the rest as one.
    func top(_ limit: Int, by order: Order) -> (series: [Series], rest: Series, without: Series) {
        let numbers = sample?.numbers ?? [:]
        let percentiles = order == .p95 ? numbers.mapValues { Self.percentile(0.95, of: $0) } : [:]
        let sorted = (2..<names.count).filter { totals[$0] > 0 }.sorted { left, right in
            let (a, b): (Double, Double) =
                switch order {
                case .count: (Double(totals[left]), Double(totals[right]))
                case .errors: (Double(errors[left]), Double(errors[right]))
                case .p95: (percentiles[left] ?? 0, percentiles[right] ?? 0)
                }
            return (a, totals[left], names[right]) > (b, totals[right], names[left])
        }
        var rest = series(Self.others, [])
        for place in sorted.dropFirst(limit) {
            for step in 0..<steps { rest.counts[step] &+= counts[place * steps + step] }
            rest.count += totals[place]
            rest.errors += errors[place]
        }
        return (sorted.prefix(limit).map { series($0, numbers[$0] ?? []) }, rest, series(Self.without, []))
    }

    private static func percentile(_ share: Double, of numbers: [Double]) -> Double {
        numbers.isEmpty ? 0 : numbers[min(numbers.count - 1, Int(share * Double(numbers.count)))]
    }

    private func series(_ place: Int, _ numbers: [Double]) -> Series {
        Series(
            value: names[place], counts: Array(counts[place * steps..<(place + 1) * steps]), count: totals[place], errors: errors[place],
            numbers: numbers)
    }
}
