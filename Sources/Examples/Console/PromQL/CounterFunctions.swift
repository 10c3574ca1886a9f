// Functions of counters: rates and increases.

/// The functions that compare points of a range, by the rules of Prometheus 3.
enum CounterFunctions {
    /// Returns the increase, or the rate by second, extrapolated to the ends of the range.
    ///
    /// A range with points near its ends is taken to go on to them. A counter is not extrapolated to below zero.
    static func extrapolated(_ points: RangePoints, isCounter: Bool, isRate: Bool) -> Double {
        let count = points.count
        guard count >= 2 else { return StaleMarker.value }
        let (times, values) = (points.times, points.values)
        var change = values[count - 1] - values[0]
        if isCounter {
            var previous = values[0]
            for place in 1..<count {
                if values[place] < previous { change += previous }
                previous = values[place]
            }
        }
        let factor = extrapolation(
            first: times[0], last: times[count - 1], count: count, start: points.start, end: points.end, isRate: isRate,
            zeroShare: isCounter && change > 0 && values[0] >= 0 ? values[0] / change : nil)
        return change * factor
    }

    /// Returns the factor by which a change between the first and the last point is multiplied.
    ///
    /// - Parameter zeroShare: the first value by the change; nil if the first value sets no bound.
    private static func extrapolation(
        first: Int64, last: Int64, count: Int, start: Int64, end: Int64, isRate: Bool, zeroShare: Double?
    ) -> Double {
        let sampled = Double(last - first) / 1_000
        let average = sampled / Double(count - 1)
        var toStart = Double(first - start) / 1_000
        var toEnd = Double(end - last) / 1_000
        let threshold = average * 1.1
        if toStart >= threshold { toStart = average / 2 }
        if let zeroShare { toStart = min(toStart, sampled * zeroShare) }
        if toEnd >= threshold { toEnd = average / 2 }
        let factor = (sampled + toStart + toEnd) / sampled
        return isRate ? factor / (Double(end - start) / 1_000) : factor
    }

    /// Returns the change between the last two points, by second for a rate.
    static func instant(_ points: RangePoints, isRate: Bool) -> Double {
        let count = points.count
        guard count >= 2 else { return StaleMarker.value }
        let (previous, last) = (points.values[count - 2], points.values[count - 1])
        guard isRate else { return last - previous }
        let seconds = Double(points.times[count - 1] - points.times[count - 2]) / 1_000
        guard seconds > 0 else { return StaleMarker.value }
        return (last < previous ? last : last - previous) / seconds
    }

    static func changes(_ points: RangePoints) -> Double {
        var count = 0
        for place in 1..<max(1, points.count) {
            let (previous, value) = (points.values[place - 1], points.values[place])
            if value != previous, !(value.isNaN && previous.isNaN) { count += 1 }
        }
        return Double(count)
    }

    static func resets(_ points: RangePoints) -> Double {
        var count = 0
        for place in 1..<max(1, points.count) where points.values[place] < points.values[place - 1] { count += 1 }
        return Double(count)
    }

    /// Returns slope and value of the line of least squares; the value is that at a time.
    static func regression(_ points: RangePoints, at time: Int64) -> (slope: Double, value: Double)? {
        guard points.count >= 2 else { return nil }
        var (x, y, xy, xx) = (CompensatedSum(), CompensatedSum(), CompensatedSum(), CompensatedSum())
        let initial = points.values[0]
        var isConstant = true
        for place in 0..<points.count {
            let value = points.values[place]
            isConstant = isConstant && value == initial
            let seconds = Double(points.times[place] - time) / 1_000
            x.add(seconds)
            y.add(value)
            xy.add(seconds * value)
            xx.add(seconds * seconds)
        }
        if isConstant { return initial.isInfinite ? (.nan, .nan) : (0, initial) }
        let count = Double(points.count)
        let covariance = xy.value - x.value * y.value / count
        let variance = xx.value - x.value * x.value / count
        let slope = covariance / variance
        return (slope, y.value / count - slope * x.value / count)
    }

    // MARK: Histograms

    /// Returns the rate or increase of histograms, extrapolated.
    static func extrapolated(
        _ times: ArraySlice<Int64>, _ histograms: ArraySlice<FloatHistogram>, start: Int64, end: Int64, isCounter: Bool, isRate: Bool
    ) -> FloatHistogram? {
        guard histograms.count >= 2, let first = histograms.first, let last = histograms.last else { return nil }
        var change = last.subtracting(first)
        if isCounter {
            var previous = first
            for histogram in histograms.dropFirst() {
                if histogram.isReset(from: previous) { change = change.adding(previous) }
                previous = histogram
            }
        }
        let factor = extrapolation(
            first: times[times.startIndex], last: times[times.endIndex - 1], count: times.count, start: start, end: end, isRate: isRate,
            zeroShare: isCounter && change.count > 0 && first.count >= 0 ? first.count / change.count : nil)
        return change.scaled(by: factor)
    }

    /// Returns the change between the last two histograms, by second for a rate.
    static func instant(_ times: ArraySlice<Int64>, _ histograms: ArraySlice<FloatHistogram>, isRate: Bool) -> FloatHistogram? {
        guard histograms.count >= 2 else { return nil }
        let (previous, last) = (histograms[histograms.endIndex - 2], histograms[histograms.endIndex - 1])
        let change = isRate && last.isReset(from: previous) ? last : last.subtracting(previous)
        guard isRate else { return change }
        let seconds = Double(times[times.endIndex - 1] - times[times.endIndex - 2]) / 1_000
        return seconds > 0 ? change.divided(by: seconds) : nil
    }
}
