// The state of the metric store: families, series and their indexes.

import Telemetry

/// All series with their points, within a bound of bytes.
struct MetricTables: Sendable {
    /// The series of one histogram or summary, so that one look-up finds them all.
    private struct Group: Sendable {
        var bounds: [Double]
        var places: [Int]
    }

    private struct FamilyKey: Hashable, Sendable {
        let prometheusName: String
        let kind: MetricFamily.Kind
    }

    let limits: MetricStoreLimits
    private(set) var series: [MetricSeries?] = []
    private var free: [Int] = []
    private var places: [LabelSet: Int] = [:]
    private(set) var placesByName: [String: [Int]] = [:]
    private(set) var families: [MetricFamily] = []
    private var familyPlaces: [FamilyKey: Int] = [:]
    private var groups: [LabelSet: Group] = [:]
    private(set) var exemplars: ExemplarRing
    private var received = 0
    private var scrapes = 0
    private var evicted = 0
    private var rejected: [MetricRejection: Int] = [:]
    private var kept = 0
    private var pointBytes = 0
    private var labelBytes = 0

    init(limits: MetricStoreLimits) {
        self.limits = limits
        exemplars = ExemplarRing(capacity: limits.exemplars)
    }

    var byteCount: Int { pointBytes + labelBytes + exemplars.byteCount }
    var seriesCount: Int { series.count - free.count }

    var statistics: SignalStatistics {
        var statistics = SignalStatistics()
        statistics.received = received
        for (reason, count) in rejected { statistics.rejected[reason.rawValue] = count }
        statistics.evicted = evicted
        statistics.kept = kept
        statistics.keptBytes = byteCount
        statistics.maximumBytes = limits.bytes
        if let oldest = series.lazy.compactMap({ $0?.times.first }).min() {
            statistics.oldest = Timestamp(nanosecondsSinceEpoch: UInt64(max(0, oldest)) * 1_000_000)
        }
        return statistics
    }

    // MARK: Adding

    mutating func reject(_ reason: MetricRejection, count: Int = 1) { rejected[reason, default: 0] += count }

    /// Returns the place of a family, whose description is renewed.
    mutating func family(_ family: MetricFamily) -> Int? {
        let key = FamilyKey(prometheusName: family.prometheusName, kind: family.kind)
        if let place = familyPlaces[key] {
            let exemplars = families[place].exemplars
            labelBytes += family.byteCount - families[place].byteCount
            families[place] = family
            families[place].exemplars = exemplars
            return place
        }
        guard families.count < limits.series else { return nil }
        familyPlaces[key] = families.count
        labelBytes += family.byteCount
        families.append(family)
        return families.count - 1
    }

    /// Adds a point; returns why it is refused, which is counted.
    mutating func add(_ point: MetricPoint, family: Int, now: Int64) -> MetricRejection? {
        let reason = store(point, family: family, now: now)
        if let reason { reject(reason) }
        return reason
    }

    private mutating func store(_ point: MetricPoint, family: Int, now: Int64) -> MetricRejection? {
        if let reason = refusal(of: point, now: now) { return reason }
        switch point.value {
        case .number(let number):
            guard let place = place(of: point.labels, family: family, isPrimary: true) else { return .tooManySeries }
            if let reason = append(point.isStale ? .stale : number, to: place, at: point.time, point.kind) { return reason }
            add(point.exemplars, to: point.labels, family)
        case .exponential(let histogram):
            guard let place = place(of: point.labels, family: family, isPrimary: true, hasHistograms: true) else { return .tooManySeries }
            if let reason = append(point.isStale ? FloatHistogram.stale : histogram, to: place, at: point.time, point.kind) {
                return reason
            }
            add(point.exemplars, to: point.labels, family)
        case .classic(let histogram): return store(histogram, of: point, family: family)
        case .summary(let summary): return store(summary, of: point, family: family)
        }
        return nil
    }

    private func refusal(of point: MetricPoint, now: Int64) -> MetricRejection? {
        guard point.time > 0 else { return .noTime }
        guard point.labels.labels.count <= limits.labels else { return .tooManyLabels }
        let ahead = limits.future / .milliseconds(1)
        return Double(point.time - now) > ahead ? .tooFarAhead : nil
    }

