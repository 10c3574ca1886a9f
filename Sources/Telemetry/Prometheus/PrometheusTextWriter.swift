// Hot: writes lines of text from cached beginnings and numbers.

/// Writes samples as lines in the Prometheus text format or in OpenMetrics.
struct PrometheusTextWriter {
    let dialect: PrometheusDialect
    let style: PrometheusNumberStyle
    let hasStartTimes: Bool
    let maker: PrometheusLabelMaker

    private static let newline = UInt8(ascii: "\n")

    init(_ format: PrometheusFormat, options: PrometheusOptions) {
        dialect = format.dialect
        style = format.dialect == .openMetrics ? .pointed : .bare
        hasStartTimes = format.dialect == .openMetrics && options.includesStartTimes
        maker = PrometheusLabelMaker(strategy: options.translationStrategy, escaping: format.escaping)
    }

    /// Writes the samples of all points of a metric, whose series must be the cached ones.
    func write(_ points: MetricPoints, of member: PrometheusMember, to page: inout PageBuffer) {
        switch points {
        case .gauge(let points), .sum(let points, _, _):
            if member.type == .counter && dialect == .openMetrics {
                write(counters: points, of: member, to: &page)
            } else {
                write(numbers: points, of: member, to: &page)
            }
        case .histogram(let points, _): write(histograms: points, of: member, to: &page)
        case .summary(let points): write(summaries: points, of: member, to: &page)
        case .exponentialHistogram: break
        }
    }

    /// Writes one line for each series.
    private func write(numbers points: [NumberPoint], of member: PrometheusMember, to page: inout PageBuffer) {
        let type = member.type
        let style = style
        var invalidCount = 0
        member.bytes.withUnsafeBytes { bytes in
            member.ends.withUnsafeBufferPointer { ends in
                points.withUnsafeBufferPointer { points in
                    guard let base = bytes.baseAddress else { return }
                    var start = 0
                    for place in points.indices {
                        let end = ends[place]
                        let length = end &- start
                        if length > 0 {
                            guard type.accepts(points[place].value) else {
                                invalidCount += 1
                                start = end
                                continue
                            }
                            page.reserve(length &+ PageBuffer.longestNumber)
                            page.copyUnchecked(base + start, length)
                            page.writeUnchecked(points[place].value, style)
                            page.writeUnchecked(Self.newline)
                        }
                        start = end
                    }
                }
            }
        }
        if invalidCount > 0 { reportInvalidValue(member) }
    }

    private func reportInvalidValue(_ member: PrometheusMember) {
        Diagnostics.report(
            .warning, topic: "prometheus.value.\(member.descriptor.name)", every: .seconds(3600),
            "The metric \"\(member.descriptor.name)\" has values on Prometheus' page that its type cannot have; they are left out."
                + " An up-down counter or a gauge takes any number.")
    }

    /// Writes two lines for each series in OpenMetrics: the value with its exemplar, and the start time.
    private func write(counters points: [NumberPoint], of member: PrometheusMember, to page: inout PageBuffer) {
        var lines = Lines(member)
        for point in points {
            defer { lines.skip(hasStartTimes ? 2 : 1) }
            guard lines.areWritten else { continue }
            guard PrometheusFamilyType.counter.accepts(point.value) else {
                reportInvalidValue(member)
                continue
            }
            lines.write(0, to: &page)
            page.writeUnchecked(point.value, style)
            end(with: PrometheusExemplar.latest(point.exemplars), to: &page)
            if hasStartTimes { write(startTime: point.startTime, lines, 1, to: &page) }
        }
    }

    private func write(histograms points: [HistogramPoint], of member: PrometheusMember, to page: inout PageBuffer) {
        var lines = Lines(member)
        for place in points.indices {
            let bucketCount = member.bounds[place].count + 1
            let lineCount = bucketCount + (hasStartTimes ? 3 : 2)
            defer { lines.skip(lineCount) }
            let count = points[place].bucketCounts.count
            guard lines.areWritten, count == bucketCount else { continue }
            lines.reserve(lineCount, &page)
            let total: UInt64
            if dialect.hasExemplars && !points[place].exemplars.isEmpty {
                total = write(bucketsWithExemplars: points[place], lines, to: &page)
            } else {
                total = points[place].bucketCounts.withUnsafeBufferPointer { counts in
                    var total: UInt64 = 0
                    for bucket in counts.indices {
                        total &+= counts[bucket]
                        lines.writeUnchecked(bucket, to: &page)
                        page.writeUnchecked(total)
                        page.writeUnchecked(Self.newline)
                    }
                    return total
                }
            }
            write(sum: points[place].sum, count: total, isNegative: (member.bounds[place].first ?? 0) < 0, lines, bucketCount, to: &page)
            if hasStartTimes { write(startTime: points[place].startTime, lines, bucketCount + 2, to: &page) }
        }
    }

