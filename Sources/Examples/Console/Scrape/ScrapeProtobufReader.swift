// Reads pages in Prometheus' protobuf format, which native histograms need.

import Telemetry

/// Reads messages of type `io.prometheus.client.MetricFamily`, each after its length. (prometheus/client_model, `metrics.proto`.)
struct ScrapeProtobufReader {
    private let maximumSamples: Int
    private var page = ScrapedPage()

    static func read(_ bytes: [UInt8], maximumSamples: Int) throws(ScrapeSyntaxError) -> ScrapedPage {
        var reader = ScrapeProtobufReader(maximumSamples: maximumSamples)
        let failure: ScrapeSyntaxError? = bytes.withUnsafeBytes { buffer in
            do throws(ScrapeSyntaxError) {
                try reader.readFamilies(buffer)
                return nil
            } catch { return error }
        }
        if let failure { throw failure }
        return reader.page
    }

    private init(maximumSamples: Int) {
        self.maximumSamples = maximumSamples
    }

    private static let damaged = ScrapeSyntaxError(reason: "the page is no list of MetricFamily messages", line: 0)

    private mutating func readFamilies(_ bytes: UnsafeRawBufferPointer) throws(ScrapeSyntaxError) {
        var place = 0
        while place < bytes.count {
            var (length, shift): (UInt64, UInt64) = (0, 0)
            while true {
                guard place < bytes.count, shift < 35 else { throw Self.damaged }
                let byte = bytes[place]
                place += 1
                length |= UInt64(byte & 0x7F) << shift
                shift += 7
                if byte < 0x80 { break }
            }
            guard length <= UInt64(bytes.count - place) else { throw Self.damaged }
            try readFamily(UnsafeRawBufferPointer(rebasing: bytes[place..<place + Int(length)]))
            place += Int(length)
        }
    }

    /// Calls the closure with each field; a damaged message is an error.
    private static func forEachField(
        _ bytes: UnsafeRawBufferPointer, _ body: (WireField) throws(ScrapeSyntaxError) -> Void
    ) throws(ScrapeSyntaxError) {
        var reader = WireReader(bytes)
        while true {
            let field: WireField?
            do throws(WireError) { field = try reader.next() } catch { throw damaged }
            guard let field else { return }
            try body(field)
        }
    }

    private mutating func readFamily(_ bytes: UnsafeRawBufferPointer) throws(ScrapeSyntaxError) {
        var (name, help, unit): (String, String, String) = ("", "", "")
        var type: UInt64 = 0
        var metrics: [UnsafeRawBufferPointer] = []
        try Self.forEachField(bytes) { field in
            switch field.number {
            case 1: name = field.text
            case 2: help = MetricOrigin.cut(field.text, MetricStoreLimits())
            case 3: type = field.bits
            case 4: metrics.append(field.bytes)
            case 5: unit = field.text
            default: break
            }
        }
        guard !name.isEmpty else { throw ScrapeSyntaxError(reason: "a family has no name", line: 0) }
        let types: [UInt64: String] = [0: "counter", 1: "gauge", 2: "summary", 3: "unknown", 4: "histogram", 5: "gaugehistogram"]
        var family = ScrapedFamily(name: name, type: types[type] ?? "unknown", help: help, unit: unit)
        let place = page.families.count
        page.families.append(family)
        for metric in metrics {
            try readMetric(metric, name, place)
            // One family has histograms of one kind; that of its first metric counts.
            if page.samples.last?.histogram != nil, page.samples.last?.family == place, family.type == "histogram" {
                family.type = "native"
                page.families[place] = family
            }
        }
    }

    private mutating func readMetric(_ bytes: UnsafeRawBufferPointer, _ name: String, _ family: Int) throws(ScrapeSyntaxError) {
        var labels: [LabelSet.Label] = []
        var value: WireField?
        var time: Int64?
        try Self.forEachField(bytes) { (field) throws(ScrapeSyntaxError) in
            switch field.number {
            case 1:
                guard labels.count < 256 else { throw ScrapeSyntaxError(reason: "a metric of \(name) has more than 256 labels", line: 0) }
                labels.append(try Self.label(field.bytes))
            case 2...5, 7: value = field
            case 6: time = Int64(bitPattern: field.bits)
            default: break
            }
        }
        guard let value else { return }
        switch value.number {
        case 4: try readSummary(value.bytes, name, labels, time, family)
        case 7: try readHistogram(value.bytes, name, labels, time, family)
        default:
            var sample = try sample(name, labels, time, family)
            try Self.forEachField(value.bytes) { (field) throws(ScrapeSyntaxError) in
                if field.number == 1 { sample.value = Self.number(field) }
                if field.number == 2, value.number == 3 { sample.exemplar = try Self.exemplar(field.bytes) }
            }
            page.samples.append(sample)
        }
    }

    /// Returns a whole number as an integer, which takes no more room and is exact.
    private static func number(_ field: WireField) -> MetricNumber64 {
        let value = Double(bitPattern: field.bits)
        if value.sign == .minus && value == 0 { return .double(value) }
        return Int64(exactly: value).map { .integer($0) } ?? .double(value)
    }