    private mutating func store(_ histogram: MetricPoint.Classic, of point: MetricPoint, family: Int) -> MetricRejection? {
        guard histogram.counts.count == histogram.bounds.count + 1 || (histogram.counts.isEmpty && histogram.bounds.isEmpty) else {
            return point.isStale ? storeStale(point) : .invalidBuckets
        }
        guard let group = group(of: point.labels, bounds: histogram.bounds, family: family) else { return .tooManySeries }
        let (time, stale) = (point.time, point.isStale)
        if let reason = append(stale ? .stale : MetricNumber64(count: histogram.count), to: group[0], at: time, point.kind) {
            return reason
        }
        if stale || histogram.sum != nil {
            var kind = point.kind
            // A sum of negative values falls without a reset.
            kind.isMonotonic = kind.isMonotonic && (histogram.sum ?? 0) >= 0
            _ = append(stale ? .stale : .double(histogram.sum ?? 0), to: group[1], at: time, kind)
        }
        var total: UInt64 = 0
        for (place, id) in group[2...].enumerated() {
            let isLast = place == histogram.bounds.count
            total = isLast ? histogram.count : total &+ histogram.counts[place]
            _ = append(stale ? .stale : MetricNumber64(count: total), to: id, at: time, point.kind)
        }
        for exemplar in point.exemplars {
            let bound = histogram.bounds.firstIndex { exemplar.value <= $0 } ?? histogram.bounds.count
            if let labels = series[group[2 + bound]]?.labels { add([exemplar], to: labels, family) }
        }
        return nil
    }

    /// Ends all series of a histogram whose point has no buckets.
    private mutating func storeStale(_ point: MetricPoint) -> MetricRejection? {
        guard let group = groups[point.labels] else { return nil }
        for place in group.places { _ = append(MetricNumber64.stale, to: place, at: point.time, SampleKind()) }
        return nil
    }

    private mutating func store(_ summary: MetricPoint.Summary, of point: MetricPoint, family: Int) -> MetricRejection? {
        let (name, time) = (point.labels.metricName, point.time)
        func labels(_ suffix: String) -> LabelSet { point.labels.setting(LabelSet.nameLabel, name + suffix) }
        guard let count = place(of: labels("_count"), family: family, isPrimary: true) else { return .tooManySeries }
        let number = point.isStale ? MetricNumber64.stale : MetricNumber64(count: summary.count)
        if let reason = append(number, to: count, at: time, point.kind) { return reason }
        if let sum = place(of: labels("_sum"), family: family, isPrimary: false) {
            _ = append(point.isStale ? .stale : .double(summary.sum), to: sum, at: time, SampleKind())
        }
        for (quantile, value) in summary.quantiles {
            let labels = point.labels.setting("quantile", GoNumber.text(quantile))
            guard let place = place(of: labels, family: family, isPrimary: false) else { continue }
            _ = append(point.isStale ? .stale : .double(value), to: place, at: time, SampleKind())
        }
        return nil
    }

    /// Returns the places of a histogram's series: count, sum, then buckets.
    private mutating func group(of labels: LabelSet, bounds: [Double], family: Int) -> [Int]? {
        if let group = groups[labels], group.bounds == bounds { return group.places }
        let name = labels.metricName
        var all = [labels.setting(LabelSet.nameLabel, name + "_count"), labels.setting(LabelSet.nameLabel, name + "_sum")]
        let bucket = labels.setting(LabelSet.nameLabel, name + "_bucket")
        for bound in bounds + [.infinity] { all.append(bucket.setting("le", GoNumber.text(bound))) }
        guard seriesCount + all.count <= limits.series || all.allSatisfy({ places[$0] != nil }) else { return nil }
        var found: [Int] = []
        for (index, labels) in all.enumerated() {
            guard let place = place(of: labels, family: family, isPrimary: index == 0) else { return nil }
            found.append(place)
        }
        groups[labels] = Group(bounds: bounds, places: found)
        return found
    }

    /// Returns the place of a series, which may be new; nil if there is no room for it.
    mutating func place(of labels: LabelSet, family: Int, isPrimary: Bool, hasHistograms: Bool = false) -> Int? {
        if let place = places[labels] { return place }
        let bytes = labels.byteCount * 2 + MetricSeries.overheadBytes
        guard seriesCount < limits.series, labelBytes + bytes <= limits.bytes / 2 else { return nil }
        labelBytes += bytes
        let new = MetricSeries(labels, family: family, isPrimary: isPrimary, hasHistograms: hasHistograms)
        let place = free.popLast() ?? series.count
        if place == series.count { series.append(new) } else { series[place] = new }
        places[labels] = place
        placesByName[labels.metricName, default: []].append(place)
        return place
    }

    /// Adds a number to a series; returns why it is refused.
    mutating func append(_ number: MetricNumber64, to place: Int, at time: Int64, _ kind: SampleKind) -> MetricRejection? {
        guard let before = series[place]?.pointBytes else { return nil }
        let count = series[place]?.count
        if let reason = series[place]?.append(number, at: time, kind) { return reason }
        if series[place]?.count != count { account(place, before: before) } else { rejectRepeated(place) }
        return nil
    }

