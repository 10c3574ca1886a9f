// Selects and renders the exemplars of samples.

/// An exemplar with the labels that a page shows.
struct PrometheusExemplar {
    let labels: [(name: String, value: String)]
    let value: Double
    let time: Timestamp

    /// The limit for the characters of all label names and values together. (OpenMetrics 1.0, "Exemplars".)
    static let maximumCharacters = 128

    /// Takes the identifiers first, which win over attributes of the same names, then attributes up to the limit.
    ///
    /// (Specification: Prometheus compatibility, "Exemplar Conversion".)
    init(_ exemplar: Exemplar, _ maker: PrometheusLabelMaker) {
        var labels: [(name: String, value: String)] = []
        if let traceID = exemplar.traceID, traceID.isValid { labels.append(("trace_id", traceID.description)) }
        if let spanID = exemplar.spanID, spanID.isValid { labels.append(("span_id", spanID.description)) }
        var room = Self.maximumCharacters - labels.reduce(0) { $0 + Self.characters($1) }
        let attributes = exemplar.filteredAttributes.map { maker.label($0, $1) }.filter { $0.name != "trace_id" && $0.name != "span_id" }
        for label in PrometheusLabelMaker.merged(attributes) where Self.characters(label) <= room {
            room -= Self.characters(label)
            labels.append(label)
        }
        self.labels = labels
        value = exemplar.value.doubleValue
        time = exemplar.time
    }

    private static func characters(_ label: (name: String, value: String)) -> Int {
        label.name.unicodeScalars.count + label.value.unicodeScalars.count
    }

    /// Returns the latest exemplar.
    static func latest(_ exemplars: [Exemplar]) -> Exemplar? { exemplars.max { $0.time < $1.time } }

    /// Returns the latest exemplar of each bucket.
    static func byBucket(_ exemplars: [Exemplar], boundaries: [Double]) -> [Int: Exemplar] {
        var result: [Int: Exemplar] = [:]
        for exemplar in exemplars where !exemplar.value.doubleValue.isNaN {
            let bucket = boundaries.firstIndex { exemplar.value.doubleValue <= $0 } ?? boundaries.count
            if let other = result[bucket], exemplar.time < other.time { continue }
            result[bucket] = exemplar
        }
        return result
    }

    /// Writes the exemplar after the value of a sample, as in OpenMetrics.
    func write(to page: inout PageBuffer) {
        page.append(" # {\(PrometheusName.text(labels))} ")
        page.reserve(2 * PageBuffer.longestNumber + 1)
        page.writeUnchecked(value, .pointed)
        page.writeUnchecked(UInt8(ascii: " "))
        page.writeUnchecked(time)
    }
}
