// Writes samples as OpenMetrics 2.0 has them: one line for each series, whatever its type.

/// Writes samples as lines of OpenMetrics 2.0, with the start time beside the value, and histograms and summaries as one composite value.
struct OpenMetrics2Writer {
    let hasStartTimes: Bool
    let maker: PrometheusLabelMaker

    init(_ format: PrometheusFormat, options: PrometheusOptions) {
        hasStartTimes = options.includesStartTimes
        maker = PrometheusLabelMaker(strategy: options.translationStrategy, escaping: format.escaping)
    }

    /// Writes the samples of all points of a metric, whose series must be the cached ones.
    func write(_ points: MetricPoints, of member: PrometheusMember, to page: inout PageBuffer) {
        switch points {
        case .gauge(let points), .sum(let points, _, _):
            write(points, of: member, pieces: { _ in 1 }, to: &page) { point, _, page in
                guard member.type.accepts(point.value) else { return false }
                page.reserve(PageBuffer.longestNumber)
                page.writeUnchecked(point.value, .pointed)
                if member.type == .counter { end(point.startTime, [PrometheusExemplar.latest(point.exemplars)], to: &page) }
                return true
            }
        case .histogram(let points, _):
            write(points, of: member, pieces: { $0.boundaries.count + 2 }, to: &page) { point, pieces, page in
                guard point.bucketCounts.count == pieces.count - 1 else { return false }
                write(point, pieces, to: &page)
                return true
            }
        case .exponentialHistogram(let points, _):
            // Its family is one of histograms, and has a piece for the last bucket, which is not used.
            write(points, of: member, pieces: { _ in 2 }, to: &page) { point, _, page in
                guard let native = NativeHistogram(point.distribution) else { return false }
                write(native, to: &page)
                end(point.startTime, point.exemplars.sorted { $0.time < $1.time }, to: &page)
                return true
            }
        case .summary(let points):
            write(points, of: member, pieces: { $0.quantiles.count + 1 }, to: &page) { point, pieces, page in
                guard point.sum >= 0, point.quantiles.allSatisfy({ !($0.value < 0) }) else { return false }
                write(point, pieces, to: &page)
                return true
            }
        }
    }

    /// Writes a line for each point: its beginning, and what the closure appends to it; one that the closure refuses is taken back.
    ///
    /// - Parameter pieces: the number of cached pieces of a point, the beginning of its line among them.
    private func write<Point: PrometheusPoint>(
        _ points: [Point], of member: PrometheusMember, pieces: (Point) -> Int, to page: inout PageBuffer,
        _ value: (Point, Pieces, inout PageBuffer) -> Bool
    ) {
        var first = 0
        var droppedCount = 0
        for point in points {
            let own = Pieces(member, first, pieces(point))
            first += own.count
            // A dropped series has no beginning.
            guard own.hasContent else { continue }
            let start = page.count
            own.write(0, to: &page)
            if value(point, own, &page) { page.append(UInt8(ascii: "\n")) } else { page.removeLast(page.count - start); droppedCount += 1 }
        }
        guard droppedCount > 0 else { return }
        Diagnostics.report(
            .warning, topic: "prometheus.value.\(member.descriptor.name)", every: .seconds(3600),
            "The metric \"\(member.descriptor.name)\" has points that OpenMetrics' types cannot express; they are left out."
                + " Counters and summaries are never negative, and exponential histograms need a sum and a scale of at least -4.")
    }

    /// `{count:17,sum:3.5,bucket:[0.5:8,+Inf:17]}`
    private func write(_ point: HistogramPoint, _ pieces: Pieces, to page: inout PageBuffer) {
        write(count: point.bucketCounts.reduce(0, &+), sum: point.sum ?? .nan, to: &page)
        page.append(",bucket:[")
        var total: UInt64 = 0
        for (place, count) in point.bucketCounts.enumerated() {
            total &+= count
            if place > 0 { page.append(UInt8(ascii: ",")) }
            pieces.write(place + 1, to: &page)
            page.reserve(PageBuffer.longestNumber)
            page.writeUnchecked(total)
        }
        page.append("]}")
        let exemplars = PrometheusExemplar.byBucket(point.exemplars, boundaries: point.boundaries)
        end(point.startTime, exemplars.keys.sorted().map { exemplars[$0] }, to: &page)
    }

