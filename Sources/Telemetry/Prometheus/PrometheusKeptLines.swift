// Hot: lines that stay from page to page, but for the numbers that have changed.

/// The lines of one metric on the latest page of text.
///
/// A number that has changed is written over the earlier one if it takes as many bytes, which is almost always so. Otherwise the lines are
/// written anew.
struct PrometheusKeptLines {
    /// All lines; empty if none are kept.
    private(set) var bytes: [UInt8] = []
    /// The number of each line, and where it begins and ends.
    private var values: [MetricNumber] = []
    private var places: [(start: Int, end: Int)] = []

    /// The result of bringing the lines up to date.
    enum Outcome {
        case unchanged, changed
        /// The lines must be written anew.
        case outdated
    }

    /// Writes the numbers that differ from those of the latest page.
    ///
    /// - Parameters:
    ///   - scratch: a buffer whose content is not needed.
    ///   - numbers: calls its parameter with the number of each line in turn; returns false if some lines have none.
    mutating func update(
        _ count: Int, _ style: PrometheusNumberStyle, _ scratch: inout PageBuffer,
        numbers: ((MetricNumber) -> Void) -> Bool
    ) -> Outcome {
        guard !bytes.isEmpty, values.count == count else { return .outdated }
        var line = 0
        var outcome = Outcome.unchanged
        // Local while they are changed, so that no second reference makes the first change copy them.
        var (bytes, values) = (self.bytes, self.values)
        (self.bytes, self.values) = ([], [])
        defer { (self.bytes, self.values) = (bytes, values) }
        let places = places
        let areWritten = numbers { number in
            defer { line += 1 }
            guard line < count, !Self.isSame(values[line], number) else { return }
            scratch.removeAll()
            scratch.reserve(PageBuffer.longestNumber)
            scratch.writeUnchecked(number, style)
            let place = places[line]
            guard scratch.count == place.end - place.start else { return outcome = .outdated }
            bytes.replaceSubrange(place.start..<place.end, with: scratch.bytes)
            values[line] = number
            if outcome == .unchanged { outcome = .changed }
        }
        return areWritten && line == count ? outcome : .outdated
    }

    /// Takes over lines that were written anew.
    ///
    /// - Parameters:
    ///   - ends: the end of the beginning of each line, in a row of all beginnings.
    ///   - numbers: as in `update`; if it returns false, only the bytes are kept, and the lines are written anew each time.
    mutating func take(_ lines: UnsafeRawBufferPointer, _ ends: [Int], numbers: ((MetricNumber) -> Void) -> Bool) {
        bytes = Array(lines)
        values.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        var written: [MetricNumber] = []
        written.reserveCapacity(ends.count)
        guard numbers({ written.append($0) }), written.count == ends.count else { return }
        var (start, beginning) = (0, 0)
        for end in ends {
            let number = start + end - beginning
            // A beginning that is empty stands for a line that is not written.
            guard end > beginning, number < lines.count, let newline = lines[number...].firstIndex(of: UInt8(ascii: "\n")) else {
                return places.removeAll(keepingCapacity: true)
            }
            places.append((number, newline))
            (start, beginning) = (newline + 1, end)
        }
        if start == lines.count { values = written } else { places.removeAll(keepingCapacity: true) }
    }

    /// Not-a-number is the same as itself here, and zero differs from its negative.
    @inline(__always)
    private static func isSame(_ one: MetricNumber, _ other: MetricNumber) -> Bool {
        switch (one, other) {
        case (.int(let one), .int(let other)): one == other
        case (.double(let one), .double(let other)): one.bitPattern == other.bitPattern
        default: false
        }
    }
}

extension MetricPoints {
    /// Calls the closure with the number of each line in the text format, in the order of the lines.
    ///
    /// Returns false if there are lines that it does not know, or some are not written.
    func forEachLineOfText(of type: PrometheusFamilyType, _ body: (MetricNumber) -> Void) -> Bool {
        switch self {
        case .gauge(let points), .sum(let points, _, _):
            return points.withUnsafeBufferPointer { points in
                for place in points.indices {
                    guard type.accepts(points[place].value) else { return false }
                    body(points[place].value)
                }
                return true
            }
        case .histogram(let points, _):
            return points.withUnsafeBufferPointer { points in
                for place in points.indices {
                    guard let sum = points[place].sum else { return false }
                    let total = points[place].bucketCounts.withUnsafeBufferPointer { counts in
                        var total: UInt64 = 0
                        for count in counts {
                            total &+= count
                            body(.int(Int64(truncatingIfNeeded: total)))
                        }
                        return total
                    }
                    // Beyond the range of whole numbers with a sign, counts would be written as negative ones.
                    guard total <= Int64.max else { return false }
                    body(.double(sum))
                    body(.int(Int64(truncatingIfNeeded: total)))
                }
                return true
            }
        case .exponentialHistogram, .summary: return false
        }
    }
}
