// One series of the store: columns of times and of values.

/// A series with its points, oldest first.
///
/// Numbers are kept as 64 bits: as integers while all are integers, so that none above 2^53 loses digits, else as doubles.
struct MetricSeries: Sendable {
    let labels: LabelSet
    /// The place of the family that the series belongs to.
    let family: Int
    /// True if each received point gives this series one, so that its points are counted as the points of the metric.
    let isPrimary: Bool
    /// Milliseconds since 1970.
    private(set) var times: [Int64] = []
    private(set) var bits: [UInt64] = []
    private(set) var isInteger = true
    /// The points of a series of histograms, which has no numbers.
    private(set) var histograms: [FloatHistogram] = []
    let hasHistograms: Bool
    /// The number of the scrape that had the series last.
    var scrape = 0
    /// When the series was zero, between its points; answers have a point there that no sender sent.
    private(set) var starts: [Int64] = []
    private var histogramBytes = 0

    init(_ labels: LabelSet, family: Int, isPrimary: Bool, hasHistograms: Bool) {
        self.labels = labels
        self.family = family
        self.isPrimary = isPrimary
        self.hasHistograms = hasHistograms
    }

    /// The marker that ends a series of integers.
    private static let staleInteger = UInt64(bitPattern: .min)

    var isEmpty: Bool { times.isEmpty }
    var count: Int { times.count }

    /// The bytes of the points; labels are counted once, when the series is made.
    var pointBytes: Int { 8 * (times.capacity + bits.capacity + starts.capacity) + histogramBytes }
    static let overheadBytes = 256

    func value(_ place: Int) -> Double {
        guard isInteger else { return Double(bitPattern: bits[place]) }
        return bits[place] == Self.staleInteger ? StaleMarker.value : Double(Int64(bitPattern: bits[place]))
    }

    /// The exact value of a point; nil unless the series has integers alone.
    func integer(_ place: Int) -> Int64? {
        guard isInteger, !hasHistograms, bits[place] != Self.staleInteger else { return nil }
        return Int64(bitPattern: bits[place])
    }

    func isStale(_ place: Int) -> Bool { hasHistograms ? histograms[place].isStale : StaleMarker.isStale(value(place)) }

    // MARK: Adding

    /// Adds a number; returns why it is refused.
    mutating func append(_ number: MetricNumber64, at time: Int64, _ kind: SampleKind) -> MetricRejection? {
        guard !hasHistograms else { return .mixedKinds }
        var number = number
        if let last = times.last {
            if time < last { return .outOfOrder }
            if time == last {
                let isSame = !kind.isDelta && number.isSame(as: value(count - 1), integer: integer(count - 1))
                return isSame ? nil : .duplicateTime
            }
        }
        if kind.isMonotonic, !number.isStale, number.doubleValue >= 0 { addStart(before: time, kind) }
        if kind.isDelta, !number.isStale, let place = lastValuePlace { number = number.adding(value(place), integer: integer(place)) }
        push(number, at: time)
        return nil
    }

    /// Adds a histogram; returns why it is refused.
    mutating func append(_ histogram: FloatHistogram, at time: Int64, _ kind: SampleKind) -> MetricRejection? {
        guard hasHistograms else { return .mixedKinds }
        var histogram = histogram
        if let last = times.last {
            if time < last { return .outOfOrder }
            if time == last { return !kind.isDelta && histogram == histograms[count - 1] ? nil : .duplicateTime }
        }
        if !histogram.isStale { addStart(before: time, kind) }
        if kind.isDelta, !histogram.isStale, let place = lastValuePlace { histogram = histograms[place].adding(histogram) }
        push(histogram, at: time)
        return nil
    }

    /// Adds the zero that a counter started from, if the start lies between its last point and the new one.
    private mutating func addStart(before time: Int64, _ kind: SampleKind) {
        guard kind.start > 0, kind.start < time, kind.start > times.last ?? time - MetricStoreLimits.startReach else { return }
        // Deltas go on from the last sum: only the first one starts at zero.
        guard times.isEmpty || !kind.isDelta else { return }
        starts.append(kind.start)
    }

    private var lastValuePlace: Int? { times.indices.last { !isStale($0) } }

    private mutating func push(_ number: MetricNumber64, at time: Int64) {
        if isInteger, case .double(let value) = number, !StaleMarker.isStale(value) { becomeDoubles() }
        reserve()
        times.append(time)
        switch number {
        case .integer(let value) where isInteger && value != .min: bits.append(UInt64(bitPattern: value))
        case .integer(let value):
            becomeDoubles()
            bits.append(Double(value).bitPattern)
        case .double(let value): bits.append(isInteger ? Self.staleInteger : value.bitPattern)
        }
    }

    private mutating func push(_ histogram: FloatHistogram, at time: Int64) {
        reserve()
        times.append(time)
        histograms.append(histogram)
        histogramBytes += histogram.byteCount
    }

    private mutating func becomeDoubles() {
        guard isInteger else { return }
        for place in bits.indices { bits[place] = value(place).bitPattern }
        isInteger = false
    }

    /// Makes room by a quarter, since the doubling of arrays would leave half of the memory unused.
    private mutating func reserve() {
        guard times.count == times.capacity else { return }
        let capacity = max(4, times.count + max(4, times.count / 4))
        times.reserveCapacity(capacity)
        if !hasHistograms { bits.reserveCapacity(capacity) }
    }

    // MARK: Removing

    /// Removes the points before a time; returns how many.
    mutating func removePoints(before time: Int64) -> Int {
        let count = firstPlace(from: time)
        guard count > 0 else { return 0 }
        for histogram in histograms.prefix(count) { histogramBytes -= histogram.byteCount }
        starts.removeAll { $0 < time }
        // New arrays, as the old ones would keep their memory.
        times = Array(times[count...])
        if hasHistograms { histograms = Array(histograms[count...]) } else { bits = Array(bits[count...]) }
        return count
    }

    /// Returns the place of the first point that is not before a time.
    func firstPlace(from time: Int64) -> Int {
        var (low, high) = (0, times.count)
        while low < high {
            let middle = (low + high) / 2
            if times[middle] < time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
