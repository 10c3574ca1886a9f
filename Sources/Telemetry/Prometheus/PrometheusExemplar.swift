// Exemplars on pages: which one a sample has, and its labels.

/// An exemplar as a page has it.
struct PrometheusExemplar {
    let labels: [(name: String, value: String)]
    let value: Double
    let time: Timestamp

    /// Characters that the names and values of its labels may have together. (OpenMetrics 1.0, "Exemplars".)
    static let maximumCharacters = 128

    /// The identifiers come first and win over attributes that want their names; other attributes follow as far as there is room.
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

    /// The latest exemplar of all.
    static func latest(_ exemplars: [Exemplar]) -> Exemplar? { exemplars.max { $0.time < $1.time } }

    /// For each bucket the latest exemplar that falls into it.
    static func byBucket(_ exemplars: [Exemplar], boundaries: [Double]) -> [Int: Exemplar] {
        var result: [Int: Exemplar] = [:]
        for exemplar in exemplars where !exemplar.value.doubleValue.isNaN {
            let bucket = boundaries.firstIndex { exemplar.value.doubleValue <= $0 } ?? boundaries.count
            if let other = result[bucket], exemplar.time < other.time { continue }
            result[bucket] = exemplar
        }
        return result
    }

    /// Writes what stands after the value of a sample in OpenMetrics.
    func write(to page: inout PageBuffer) {
        page.append(" # {\(PrometheusName.text(labels))} ")
        page.reserve(2 * PageBuffer.longestNumber + 1)
        page.writeUnchecked(value, .pointed)
        page.writeUnchecked(UInt8(ascii: " "))
        page.writeUnchecked(time)
    }
}
