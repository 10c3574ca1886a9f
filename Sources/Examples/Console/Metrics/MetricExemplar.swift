// Measurements that lead to their traces.

package import Telemetry

/// An exemplar with the series that it belongs to.
package struct MetricExemplar: Sendable, Equatable {
    /// The labels of the series, which is that of its bucket for a histogram with bounds.
    package let series: LabelSet
    package let time: Timestamp
    package let value: Double
    package let traceID: String
    package let spanID: String
    package let attributes: Attributes
    /// The place of the family.
    let family: Int

    var byteCount: Int { 160 + attributes.count * 64 + (attributes.isEmpty ? 0 : attributes.reduce(0) { $0 + $1.key.utf8.count }) }
    var milliseconds: Int64 { Int64(clamping: time.nanosecondsSinceEpoch / 1_000_000) }
}

/// The latest exemplars of all series; the oldest make room.
struct ExemplarRing: Sendable {
    private let capacity: Int
    private var exemplars: [MetricExemplar] = []
    private var oldest = 0
    private(set) var evicted = 0
    private(set) var byteCount = 0

    init(capacity: Int) {
        self.capacity = capacity
    }

    var count: Int { exemplars.count }

    /// The exemplars in the order in which they came.
    var all: some Collection<MetricExemplar> { exemplars[oldest...] + exemplars[..<oldest] }

    /// Adds an exemplar; returns the one that made room for it.
    mutating func append(_ exemplar: MetricExemplar) -> MetricExemplar? {
        byteCount += exemplar.byteCount
        guard exemplars.count >= capacity else {
            exemplars.append(exemplar)
            return nil
        }
        let removed = exemplars[oldest]
        exemplars[oldest] = exemplar
        oldest = (oldest + 1) % capacity
        byteCount -= removed.byteCount
        evicted += 1
        return removed
    }

    /// Removes the exemplars before a time; returns them.
    mutating func remove(before time: Int64) -> [MetricExemplar] {
        let ordered = Array(all)
        exemplars = ordered.filter { $0.milliseconds >= time }
        oldest = 0
        let removed = ordered.filter { $0.milliseconds < time }
        byteCount -= removed.reduce(0) { $0 + $1.byteCount }
        evicted += removed.count
        return removed
    }
}
