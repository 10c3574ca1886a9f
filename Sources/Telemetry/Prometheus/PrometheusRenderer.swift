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
    /// The latest page of text, which is the next one too if no number has changed.
    private var latest: LatestPage?

    private struct LatestPage {
        let escaping: PrometheusEscaping
        let bytes: [UInt8]
        var compressed: [UInt8]?
    }

    /// Scrapers of one service use one or two formats; further formats evict the least recently used.
    private static let maximumLayouts = 3

    init(options: PrometheusOptions) {
        self.options = options
    }

    /// Returns the bytes of a page and whether they are compressed; without zlib they are not.
    func page(of batch: MetricBatch, format: PrometheusFormat, isCompressed: Bool) -> (bytes: [UInt8], isCompressed: Bool) {
        let (layout, isKnown) = layout(for: batch, format)
        if format.dialect == .text { return textPage(of: batch, layout, isKnown: isKnown, isCompressed: isCompressed) }
        page.removeAll()
        if format.dialect == .protobuf {
            write(batch, layout, PrometheusProtobufWriter(format, options: options))
        } else if format.dialect == .openMetrics2 {
            let writer = OpenMetrics2Writer(format, options: options)
            write(batch, layout, hasStartTimes: false) { writer.write($0, of: $1, to: &$2) }
            page.append("# EOF\n")
        } else {
            let writer = PrometheusTextWriter(format, options: options)
            write(batch.withFixedBuckets(), layout, hasStartTimes: writer.hasStartTimes) { writer.write($0, of: $1, to: &$2) }
            page.append("# EOF\n")
        }
        if isCompressed, let bytes = compressed(page.bytes) { return (bytes, true) }
        return (Array(page.bytes), false)
    }

    /// Returns a page in the text format, for which the lines of the latest one are kept.
    ///
    /// - Parameter isKnown: whether the latest page of this format had the same layout.
    private func textPage(
        of batch: MetricBatch, _ layout: PrometheusLayout, isKnown: Bool, isCompressed: Bool
    ) -> (bytes: [UInt8], isCompressed: Bool) {
        let isChanged = updateLines(batch.withFixedBuckets(), layout)
        if isChanged || !isKnown || latest?.escaping != layout.format.escaping {
            page.removeAll()
            page.append(layout.preamble)
            for family in layout.families {
                page.append(family.header)
                for member in family.members { page.append(member.keptLines.bytes) }
            }
            latest = LatestPage(escaping: layout.format.escaping, bytes: Array(page.bytes))
        }
        guard let found = latest else { return ([], false) }
        if isCompressed {
            if let bytes = found.compressed ?? found.bytes.withUnsafeBytes({ compressed($0) }) {
                latest?.compressed = bytes
                return (bytes, true)
            }
        }
        return (found.bytes, false)
    }

    /// Brings the lines of all metrics up to date; returns whether any has changed.
    private func updateLines(_ batch: MetricBatch, _ layout: PrometheusLayout) -> Bool {
        let writer = PrometheusTextWriter(layout.format, options: options)
        var isChanged = false
        for index in layout.families.indices {
            let family = layout.families[index]
            updateSeries(family, layout, index, batch, hasStartTimes: false)
            for (member, place) in zip(family.members, layout.places[index]) {
                let points = batch.scopes[place.scope].metrics[place.metric].points
                // The lines leave the member while they are changed, so that it does not hold a second reference to them.
                var lines = member.keptLines
                member.keptLines = PrometheusKeptLines()
                let outcome = lines.update(member.ends.count, writer.style, &page) { points.forEachLineOfText(of: member.type, $0) }
                if outcome == .outdated {
                    page.removeAll()
                    writer.write(points, of: member, to: &page)
                    lines.take(page.bytes, member.ends) { points.forEachLineOfText(of: member.type, $0) }
                }
                member.keptLines = lines
                isChanged = isChanged || outcome != .unchanged
            }
        }
        return isChanged
    }

    private func compressed(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        do throws(GzipError) {
            if compressor == nil { compressor = try GzipCompressor() }
            return try compressor?.withCompressed([bytes]) { Array($0) }
        } catch {
            Diagnostics.report(
                .warning, topic: "prometheus.gzip", every: .seconds(3600), "Prometheus' pages are sent as they are: \(error).")
            return nil
        }
    }

    /// Returns the layout of a batch, and whether it is that of an earlier one.
    private func layout(for batch: MetricBatch, _ format: PrometheusFormat) -> (layout: PrometheusLayout, isKnown: Bool) {
        var previous: PrometheusLayout?
        // Syntaxes of the same dialect share a layout.
        if let index = layouts.firstIndex(where: { $0.format.dialect == format.dialect && $0.format.escaping == format.escaping }) {
            let found = layouts.remove(at: index)
            if found.fits(batch) {
                layouts.append(found)
                return (found, true)
            }
            previous = found
        }
        let made = PrometheusLayout(batch, format: format, options: options, previous: previous)
        layouts.append(made)
        if layouts.count > Self.maximumLayouts { layouts.removeFirst() }
        return (made, false)
    }

    private func write(
        _ batch: MetricBatch, _ layout: PrometheusLayout, hasStartTimes: Bool,
        _ write: (MetricPoints, PrometheusMember, inout PageBuffer) -> Void
    ) {
        page.append(layout.preamble)
        for index in layout.families.indices {
            let family = layout.families[index]
            updateSeries(family, layout, index, batch, hasStartTimes: hasStartTimes)
            page.append(family.header)
            for (member, place) in zip(family.members, layout.places[index]) {
                write(batch.scopes[place.scope].metrics[place.metric].points, member, &page)
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
