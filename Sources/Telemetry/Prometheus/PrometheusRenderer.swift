// Renders pages, with caches that live from scrape to scrape.

/// Renders batches of metrics as pages; the labels of a series are rendered once and copied afterwards.
///
/// It caches the series of the latest page for each recently used format. It must be used on one thread at a time.
final class PrometheusRenderer {
    private let options: PrometheusOptions
    private var page = PageBuffer()
    private var compressor: GzipCompressor?
    /// The cached layouts; the most recently used is last.
    private var layouts: [PrometheusLayout] = []

    /// Scrapers of one service use one or two formats; further formats evict the least recently used.
    private static let maximumLayouts = 3

    init(options: PrometheusOptions) {
        self.options = options
    }

    /// Returns the bytes of a page and whether they are compressed; without zlib they are not.
    func page(of batch: MetricBatch, format: PrometheusFormat, isCompressed: Bool) -> (bytes: [UInt8], isCompressed: Bool) {
        page.removeAll()
        let layout = layout(for: batch, format)
        if format.dialect == .protobuf {
            write(batch, layout, PrometheusProtobufWriter(format, options: options))
        } else {
            write(batch.withFixedBuckets(), layout, PrometheusTextWriter(format, options: options))
            if format.dialect == .openMetrics { page.append("# EOF\n") }
        }
        if isCompressed, let bytes = compressed() { return (bytes, true) }
        return (Array(page.bytes), false)
    }

    private func compressed() -> [UInt8]? {
        do throws(GzipError) {
            if compressor == nil { compressor = try GzipCompressor() }
            return try compressor?.withCompressed([page.bytes]) { Array($0) }
        } catch {
            Diagnostics.report(
                .warning, topic: "prometheus.gzip", every: .seconds(3600), "Prometheus' pages are sent as they are: \(error).")
            return nil
        }
    }

    private func layout(for batch: MetricBatch, _ format: PrometheusFormat) -> PrometheusLayout {
        var previous: PrometheusLayout?
        // Syntaxes of the same dialect share a layout.
        if let index = layouts.firstIndex(where: { $0.format.dialect == format.dialect && $0.format.escaping == format.escaping }) {
            let found = layouts.remove(at: index)
            if found.fits(batch) {
                layouts.append(found)
                return found
            }
            previous = found
        }
        let made = PrometheusLayout(batch, format: format, options: options, previous: previous)
        layouts.append(made)
        if layouts.count > Self.maximumLayouts { layouts.removeFirst() }
        return made
    }

    private func write(_ batch: MetricBatch, _ layout: PrometheusLayout, _ writer: PrometheusTextWriter) {
        page.append(layout.preamble)
        let hasStartTimes = writer.hasStartTimes
        for index in layout.families.indices {
            let family = layout.families[index]
            updateSeries(family, layout, index, batch, hasStartTimes: hasStartTimes)
            page.append(family.header)
            for (member, place) in zip(family.members, layout.places[index]) {
                writer.write(batch.scopes[place.scope].metrics[place.metric].points, of: member, to: &page)
            }
        }
    }

    private func write(_ batch: MetricBatch, _ layout: PrometheusLayout, _ writer: PrometheusProtobufWriter) {
        page.append(layout.preamble)
        for index in layout.families.indices {
            let family = layout.families[index]
            updateSeries(family, layout, index, batch, hasStartTimes: false)
            var message = WireWriter()
            message.append(family.header)
            for (member, place) in zip(family.members, layout.places[index]) {
                writer.write(batch.scopes[place.scope].metrics[place.metric].points, of: member, to: &message)
            }
            var length = WireWriter()
            length.varint(UInt64(message.bytes.count))
            page.append(length.bytes)
            page.append(message.bytes)
        }
    }

    /// Updates the cached series of a family: new series are appended; if some are gone, all are rendered again.
    private func updateSeries(
        _ family: PrometheusFamily, _ layout: PrometheusLayout, _ index: Int, _ batch: MetricBatch, hasStartTimes: Bool
    ) {
        let places = layout.places[index]
        let isAppendOnly = zip(family.members, places).allSatisfy { member, place in
            switch batch.scopes[place.scope].metrics[place.metric].points {
            case .gauge(let points), .sum(let points, _, _): member.isPrefix(of: points)
            case .histogram(let points, _): member.isPrefix(of: points)
            case .exponentialHistogram(let points, _): member.isPrefix(of: points)
            case .summary(let points): member.isPrefix(of: points)
            }
        }
        if !isAppendOnly { family.removeSeries() }
        let lines = PrometheusSeriesLines(family: family, format: layout.format, options: options, hasStartTimes: hasStartTimes)
        for (member, place) in zip(family.members, places) {
            switch batch.scopes[place.scope].metrics[place.metric].points {
            case .gauge(let points), .sum(let points, _, _): lines.append(points, to: member)
            case .histogram(let points, _): lines.append(points, to: member)
            case .exponentialHistogram(let points, _): lines.append(points, to: member)
            case .summary(let points): lines.append(points, to: member)
            }
        }
    }
}

/// Renders the line beginnings of new series.
private struct PrometheusSeriesLines {
    let family: PrometheusFamily
    let format: PrometheusFormat
    let options: PrometheusOptions
    let hasStartTimes: Bool

    func append<Point: PrometheusPoint>(_ points: [Point], to member: PrometheusMember) {
        guard member.series.count < points.count else { return }
        let maker = PrometheusLabelMaker(strategy: options.translationStrategy, escaping: format.escaping)
        let hasStartTime = hasStartTimes && [.counter, .histogram, .summary].contains(family.name.type)
        let reserved = family.name.type == .histogram ? "le" : family.name.type == .summary ? "quantile" : nil
        for point in points[member.series.count...] {
            let own = point.series.attributes.map { maker.label($0, $1, reserved: reserved) }
            let labels = PrometheusLabelMaker.merged(own + member.commonLabels)
            let bounds = point.bounds
            let isAdmitted = point.hasValidBounds && family.admit(labels)
            let beginnings = family.name.beginnings(labels, bounds: bounds, format: format, hasStartTime: hasStartTime)
            // A dropped series keeps its entries, so that the entries of the others keep their indices.
            member.append(point.series, bounds: bounds, beginnings: isAdmitted ? beginnings : beginnings.map { _ in [] })
            if !isAdmitted { warn(member, labels, areBoundsValid: point.hasValidBounds) }
        }
    }

    private func warn(_ member: PrometheusMember, _ labels: [(name: String, value: String)], areBoundsValid: Bool) {
        let problem =
            areBoundsValid
            ? "has two series with the labels {\(PrometheusName.text(labels))}; one is left out. Give their attributes names that differ"
                + " by more than characters that Prometheus replaces"
            : "has a series whose boundaries do not rise, or are not finite; it is left out"
        Diagnostics.report(
            .warning, topic: "prometheus.series.\(member.descriptor.name)", every: .seconds(3600),
            "The metric \"\(member.descriptor.name)\" on Prometheus' page \(problem).")
    }
}

extension MetricBatch {
    /// Returns the batch with explicit buckets in place of exponential ones.
    fileprivate func withFixedBuckets() -> MetricBatch {
        var batch = self
        for (scopeIndex, scope) in scopes.enumerated() {
            for (metricIndex, metric) in scope.metrics.enumerated() {
                if case .exponentialHistogram(let points, let temporality) = metric.points {
                    batch.scopes[scopeIndex].metrics[metricIndex].points = .histogram(
                        points.map { HistogramPoint(fixedBucketsOf: $0) }, temporality: temporality)
                }
            }
        }
        return batch
    }
}
