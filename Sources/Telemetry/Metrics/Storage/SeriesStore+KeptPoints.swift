// Collection for a reader that keeps points.

extension SeriesStore {
    /// Returns the points of a reader after its cells have been filled, and keeps them.
    ///
    /// - Parameter records: all series of the store, by number.
    func keptPoints(
        _ reader: inout StoreReader, _ records: [UnsafeMutablePointer<SeriesRecord>?], at time: CollectionTime
    ) -> MetricPoints? {
        // The points leave the reader while they are changed, so that it does not hold a second reference to them.
        var kept = reader.keptPoints.take() ?? KeptPoints()
        if kept.clockOffset != time.anchor.offset {
            kept = KeptPoints(clockOffset: time.anchor.offset)
            update(&kept, reader, records, at: time)
        } else if reader.hasNewMeasurements || kept.haveExemplars {
            update(&kept, reader, records, at: time)
        }
        reader.keptPoints = kept
        reader.hasNewMeasurements = false
        guard !kept.places.isEmpty else { return nil }
        switch configuration.aggregation {
        case .sum(let isMonotonic): return .sum(kept.numbers, temporality: .cumulative, isMonotonic: isMonotonic)
        case .lastValue: return .gauge(kept.numbers)
        case .histogram: return .histogram(kept.histograms, temporality: .cumulative)
        case .exponentialHistogram: return .exponentialHistogram(kept.exponentials, temporality: .cumulative)
        }
    }

    /// Makes the points of series with new measurements; a cumulative series, once it has a point, keeps it.
    private func update(
        _ kept: inout KeptPoints, _ reader: StoreReader, _ records: [UnsafeMutablePointer<SeriesRecord>?], at time: CollectionTime
    ) {
        var builder = PointBuilder(self, reader, time, capacity: 1)
        var place = 0
        kept.haveExemplars = false
        reader.cells.forEachExisting(in: 1..<max(1, records.count)) { number, base in
            guard Cell(base).holdsValues, let record = records[number] else { return }
            if Cell(base).updates > 0 || !kept.holds(number, at: place) || kept.places[place].hasExemplars {
                builder.add(record, where: nil)
                Self.move(from: &builder, to: &kept, number, at: place)
            }
            place += 1
        }
        // The point of the overflow series is the last.
        if let base = reader.cells.existing(Self.overflowNumber), Cell(base).holdsValues {
            builder.addOverflow(where: nil)
            Self.move(from: &builder, to: &kept, .max, at: place)
            place += 1
        }
        assert(place == kept.places.count, "Every point belongs to a cell.")
    }

    private static func move(from builder: inout PointBuilder, to kept: inout KeptPoints, _ order: Int, at place: Int) {
        if let point = builder.numbers.first { kept.set(point, order, at: place) }
        if let point = builder.histograms.first { kept.set(point, order, at: place) }
        if let point = builder.exponentials.first { kept.set(point, order, at: place) }
        builder.removeAll()
    }
}