    /// Counts a point that the store has already, which is no error of its sender.
    private mutating func rejectRepeated(_ place: Int) { if series[place]?.isPrimary == true { reject(.repeated) } }

    /// Adds a histogram to a series; returns why it is refused.
    mutating func append(_ histogram: FloatHistogram, to place: Int, at time: Int64, _ kind: SampleKind) -> MetricRejection? {
        guard let before = series[place]?.pointBytes else { return nil }
        let count = series[place]?.count
        if let reason = series[place]?.append(histogram, at: time, kind) { return reason }
        if series[place]?.count != count { account(place, before: before) } else { rejectRepeated(place) }
        return nil
    }

    /// Ends a series at a time.
    mutating func end(_ place: Int, at time: Int64) {
        guard let one = series[place] else { return }
        _ =
            one.hasHistograms
            ? append(FloatHistogram.stale, to: place, at: time, SampleKind())
            : append(MetricNumber64.stale, to: place, at: time, SampleKind())
    }

    /// Returns a number that no other scrape has.
    mutating func nextScrape() -> Int {
        scrapes += 1
        return scrapes
    }

    private mutating func account(_ place: Int, before: Int) {
        guard let one = series[place] else { return }
        pointBytes += one.pointBytes - before
        guard one.isPrimary else { return }
        received += 1
        kept += 1
    }

    private mutating func add(_ exemplars: [MetricPoint.Exemplar], to labels: LabelSet, _ family: Int) {
        for exemplar in exemplars {
            let new = MetricExemplar(
                series: labels, time: exemplar.time, value: exemplar.value, traceID: exemplar.traceID, spanID: exemplar.spanID,
                attributes: Attributes(exemplar.attributes), family: family)
            families[family].exemplars += 1
            if let removed = self.exemplars.append(new) { families[removed.family].exemplars -= 1 }
        }
    }

    /// Adds an exemplar that was scraped with a sample.
    mutating func addExemplar(_ exemplar: MetricPoint.Exemplar, to place: Int) {
        guard let one = series[place] else { return }
        add([exemplar], to: one.labels, one.family)
    }

    mutating func setScrape(_ number: Int, of place: Int) { series[place]?.scrape = number }

    // MARK: Removing

    /// Removes the oldest points if the store has outgrown its bound.
    mutating func makeRoom() {
        guard byteCount > limits.bytes else { return }
        let wanted = byteCount - limits.bytes + limits.bytes / 16
        let all = series.indices.filter { series[$0] != nil }
        var low = all.compactMap { series[$0]?.times.first }.min() ?? 0
        var high = (all.compactMap { series[$0]?.times.last }.max() ?? 0) + 1
        // The latest time before which there are as many bytes as wanted, to within a thousandth of the range.
        for _ in 0..<10 where low < high {
            let middle = low + (high - low) / 2
            if bytes(before: middle, of: all) < wanted { low = middle } else { high = middle }
        }
        for place in all { removePoints(of: place, before: high) }
        for removed in exemplars.remove(before: high) { families[removed.family].exemplars -= 1 }
        groups.removeAll()
    }

    private func bytes(before time: Int64, of places: [Int]) -> Int {
        var bytes = 0
        for place in places {
            guard let one = series[place], one.count > 0 else { continue }
            let count = one.firstPlace(from: time)
            bytes += one.pointBytes * count / one.count
            if count == one.count { bytes += one.labels.byteCount * 2 + MetricSeries.overheadBytes }
        }
        return bytes
    }

    private mutating func removePoints(of place: Int, before time: Int64) {
        guard let before = series[place]?.pointBytes, let removed = series[place]?.removePoints(before: time), removed > 0 else { return }
        pointBytes += (series[place]?.pointBytes ?? 0) - before
        guard let one = series[place] else { return }
        if one.isPrimary {
            kept -= removed
            evicted += removed
        }
        if one.isEmpty { removeSeries(place, one) }
    }

    private mutating func removeSeries(_ place: Int, _ one: MetricSeries) {
        pointBytes -= one.pointBytes
        labelBytes -= one.labels.byteCount * 2 + MetricSeries.overheadBytes
        places[one.labels] = nil
        let name = one.labels.metricName
        placesByName[name]?.removeAll { $0 == place }
        if placesByName[name]?.isEmpty == true { placesByName[name] = nil }
        series[place] = nil
        free.append(place)
    }
}
