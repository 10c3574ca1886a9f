// Reads pages in Prometheus' text formats.

import Telemetry

/// Reads text 0.0.4 and 1.0.0, and OpenMetrics 1.0; any bytes give a page or an error, never a trap.
struct ScrapeTextReader {
    private let bytes: [UInt8]
    private let isOpenMetrics: Bool
    private let maximumSamples: Int
    private var place = 0
    private var line = 1
    private var page = ScrapedPage()
    private var familyPlaces: [String: Int] = [:]
    /// The family of the line before, since lines of one family follow each other.
    private var current: Int?

    static func read(_ bytes: [UInt8], isOpenMetrics: Bool, maximumSamples: Int) throws(ScrapeSyntaxError) -> ScrapedPage {
        var reader = ScrapeTextReader(bytes, isOpenMetrics, maximumSamples)
        try reader.readLines()
        return reader.page
    }

    private init(_ bytes: [UInt8], _ isOpenMetrics: Bool, _ maximumSamples: Int) {
        self.bytes = bytes
        self.isOpenMetrics = isOpenMetrics
        self.maximumSamples = maximumSamples
    }

    private func failure(_ reason: String) -> ScrapeSyntaxError { ScrapeSyntaxError(reason: reason, line: line) }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func take(_ byte: Character) -> Bool {
        guard let value = byte.asciiValue, next == value else { return false }
        place += 1
        return true
    }

    private mutating func skipBlanks() { while next == 0x20 || next == 0x09 { place += 1 } }

    private mutating func readLines() throws(ScrapeSyntaxError) {
        var hasEnded = false
        while place < bytes.count {
            if hasEnded { throw failure("text after # EOF") }
            skipBlanks()
            switch next {
            case UInt8(ascii: "\n"), nil: break
            case UInt8(ascii: "\r"): place += 1
            case UInt8(ascii: "#"): hasEnded = try readComment()
            default: try readSample()
            }
            skipBlanks()
            if next == UInt8(ascii: "\r") { place += 1 }
            guard place >= bytes.count || take("\n") else { throw failure("unexpected text at the end") }
            line += 1
        }
        if isOpenMetrics, !hasEnded { throw failure("# EOF is missing") }
    }

    // MARK: Comments

    /// Reads a comment; returns whether it ends the page.
    private mutating func readComment() throws(ScrapeSyntaxError) -> Bool {
        place += 1
        skipBlanks()
        let word = word()
        guard ["TYPE", "HELP", "UNIT"].contains(word) else {
            skipLine()
            return isOpenMetrics && word == "EOF"
        }
        skipBlanks()
        let name = next == UInt8(ascii: "\"") ? try quoted() : self.word()
        guard !name.isEmpty else { throw failure("a name is missing after # \(word)") }
        skipBlanks()
        let text = rest(unescaping: word == "HELP")
        let family = family(named: name)
        switch word {
        case "TYPE": page.families[family].type = text.lowercased()
        case "UNIT": page.families[family].unit = text
        default: page.families[family].help = MetricOrigin.cut(text, MetricStoreLimits())
        }
        current = family
        return false
    }

    private mutating func skipLine() { while let next, next != UInt8(ascii: "\n") { place += 1 } }

