// The successes of a target over time.

/// Counts probes by minutes for six hours and by hours for 30 days, in a fixed amount of memory.
struct AvailabilityHistory: Sendable, Equatable {
    /// The probes of a minute or an hour.
    struct Bucket: Sendable, Equatable {
        /// The number of the minute or hour since 1970.
        var number: Int32 = -1
        var good: UInt32 = 0
        var total: UInt32 = 0
    }

    /// A span of time that ends now; up to six hours it has whole minutes, beyond whole hours, the last of them not over yet.
    struct Window: Sendable, Hashable {
        let name: String
        let minutes: Int

        static let fiveMinutes = Window(name: "5m", minutes: 5)
        static let halfHour = Window(name: "30m", minutes: 30)
        static let hour = Window(name: "1h", minutes: 60)
        static let twoHours = Window(name: "2h", minutes: 120)
        static let sixHours = Window(name: "6h", minutes: 360)
        static let day = Window(name: "24h", minutes: 1_440)
        static let threeDays = Window(name: "3d", minutes: 4_320)
        static let month = Window(name: "30d", minutes: 43_200)

        static let ofAvailability: [Window] = [.hour, .day, .month]
        /// Those of the alerts: a long window shows that it matters, a short one that it goes on. (The Site Reliability Workbook, ch. 5.)
        static let ofBurnRates: [Window] = [.fiveMinutes, .halfHour, .hour, .twoHours, .sixHours, .day, .threeDays]
    }

    private static let minuteCount = 360
    private static let hourCount = 720

    private(set) var minutes = [Bucket](repeating: Bucket(), count: minuteCount)
    private(set) var hours = [Bucket](repeating: Bucket(), count: hourCount)

    /// - Parameter time: milliseconds since 1970.
    mutating func record(_ isSuccess: Bool, at time: Int64) {
        guard time >= 0 else { return }
        Self.record(isSuccess, Int32(clamping: time / 60_000), in: &minutes)
        Self.record(isSuccess, Int32(clamping: time / 3_600_000), in: &hours)
    }

    private static func record(_ isSuccess: Bool, _ number: Int32, in buckets: inout [Bucket]) {
        let place = Int(number) % buckets.count
        if buckets[place].number != number {
            // A clock that was set back does not take the place of what is newer.
            guard buckets[place].number < number else { return }
            buckets[place] = Bucket(number: number)
        }
        buckets[place].total &+= 1
        if isSuccess { buckets[place].good &+= 1 }
    }

    /// Returns the probes of a window.
    func count(_ window: Window, at time: Int64) -> (good: Int, total: Int) {
        let isShort = window.minutes <= Self.minuteCount
        return Self.count(
            isShort ? minutes : hours, last: Int32(clamping: max(0, time) / (isShort ? 60_000 : 3_600_000)),
            isShort ? window.minutes : window.minutes / 60)
    }

    private static func count(_ buckets: [Bucket], last: Int32, _ size: Int) -> (good: Int, total: Int) {
        let range = last - Int32(size) + 1...last
        return buckets.reduce(into: (0, 0)) { sum, bucket in
            guard range.contains(bucket.number) else { return }
            sum.0 += Int(bucket.good)
            sum.1 += Int(bucket.total)
        }
    }

    /// Returns the share of the probes in a window that succeeded; nil without any.
    func availability(_ window: Window, at time: Int64) -> Double? {
        let (good, total) = count(window, at: time)
        return total == 0 ? nil : Double(good) / Double(total)
    }

    /// The hours of the last day, the present one last; nil where nothing was probed.
    func lastDay(at time: Int64) -> [Double?] {
        let last = Int(max(0, time) / 3_600_000)
        return (last - 23...last).map { number in
            let bucket = hours[max(0, number) % hours.count]
            return Int(bucket.number) == number && bucket.total > 0 ? Double(bucket.good) / Double(bucket.total) : nil
        }
    }

    /// The numbers of all buckets that are not empty, three for each.
    var numbers: (minutes: [Int64], hours: [Int64]) {
        func flat(_ buckets: [Bucket]) -> [Int64] {
            buckets.filter { $0.total > 0 }.flatMap { [Int64($0.number), Int64($0.good), Int64($0.total)] }
        }
        return (flat(minutes), flat(hours))
    }

    /// Restores what ``numbers`` has given; what cannot be is left out.
    init(minutes: [Int64] = [], hours: [Int64] = []) {
        Self.restore(minutes, to: &self.minutes)
        Self.restore(hours, to: &self.hours)
    }

    private static func restore(_ numbers: [Int64], to buckets: inout [Bucket]) {
        for start in stride(from: 0, to: numbers.count - 2, by: 3) {
            guard let number = Int32(exactly: numbers[start]), let good = UInt32(exactly: numbers[start + 1]),
                let total = UInt32(exactly: numbers[start + 2]), number >= 0, good <= total
            else { continue }
            let place = Int(number) % buckets.count
            if buckets[place].number < number { buckets[place] = Bucket(number: number, good: good, total: total) }
        }
    }
}
