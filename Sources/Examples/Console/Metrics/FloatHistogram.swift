// Exponential histograms as queries calculate with them.

/// A histogram with exponential buckets whose counts are floating-point numbers.
///
/// The bucket with index i of scale s holds values above 2^(i/2^s) up to 2^((i+1)/2^s), as in OTLP.
package struct FloatHistogram: Sendable, Equatable {
    /// Consecutive buckets, the first at `offset`.
    package struct Buckets: Sendable, Equatable {
        package var offset = 0
        package var counts: [Double] = []

        package init(offset: Int = 0, counts: [Double] = []) {
            self.offset = offset
            self.counts = counts
        }
    }

    package var scale: Int
    package var zeroThreshold = 0.0
    package var zeroCount = 0.0
    package var count = 0.0
    package var sum = 0.0
    package var positive = Buckets()
    package var negative = Buckets()

    package init(scale: Int) {
        self.scale = scale
    }

    /// The marker that ends a series of histograms.
    static var stale: FloatHistogram {
        var marker = FloatHistogram(scale: 0)
        marker.sum = StaleMarker.value
        return marker
    }

    package var isStale: Bool { StaleMarker.isStale(sum) }
    var byteCount: Int { 128 + 8 * (positive.counts.capacity + negative.counts.capacity) }

    /// The scales that Prometheus has; a finer histogram is made coarser when it arrives.
    static let scales = -4...8

    // MARK: Resolution

    /// Returns the histogram at a scale that is not finer than its own.
    package func coarsened(to scale: Int) -> FloatHistogram {
        guard scale < self.scale else { return self }
        var result = self
        result.scale = scale
        result.positive = positive.merged(shift: self.scale - scale)
        result.negative = negative.merged(shift: self.scale - scale)
        return result
    }

    /// Returns the histogram with a wider zero bucket, which takes in the buckets within it.
    private func widened(to threshold: Double) -> FloatHistogram {
        guard threshold > zeroThreshold else { return self }
        var result = self
        var reach = threshold
        for buckets in [positive, negative] {
            for (place, count) in buckets.counts.enumerated() where count != 0 {
                // A bucket that the threshold cuts is taken in whole, so the zero bucket reaches to its end.
                if bound(below: buckets.offset + place) < threshold { reach = max(reach, bound(below: buckets.offset + place + 1)) }
            }
        }
        for path in [\FloatHistogram.positive, \FloatHistogram.negative] {
            for (place, count) in self[keyPath: path].counts.enumerated()
            where bound(below: self[keyPath: path].offset + place + 1) <= reach {
                result.zeroCount += count
                result[keyPath: path].counts[place] = 0
            }
        }
        result.zeroThreshold = reach
        return result
    }

    /// Returns the lower bound of the bucket with an index.
    package func bound(below index: Int) -> Double { ExponentialBound.value(index, scale: scale) }

    /// The most consecutive buckets of one sign in a result.
    private static let maximumSpan = 4_096

    // MARK: Calculating

    package func adding(_ other: FloatHistogram) -> FloatHistogram { combined(with: other, +) }

    package func subtracting(_ other: FloatHistogram) -> FloatHistogram { combined(with: other, -) }

    private func combined(with other: FloatHistogram, _ combine: (Double, Double) -> Double) -> FloatHistogram {
        var (left, right) = (coarsened(to: other.scale), other.coarsened(to: scale))
        while left.zeroThreshold != right.zeroThreshold {
            if left.zeroThreshold < right.zeroThreshold {
                left = left.widened(to: right.zeroThreshold)
            } else {
                right = right.widened(to: left.zeroThreshold)
            }
        }
        // Buckets far apart are made coarser, so that the empty ones between them do not take much memory.
        while left.positive.span(with: right.positive) > Self.maximumSpan || left.negative.span(with: right.negative) > Self.maximumSpan {
            (left, right) = (left.coarsened(to: left.scale - 1), right.coarsened(to: right.scale - 1))
        }
        left.count = combine(left.count, right.count)
        left.sum = combine(left.sum, right.sum)
        left.zeroCount = combine(left.zeroCount, right.zeroCount)
        left.positive.combine(with: right.positive, combine)
        left.negative.combine(with: right.negative, combine)
        return left
    }

    package func scaled(by factor: Double) -> FloatHistogram { mapped { $0 * factor } }

    package func divided(by divisor: Double) -> FloatHistogram { mapped { $0 / divisor } }

    private func mapped(_ transform: (Double) -> Double) -> FloatHistogram {
        var result = self
        result.count = transform(count)
        result.sum = transform(sum)
        result.zeroCount = transform(zeroCount)
        result.positive.counts = positive.counts.map(transform)
        result.negative.counts = negative.counts.map(transform)
        return result
    }

    /// Returns whether the series started again between an earlier histogram and this one: some count has fallen.
    package func isReset(from earlier: FloatHistogram) -> Bool {
        if count < earlier.count || scale > earlier.scale || zeroThreshold < earlier.zeroThreshold { return true }
        let change = subtracting(earlier)
        return change.zeroCount < 0 || change.positive.counts.contains { $0 < 0 } || change.negative.counts.contains { $0 < 0 }
    }
}

extension FloatHistogram.Buckets {
    fileprivate func merged(shift: Int) -> FloatHistogram.Buckets {
        guard !counts.isEmpty else { return self }
        let first = offset >> shift
        var merged = [Double](repeating: 0, count: ((offset + counts.count - 1) >> shift) - first + 1)
        for (place, count) in counts.enumerated() { merged[((offset + place) >> shift) - first] += count }
        return FloatHistogram.Buckets(offset: first, counts: merged)
    }

    /// The number of buckets from the first to the last of both.
    fileprivate func span(with other: FloatHistogram.Buckets) -> Int {
        guard !counts.isEmpty, !other.counts.isEmpty else { return 0 }
        return max(offset + counts.count, other.offset + other.counts.count) - min(offset, other.offset)
    }

    fileprivate mutating func combine(with other: FloatHistogram.Buckets, _ combine: (Double, Double) -> Double) {
        guard !other.counts.isEmpty else { return }
        if counts.isEmpty { offset = other.offset }
        let first = min(offset, other.offset)
        let end = max(offset + counts.count, other.offset + other.counts.count)
        if first < offset { counts.insert(contentsOf: repeatElement(0, count: offset - first), at: 0) }
        if counts.count < end - first { counts.append(contentsOf: repeatElement(0, count: end - first - counts.count)) }
        offset = first
        for (place, count) in other.counts.enumerated() {
            counts[other.offset - first + place] = combine(counts[other.offset - first + place], count)
        }
    }
}
