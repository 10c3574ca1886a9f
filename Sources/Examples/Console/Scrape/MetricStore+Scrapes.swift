// Takes scraped pages into the store.

import Telemetry

/// The series of a target's last scrape, which end when a later one does not have them, and their exemplars, which pages repeat.
struct ScrapeMemory: Sendable {
    fileprivate var number = 0
    fileprivate var places: [Int] = []
    fileprivate var exemplars: [Int: MetricExemplar] = [:]
}

/// The figures of one scrape, which become metrics of the target.
struct ScrapeFigures: Sendable {
    let isUp: Bool
    let seconds: Double
    let samples: Int
}

extension MetricStore {
    /// Adds the samples of a page, nil if there is none, and ends series that it does not have any more.
    ///
    /// - Parameters:
    ///   - labels: those of the target, which every sample gets.
    ///   - time: when the scrape began, in milliseconds.
    func receive(
        _ page: ScrapedPage?, of labels: [LabelSet.Label], at time: Int64, _ figures: ScrapeFigures, _ memory: inout ScrapeMemory
    ) {
        var next = ScrapeMemory()
        let previous = memory
        let prepared = (page?.samples ?? []).map { ($0, Self.labels($0.labels, labels)) }
        let now = now
        withTables { tables in
            next.number = tables.nextScrape()
            let families = (page?.families ?? []).map { tables.family($0.description) }
            for (sample, set) in prepared {
                Self.add(sample, set, families[sample.family], page?.created ?? [:], at: time, now: now, &tables, previous, &next)
            }
            if page == nil { next.exemplars = previous.exemplars }
            tables.makeRoom()
            for (name, value, help) in [
                ("up", figures.isUp ? 1 : 0, "1 if the last scrape succeeded"),
                ("scrape_duration_seconds", figures.seconds, "Time that the scrape took"),
                ("scrape_samples_scraped", Double(figures.samples), "Samples of the page"),
            ] {
                var family = MetricFamily(name: name, prometheusName: name, kind: .gauge, isMonotonic: false)
                family.description = help
                guard let family = tables.family(family) else { continue }
                let set = LabelSet(labels + [.init(LabelSet.nameLabel, name)])
                guard let place = tables.place(of: set, family: family, isPrimary: false) else { continue }
                _ = tables.append(Int64(exactly: value).map { .integer($0) } ?? .double(value), to: place, at: time, SampleKind())
            }
            for place in previous.places where tables.series[place]?.scrape == previous.number { tables.end(place, at: time) }
        }
        memory = next
    }

    private static func add(
        _ sample: ScrapedSample, _ labels: LabelSet, _ family: Int?, _ created: [ScrapedCreation: Int64], at time: Int64, now: Int64,
        _ tables: inout MetricTables, _ previous: ScrapeMemory, _ memory: inout ScrapeMemory
    ) {
        guard labels.labels.count <= tables.limits.labels else { return tables.reject(.tooManyLabels) }
        let hasHistogram = sample.histogram != nil
        guard let family,
            let place = tables.place(of: labels, family: family, isPrimary: sample.isPrimary, hasHistograms: hasHistogram)
        else { return tables.reject(.tooManySeries) }
        var kind = SampleKind()
        if !created.isEmpty, let start = created[ScrapedCreation(sample.family, sample.labels)], tables.families[family].isMonotonic {
            kind.isMonotonic = true
            kind.start = start
        }
        let sampleTime = sample.time ?? time
        guard sampleTime <= now + Int64(tables.limits.future / .milliseconds(1)) else { return tables.reject(.tooFarAhead) }
        let reason =
            sample.histogram.map { tables.append($0, to: place, at: sampleTime, kind) }
            ?? tables.append(sample.value, to: place, at: sampleTime, kind)
        if let reason { return tables.reject(reason) }
        if let exemplar = sample.exemplar { add(exemplar, to: place, at: sampleTime, &tables, previous, &memory) }
        // A sample with a time of its own does not end when the page no longer has it, as in Prometheus.
        guard sample.time == nil else { return }
        tables.setScrape(memory.number, of: place)
        memory.places.append(place)
    }

    /// Adds an exemplar unless the page before this one had it too.
    private static func add(
        _ exemplar: MetricPoint.Exemplar, to place: Int, at time: Int64, _ tables: inout MetricTables, _ previous: ScrapeMemory,
        _ memory: inout ScrapeMemory
    ) {
        let known = MetricExemplar(
            series: LabelSet(), time: exemplar.time, value: exemplar.value, traceID: exemplar.traceID, spanID: exemplar.spanID,
            attributes: Attributes(exemplar.attributes), family: 0)
        memory.exemplars[place] = known
        guard previous.exemplars[place] != known else { return }
        var exemplar = exemplar
        if exemplar.time.nanosecondsSinceEpoch == 0 {
            exemplar.time = Timestamp(nanosecondsSinceEpoch: UInt64(max(0, time)) * 1_000_000)
        }
        tables.addExemplar(exemplar, to: place)
    }

    /// Returns labels with those of the target; a label of the page with such a name gets `exported_` before it.
    private static func labels(_ own: [LabelSet.Label], _ target: [LabelSet.Label]) -> LabelSet {
        LabelSet(
            own.map { label in
                guard target.contains(where: { $0.name == label.name }) else { return label }
                return .init("exported_" + label.name, label.value)
            } + target)
    }
}