    private func write(bucketsWithExemplars point: HistogramPoint, _ lines: Lines, to page: inout PageBuffer) -> UInt64 {
        let exemplars = PrometheusExemplar.byBucket(point.exemplars, boundaries: point.boundaries)
        var total: UInt64 = 0
        for (bucket, count) in point.bucketCounts.enumerated() {
            total &+= count
            lines.write(bucket, to: &page)
            page.writeUnchecked(total)
            end(with: exemplars[bucket], to: &page)
        }
        return total
    }

    /// Writes sum and count; the count is that of the last bucket, so that both always agree.
    ///
    /// OpenMetrics allows a sum and a count only if the sum never decreases. (OpenMetrics 1.0, "Histogram".)
    private func write(
        sum: Double?, count: UInt64, isNegative: Bool, _ lines: Lines, _ line: Int, to page: inout PageBuffer
    ) {
        let isSumMonotonic = sum.map { $0 >= 0 && !isNegative } ?? false
        if let sum, isSumMonotonic || dialect == .text {
            lines.write(line, to: &page)
            page.writeUnchecked(sum, style)
            page.append(Self.newline)
        }
        if isSumMonotonic || dialect == .text {
            lines.write(line + 1, to: &page)
            page.writeUnchecked(count)
            page.append(Self.newline)
        }
    }

    private func write(summaries points: [SummaryPoint], of member: PrometheusMember, to page: inout PageBuffer) {
        var lines = Lines(member)
        for point in points {
            let quantiles = point.quantiles.sorted { $0.share < $1.share }
            defer { lines.skip(quantiles.count + (hasStartTimes ? 3 : 2)) }
            guard lines.areWritten else { continue }
            // OpenMetrics allows no negative quantile values. (OpenMetrics 1.0, "Summary".)
            for (place, quantile) in quantiles.enumerated() where dialect == .text || !(quantile.value < 0) {
                lines.write(place, to: &page)
                page.writeUnchecked(quantile.value, style)
                page.append(Self.newline)
            }
            if dialect == .text || point.sum >= 0 {
                lines.write(quantiles.count, to: &page)
                page.writeUnchecked(point.sum, style)
                page.append(Self.newline)
            }
            lines.write(quantiles.count + 1, to: &page)
            page.writeUnchecked(point.count)
            page.append(Self.newline)
            if hasStartTimes { write(startTime: point.startTime, lines, quantiles.count + 2, to: &page) }
        }
    }

    private func write(startTime: Timestamp, _ lines: Lines, _ line: Int, to page: inout PageBuffer) {
        guard startTime.nanosecondsSinceEpoch > 0 else { return }
        lines.write(line, to: &page)
        page.writeUnchecked(startTime)
        page.append(Self.newline)
    }

    private func end(with exemplar: Exemplar?, to page: inout PageBuffer) {
        if let exemplar { PrometheusExemplar(exemplar, maker).write(to: &page) }
        page.append(Self.newline)
    }
}

/// Iterates over the cached line beginnings of a metric.
private struct Lines {
    private let bytes: [UInt8]
    private let ends: [Int]
    private var first = 0

    init(_ member: PrometheusMember) {
        bytes = member.bytes
        ends = member.ends
    }

    private func start(_ line: Int) -> Int { first + line == 0 ? 0 : ends[first + line - 1] }

    /// Whether the current series is written; false if it is dropped.
    var areWritten: Bool { ends[first] > start(0) }

    /// Advances to the next series.
    mutating func skip(_ count: Int) {
        first += count
    }

    /// Reserves bytes for all lines of a series and their numbers.
    func reserve(_ count: Int, _ page: inout PageBuffer) {
        page.reserve(ends[first + count - 1] - start(0) + count * PageBuffer.longestNumber)
    }

    /// Copies a beginning and reserves bytes for a number after it.
    func write(_ line: Int, to page: inout PageBuffer) {
        page.reserve(ends[first + line] - start(line) + PageBuffer.longestNumber)
        writeUnchecked(line, to: &page)
    }

    /// Copies a beginning; the caller must have reserved its bytes.
    @inline(__always)
    func writeUnchecked(_ line: Int, to page: inout PageBuffer) {
        let (start, end) = (start(line), ends[first + line])
        assert(start <= end && end <= bytes.count, "A beginning lies within the cached bytes.")
        bytes.withUnsafeBytes { if let base = $0.baseAddress { page.copyUnchecked(base + start, end - start) } }
    }
}