    private static func label(_ bytes: UnsafeRawBufferPointer) throws(ScrapeSyntaxError) -> LabelSet.Label {
        var (name, value) = ("", "")
        try forEachField(bytes) { field in
            if field.number == 1 { name = field.text }
            if field.number == 2 { value = MetricOrigin.cut(field.text, MetricStoreLimits()) }
        }
        return .init(name, value)
    }

    private static func exemplar(_ bytes: UnsafeRawBufferPointer) throws(ScrapeSyntaxError) -> MetricPoint.Exemplar {
        var exemplar = MetricPoint.Exemplar()
        var labels: [LabelSet.Label] = []
        try forEachField(bytes) { (field) throws(ScrapeSyntaxError) in
            switch field.number {
            case 1 where labels.count < 64: labels.append(try label(field.bytes))
            case 2: exemplar.value = Double(bitPattern: field.bits)
            case 3:
                var (seconds, nanoseconds): (UInt64, UInt64) = (0, 0)
                try forEachField(field.bytes) { field in
                    if field.number == 1 { seconds = field.bits }
                    if field.number == 2 { nanoseconds = field.bits }
                }
                exemplar.time = Timestamp(nanosecondsSinceEpoch: (seconds &* 1_000_000_000) &+ nanoseconds)
            default: break
            }
        }
        exemplar.take(labels)
        return exemplar
    }

    private func sample(
        _ name: String, _ labels: [LabelSet.Label], _ time: Int64?, _ family: Int, isPrimary: Bool = true
    ) throws(ScrapeSyntaxError) -> ScrapedSample {
        guard page.samples.count < maximumSamples else { throw ScrapeSyntaxError(reason: "more than \(maximumSamples) samples", line: 0) }
        var sample = ScrapedSample()
        sample.labels = labels + [.init(LabelSet.nameLabel, name)]
        sample.time = time
        sample.family = family
        sample.isPrimary = isPrimary
        return sample
    }

    private mutating func readSummary(
        _ bytes: UnsafeRawBufferPointer, _ name: String, _ labels: [LabelSet.Label], _ time: Int64?, _ family: Int
    ) throws(ScrapeSyntaxError) {
        var count = try sample(name + "_count", labels, time, family)
        var sum = try sample(name + "_sum", labels, time, family, isPrimary: false)
        var quantiles: [(Double, MetricNumber64)] = []
        try Self.forEachField(bytes) { (field) throws(ScrapeSyntaxError) in
            switch field.number {
            case 1: count.value = MetricNumber64(count: field.bits)
            case 2: sum.value = .double(Double(bitPattern: field.bits))
            case 3:
                var (quantile, value) = (0.0, 0.0)
                try Self.forEachField(field.bytes) { field in
                    if field.number == 1 { quantile = Double(bitPattern: field.bits) }
                    if field.number == 2 { value = Double(bitPattern: field.bits) }
                }
                quantiles.append((quantile, .double(value)))
            default: break
            }
        }
        page.samples += [count, sum]
        for (quantile, value) in quantiles {
            let label = LabelSet.Label("quantile", GoNumber.openMetricsText(quantile))
            var one = try sample(name, labels + [label], time, family, isPrimary: false)
            one.value = value
            page.samples.append(one)
        }
    }

    private mutating func readHistogram(
        _ bytes: UnsafeRawBufferPointer, _ name: String, _ labels: [LabelSet.Label], _ time: Int64?, _ family: Int
    ) throws(ScrapeSyntaxError) {
        if let native = try NativeHistogramReader.read(bytes) {
            var one = try sample(name, labels, time, family)
            one.histogram = native
            page.samples.append(one)
            return
        }
        var count = try sample(name + "_count", labels, time, family)
        var sum = try sample(name + "_sum", labels, time, family, isPrimary: false)
        var buckets: [(bound: Double, count: MetricNumber64, exemplar: MetricPoint.Exemplar?)] = []
        try Self.forEachField(bytes) { (field) throws(ScrapeSyntaxError) in
            switch field.number {
            case 1: count.value = MetricNumber64(count: field.bits)
            case 2: sum.value = .double(Double(bitPattern: field.bits))
            case 3:
                var bucket: (bound: Double, count: MetricNumber64, exemplar: MetricPoint.Exemplar?) = (0, .integer(0), nil)
                try Self.forEachField(field.bytes) { (field) throws(ScrapeSyntaxError) in
                    switch field.number {
                    case 1: bucket.count = MetricNumber64(count: field.bits)
                    case 2: bucket.bound = Double(bitPattern: field.bits)
                    case 3: bucket.exemplar = try Self.exemplar(field.bytes)
                    default: break
                    }
                }
                buckets.append(bucket)
            default: break
            }
        }
        // The highest bucket may be left out: it has all values.
        if buckets.last?.bound != .infinity { buckets.append((.infinity, count.value, nil)) }
        page.samples += [count, sum]
        for bucket in buckets {
            let label = LabelSet.Label("le", GoNumber.openMetricsText(bucket.bound))
            var one = try sample(name + "_bucket", labels + [label], time, family, isPrimary: false)
            one.value = bucket.count
            one.exemplar = bucket.exemplar
            page.samples.append(one)
        }
    }
}
