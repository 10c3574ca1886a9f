// The points that a query reads, copied out of the store.

/// Series with their points in a window of time, in columns that all series share.
package struct SampleWindow: Sendable {
    package struct Series: Sendable {
        package let labels: LabelSet
        /// Where the points of the series are in the columns.
        package let range: Range<Int>
        package let hasHistograms: Bool
    }

    package fileprivate(set) var series: [Series] = []
    /// Milliseconds since 1970.
    package fileprivate(set) var times: [Int64] = []
    /// Zero where the series has histograms.
    package fileprivate(set) var values: [Double] = []
    /// Histograms by the place of their point; only for series that have them.
    package fileprivate(set) var histograms: [Int: FloatHistogram] = [:]
    /// The exact integers of the points; filled only if asked for.
    package fileprivate(set) var integers: [Int: Int64] = [:]

    package init() {}
}

extension MetricStore {
    /// The reason why a window is not copied.
    struct TooManySamples: Error {
        let limit: Int
    }

    /// Copies the points of series that match, after one time and up to another, both in milliseconds.
    ///
    /// - Throws: if there are more points than the query may read.
    func window(
        of matchers: [LabelMatcher], after start: Int64, through end: Int64, limit: Int, hasIntegers: Bool = false
    ) throws(TooManySamples) -> SampleWindow {
        let result: SampleWindow? = withTables { tables in
            var window = SampleWindow()
            for place in tables.places(matching: matchers) {
                guard let series = tables.series[place] else { continue }
                let first = series.firstPlace(from: start + 1)
                let last = series.firstPlace(from: end + 1)
                guard first < last || series.starts.contains(where: { $0 > start && $0 <= end }) else { continue }
                guard window.times.count + last - first <= limit else { return nil }
                window.append(series, first..<last, after: start, through: end, hasIntegers: hasIntegers)
            }
            return window
        }
        guard let result else { throw TooManySamples(limit: limit) }
        return result
    }
}

extension SampleWindow {
    fileprivate mutating func append(
        _ one: MetricSeries, _ range: Range<Int>, after start: Int64, through end: Int64, hasIntegers: Bool
    ) {
        let begin = times.count
        // A start lies between two points, so the points before it come first.
        var starts = one.starts.filter { $0 > start && $0 <= end }[...]
        if starts.isEmpty, !one.hasHistograms, !hasIntegers {
            times.append(contentsOf: one.times[range])
            if one.isInteger {
                for place in range { values.append(one.value(place)) }
            } else {
                values.append(contentsOf: one.bits[range].lazy.map { Double(bitPattern: $0) })
            }
        } else {
            for place in range {
                while let first = starts.first, first < one.times[place] {
                    appendStart(first, one.hasHistograms ? one.histograms[place].scale : nil, hasIntegers)
                    starts.removeFirst()
                }
                if one.hasHistograms {
                    histograms[times.count] = one.histograms[place]
                } else if hasIntegers, let integer = one.integer(place) {
                    integers[times.count] = integer
                }
                times.append(one.times[place])
                values.append(one.hasHistograms ? 0 : one.value(place))
            }
            // What is left lies before the first point after the range.
            for start in starts {
                let scale = one.hasHistograms && range.upperBound < one.count ? one.histograms[range.upperBound].scale : nil
                appendStart(start, one.hasHistograms ? scale ?? 0 : nil, hasIntegers)
            }
        }
        series.append(Series(labels: one.labels, range: begin..<times.count, hasHistograms: one.hasHistograms))
    }
}

extension SampleWindow {
    /// Appends a zero; a scale makes it a histogram.
    private mutating func appendStart(_ time: Int64, _ scale: Int?, _ hasIntegers: Bool) {
        if let scale { histograms[times.count] = FloatHistogram(scale: scale) } else if hasIntegers { integers[times.count] = 0 }
        times.append(time)
        values.append(0)
    }
}

extension MetricTables {
    /// Returns the places of the series that match all matchers.
    func places(matching matchers: [LabelMatcher]) -> [Int] {
        let name = matchers.first { $0.name == LabelSet.nameLabel && $0.isEqual }
        var candidates: [Int]
        if case .equal(let text)? = name?.test {
            candidates = placesByName[text] ?? []
        } else {
            candidates = series.indices.filter { series[$0] != nil }
        }
        for matcher in matchers where !(matcher.name == LabelSet.nameLabel && matcher.isEqual) {
            // Few different values recur in many series, so each is tested once.
            var known: [String: Bool] = [:]
            candidates = candidates.filter { place in
                guard let labels = series[place]?.labels else { return false }
                let value = labels[matcher.name]
                if let result = known[value] { return result }
                let result = matcher.matches(value)
                known[value] = result
                return result
            }
        }
        return candidates
    }
}