    private mutating func word() -> String {
        let start = place
        while let next, next > 0x20 { place += 1 }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    private mutating func rest(unescaping: Bool) -> String {
        let start = place
        skipLine()
        var end = place
        while end > start, bytes[end - 1] == UInt8(ascii: "\r") || bytes[end - 1] == 0x20 { end -= 1 }
        guard unescaping, bytes[start..<end].contains(UInt8(ascii: "\\")) else {
            return String(decoding: bytes[start..<end], as: UTF8.self)
        }
        return String(decoding: Self.unescaped(bytes[start..<end]), as: UTF8.self)
    }

    private static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var isEscaped = false
        for byte in text {
            if isEscaped {
                isEscaped = false
                switch byte {
                case UInt8(ascii: "n"): result.append(0x0A)
                case UInt8(ascii: "\\"), UInt8(ascii: "\""): result.append(byte)
                default: result += [UInt8(ascii: "\\"), byte]
                }
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else {
                result.append(byte)
            }
        }
        if isEscaped { result.append(UInt8(ascii: "\\")) }
        return result
    }

    private mutating func family(named name: String) -> Int {
        if let place = familyPlaces[name] { return place }
        familyPlaces[name] = page.families.count
        page.families.append(ScrapedFamily(name: name))
        return page.families.count - 1
    }

    // MARK: Samples

    private mutating func readSample() throws(ScrapeSyntaxError) {
        guard page.samples.count < maximumSamples else { throw failure("more than \(maximumSamples) samples") }
        var name = next == UInt8(ascii: "{") ? "" : metricName()
        var labels: [LabelSet.Label] = []
        skipBlanks()
        if take("{") { try readLabels(&labels, &name) }
        guard !name.isEmpty else { throw failure("a sample has no name") }
        skipBlanks()
        var sample = ScrapedSample()
        sample.value = try number(word(), "value")
        skipBlanks()
        if let next, next > 0x20, next != UInt8(ascii: "#") { sample.time = try time(word()) }
        skipBlanks()
        if next == UInt8(ascii: "#") { sample.exemplar = try exemplar() }
        (sample.family, sample.isPrimary) = family(of: name)
        let type = page.families[sample.family].type
        if isOpenMetrics, name.hasSuffix("_created"), ["counter", "histogram", "summary"].contains(type) {
            // In seconds, and no sample of its own.
            let seconds = sample.value.doubleValue
            if seconds > 0, seconds < 9e12 { page.created[ScrapedCreation(sample.family, labels)] = Int64(seconds * 1_000) }
            return
        }
        for index in labels.indices {
            let isBound = labels[index].name == "le" && type.hasSuffix("histogram") || labels[index].name == "quantile" && type == "summary"
            // Bounds have one form, as in Prometheus 3, so that series of both formats are the same.
            if isBound, let bound = GoNumber.value(labels[index].value) {
                labels[index] = .init(labels[index].name, GoNumber.openMetricsText(bound))
            }
        }
        labels.append(.init(LabelSet.nameLabel, name))
        sample.labels = labels
        page.samples.append(sample)
    }

    private mutating func metricName() -> String {
        let start = place
        while let next, Self.isName(next) || (place > start && (0x30...0x39).contains(next)) { place += 1 }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    private static func isName(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || byte == UInt8(ascii: ":") || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    private mutating func readLabels(_ labels: inout [LabelSet.Label], _ name: inout String) throws(ScrapeSyntaxError) {
        while true {
            skipBlanks()
            if take("}") { return }
            let isQuoted = next == UInt8(ascii: "\"")
            let label = isQuoted ? try quoted() : metricName()
            guard !label.isEmpty else { throw failure("expecting the name of a label") }
            skipBlanks()
            if take("=") {
                skipBlanks()
                guard next == UInt8(ascii: "\"") else { throw failure("the value of the label \(label) has no quotes") }
                let value = try quoted()
                guard label != LabelSet.nameLabel else { throw failure("a label is named \(LabelSet.nameLabel)") }
                guard !labels.contains(where: { $0.name == label }) else { throw failure("the label \(label) is there twice") }
                guard labels.count < 256 else { throw failure("a sample has more than 256 labels") }
                labels.append(.init(label, MetricOrigin.cut(value, MetricStoreLimits())))
            } else {
                // A name in quotes without a value is that of the metric.
                guard isQuoted, name.isEmpty else { throw failure("the label \(label) has no value") }
                name = label
            }
            skipBlanks()
            guard take(",") || next == UInt8(ascii: "}") else { throw failure("expecting , or } after a label") }
        }
    }

    private mutating func quoted() throws(ScrapeSyntaxError) -> String {
        place += 1
        let start = place
        var isEscaped = false
        var hasEscapes = false
        while let next, isEscaped || next != UInt8(ascii: "\"") {
            guard next != UInt8(ascii: "\n") else { break }
            isEscaped = !isEscaped && next == UInt8(ascii: "\\")
            hasEscapes = hasEscapes || isEscaped
            place += 1
        }
        let end = place
        guard take("\"") else { throw failure("a quote has no end") }
        let text = bytes[start..<end]
        return hasEscapes ? String(decoding: Self.unescaped(text), as: UTF8.self) : String(decoding: text, as: UTF8.self)
    }

    private func number(_ text: String, _ what: String) throws(ScrapeSyntaxError) -> MetricNumber64 {
        if let integer = Int64(text), text != "-0" { return .integer(integer) }
        guard let value = GoNumber.value(text) else { throw failure("the \(what) \"\(text.prefix(40))\" is no number") }
        return .double(value)
    }

    /// Reads a time: milliseconds, or seconds in OpenMetrics.
    private func time(_ text: String) throws(ScrapeSyntaxError) -> Int64 {
        let scale = isOpenMetrics ? 1_000.0 : 1
        guard let value = GoNumber.value(text), (value * scale).magnitude < 9e15 else {
            throw failure("the time \"\(text.prefix(40))\" is no number")
        }
        return Int64((value * scale).rounded())
    }

    private mutating func exemplar() throws(ScrapeSyntaxError) -> MetricPoint.Exemplar? {
        place += 1
        guard isOpenMetrics else {
            skipLine()
            return nil
        }
        skipBlanks()
        guard take("{") else { throw failure("an exemplar begins with {") }
        var (labels, name): ([LabelSet.Label], String) = ([], "-")
        try readLabels(&labels, &name)
        skipBlanks()
        var exemplar = MetricPoint.Exemplar()
        exemplar.value = try number(word(), "value of the exemplar").doubleValue
        skipBlanks()
        if let next, next > 0x20 {
            let milliseconds = try time(word())
            exemplar.time = Timestamp(nanosecondsSinceEpoch: UInt64(max(0, milliseconds)) * 1_000_000)
        }
        exemplar.take(labels)
        return exemplar
    }

    /// Returns the family of a sample by its name, and whether the sample stands for a point of it.
    private mutating func family(of name: String) -> (place: Int, isPrimary: Bool) {
        if let current, let isPrimary = page.families[current].part(name) { return (current, isPrimary) }
        for suffix in ["_total", "_bucket", "_sum", "_count", "_created", "_info", "_gsum", "_gcount"] where name.hasSuffix(suffix) {
            let base = String(name.dropLast(suffix.count))
            if let place = familyPlaces[base], let isPrimary = page.families[place].part(name) {
                current = place
                return (place, isPrimary)
            }
        }
        let place = family(named: name)
        current = place
        return (place, true)
    }
}

extension ScrapedFamily {
    /// Returns whether a sample of that name stands for a point; nil if it is not of the family.
    fileprivate func part(_ sample: String) -> Bool? {
        guard sample.hasPrefix(name) else { return nil }
        switch (type, sample.dropFirst(name.count)) {
        case ("histogram", "_count"), ("gaugehistogram", "_gcount"), ("summary", "_count"): return true
        case ("histogram", "_bucket"), ("histogram", "_sum"), ("gaugehistogram", "_bucket"), ("gaugehistogram", "_gsum"),
            ("summary", "_sum"),
            ("summary", ""), (_, "_created"):
            return false
        case ("histogram", _), ("summary", _): return nil
        case (_, ""), ("counter", "_total"), ("info", "_info"): return true
        default: return nil
        }
    }
}

extension MetricPoint.Exemplar {
    /// Takes the identifiers out of the labels; the others become attributes.
    mutating func take(_ labels: [LabelSet.Label]) {
        for label in labels {
            switch label.name {
            case "trace_id", "traceID": traceID = label.value
            case "span_id", "spanID": spanID = label.value
            default: attributes.append((label.name, .string(label.value)))
            }
        }
    }
}