    /// `{count:17,sum:3.5,quantile:[0.5:0.1,0.99:0.7]}`
    private func write(_ point: SummaryPoint, _ pieces: Pieces, to page: inout PageBuffer) {
        write(count: point.count, sum: point.sum, to: &page)
        page.append(",quantile:[")
        for (place, quantile) in point.quantiles.sorted(by: { $0.share < $1.share }).enumerated() {
            if place > 0 { page.append(UInt8(ascii: ",")) }
            pieces.write(place + 1, to: &page)
            page.reserve(PageBuffer.longestNumber)
            page.writeUnchecked(quantile.value, .pointed)
        }
        page.append("]}")
        end(point.startTime, [], to: &page)
    }

    /// `{count:17,sum:3.5,schema:0,zero_threshold:1e-128,zero_count:0,positive_spans:[0:2],positive_buckets:[5,12]}`
    private func write(_ native: NativeHistogram, to page: inout PageBuffer) {
        write(count: native.count, sum: native.sum, to: &page)
        page.append(",schema:\(native.schema),zero_threshold:")
        page.reserve(PageBuffer.longestNumber)
        page.writeUnchecked(native.zeroThreshold, .pointed)
        page.append(",zero_count:\(native.zeroCount)")
        for (name, buckets) in [("negative", native.negative), ("positive", native.positive)] where !buckets.deltas.isEmpty {
            page.append(",\(name)_spans:[")
            page.append(buckets.spans.map { "\($0.offset):\($0.length)" }.joined(separator: ","))
            page.append("],\(name)_buckets:[")
            var count = 0
            for (place, delta) in buckets.deltas.enumerated() {
                count &+= delta
                if place > 0 { page.append(UInt8(ascii: ",")) }
                page.reserve(PageBuffer.longestNumber)
                page.writeUnchecked(Int64(count))
            }
            page.append(UInt8(ascii: "]"))
        }
        page.append(UInt8(ascii: "}"))
    }

    private func write(count: UInt64, sum: Double, to page: inout PageBuffer) {
        page.append("{count:")
        page.reserve(2 * PageBuffer.longestNumber + 5)
        page.writeUnchecked(count)
        page.append(",sum:")
        page.reserve(PageBuffer.longestNumber)
        page.writeUnchecked(sum, .pointed)
    }

    /// ` st@1520430000.123 # {trace_id="…"} 0.67 1520879607.789`
    private func end(_ startTime: Timestamp, _ exemplars: [Exemplar?], to page: inout PageBuffer) {
        if hasStartTimes, startTime.nanosecondsSinceEpoch > 0 {
            page.append(" st@")
            page.reserve(PageBuffer.longestNumber)
            page.writeUnchecked(startTime)
        }
        for exemplar in exemplars { if let exemplar { PrometheusExemplar(exemplar, maker).write(to: &page) } }
    }
}

/// The cached pieces of one series: the beginning of its line, and its bounds with their colons.
private struct Pieces {
    private let member: PrometheusMember
    private let first: Int
    let count: Int

    init(_ member: PrometheusMember, _ first: Int, _ count: Int) {
        self.member = member
        self.first = first
        self.count = count
    }

    private func range(_ piece: Int) -> Range<Int> {
        (first + piece == 0 ? 0 : member.ends[first + piece - 1])..<member.ends[first + piece]
    }

    var hasContent: Bool { !range(0).isEmpty }

    func write(_ piece: Int, to page: inout PageBuffer) {
        let range = range(piece)
        page.reserve(range.count)
        member.bytes.withUnsafeBytes { if let base = $0.baseAddress { page.copyUnchecked(base + range.lowerBound, range.count) } }
    }
}
