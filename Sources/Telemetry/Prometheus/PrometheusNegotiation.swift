// Chooses the format of a page by what a reader says that it takes.

/// Chooses the format of a page by the `Accept` header. (Prometheus: content negotiation; RFC 9110 §12.5.1.)
enum PrometheusNegotiation {
    /// The format that the reader likes best of those that there are.
    ///
    /// Nothing of what the reader has sent ends up in the answer: it selects among fixed formats.
    ///
    /// - Parameter fallback: what is answered when the header names nothing that there is, or is missing.
    static func format(accept: String?, fallback: PrometheusFormat) -> PrometheusFormat {
        guard let accept else { return fallback }
        let ranges = AcceptedRange.parse(accept)
        let refused = Set(ranges.filter { $0.weight == 0 }.compactMap { format(of: $0)?.syntax })
        var best: (range: AcceptedRange, format: PrometheusFormat)?
        for range in ranges where range.weight > 0 {
            guard let format = format(of: range) ?? substitute(for: range, refused: refused, fallback: fallback) else { continue }
            if let best, (best.range.weight, best.range.isExact ? 1 : 0) >= (range.weight, range.isExact ? 1 : 0) { continue }
            best = (range, format)
        }
        return best?.format ?? fallback
    }

    /// Whether the reader takes gzip.
    static func acceptsGzip(_ acceptEncoding: String?) -> Bool {
        guard let acceptEncoding else { return false }
        return AcceptedRange.parse(acceptEncoding).contains { $0.weight > 0 && ($0.name == "gzip" || $0.name == "x-gzip") }
    }

    /// The format that a range without wildcards names, if there is one.
    private static func format(of range: AcceptedRange) -> PrometheusFormat? {
        let escaping = range.parameters["escaping"].flatMap(PrometheusEscaping.init(rawValue:)) ?? .underscores
        let version = range.parameters["version"]
        switch (range.name, version) {
        case ("text/plain", nil), ("text/plain", "0.0.4"): return .text
        case ("text/plain", "1.0.0"): return PrometheusFormat(.text100, escaping: escaping)
        case ("application/openmetrics-text", "0.0.1"): return PrometheusFormat(.openMetrics001)
        case ("application/openmetrics-text", nil), ("application/openmetrics-text", "1.0.0"):
            return PrometheusFormat(.openMetrics100, escaping: escaping)
        case ("application/vnd.google.protobuf", _):
            let isOurs = range.parameters["proto"] == "io.prometheus.client.metricfamily" && range.parameters["encoding"] == "delimited"
            return isOurs ? PrometheusFormat(.protobuf, escaping: escaping) : nil
        default: return nil
        }
    }

    /// The format for a range with wildcards: the fallback if it lies in it, or the first that was not refused.
    private static func substitute(
        for range: AcceptedRange, refused: Set<PrometheusFormat.Syntax>, fallback: PrometheusFormat
    ) -> PrometheusFormat? {
        let candidates = [fallback, .text, .openMetrics, .protobuf].filter { !refused.contains($0.syntax) }
        switch range.name {
        case "*/*": return candidates.first
        case "text/*": return candidates.first { $0.dialect == .text }
        case "application/*": return candidates.first { $0.dialect != .text }
        default: return nil
        }
    }
}

/// One element of an `Accept` or `Accept-Encoding` header.
struct AcceptedRange: Equatable {
    /// In lower case.
    let name: String
    /// Without the weight; names and values in lower case.
    let parameters: [String: String]
    /// In thousandths.
    let weight: Int

    /// Whether no wildcard stands in it.
    var isExact: Bool { !name.hasSuffix("*") }

    /// Elements beyond are not looked at: nobody has as many.
    private static let maximumRanges = 32
    private static let maximumParameters = 16
    private static let maximumBytes = 4096

    /// The elements of a header, in order; those that are malformed are left out.
    static func parse(_ header: String) -> [AcceptedRange] {
        let bytes = Array(header.utf8.prefix(maximumBytes))
        return split(bytes[...], at: UInt8(ascii: ","), into: maximumRanges).compactMap(AcceptedRange.init)
    }

    private init?(_ text: ArraySlice<UInt8>) {
        let parts = Self.split(text, at: UInt8(ascii: ";"), into: Self.maximumParameters)
        name = Self.word(parts.first ?? [])
        guard !name.isEmpty else { return nil }
        var parameters: [String: String] = [:]
        var weight = 1000
        for part in parts.dropFirst() {
            let sides = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2 else { continue }
            let (name, value) = (Self.word(sides[0]), Self.word(sides[1]))
            if name == "q" {
                guard let thousandths = Self.thousandths(value) else { return nil }
                weight = thousandths
            } else {
                parameters[name] = value
            }
        }
        self.parameters = parameters
        self.weight = weight
    }

    /// The pieces between separators that stand outside of quotes.
    private static func split(_ bytes: ArraySlice<UInt8>, at separator: UInt8, into maximum: Int) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var start = bytes.startIndex
        var isQuoted = false
        var isEscaped = false
        for place in bytes.indices {
            switch bytes[place] {
            case _ where isEscaped: isEscaped = false
            case UInt8(ascii: "\\") where isQuoted: isEscaped = true
            case UInt8(ascii: "\""): isQuoted.toggle()
            case separator where !isQuoted:
                pieces.append(bytes[start..<place])
                start = place + 1
                if pieces.count == maximum { return pieces }
            default: break
            }
        }
        pieces.append(bytes[start...])
        return pieces
    }

    /// The text in lower case, without blanks and quotes around it.
    private static func word(_ bytes: ArraySlice<UInt8>) -> String {
        var bytes = bytes
        while let first = bytes.first, HTTPGrammar.isBlank(first) { bytes.removeFirst() }
        while let last = bytes.last, HTTPGrammar.isBlank(last) { bytes.removeLast() }
        if bytes.count >= 2, bytes.first == UInt8(ascii: "\""), bytes.last == UInt8(ascii: "\"") { bytes = bytes.dropFirst().dropLast() }
        return String(decoding: bytes, as: UTF8.self).lowercased()
    }

    /// The value of `0`, `1`, `0.5`, `0.123` or `1.000`; nil for anything else. (RFC 9110 §12.4.2.)
    private static func thousandths(_ text: String) -> Int? {
        let digits = Array(text.utf8)
        guard let first = digits.first, first == UInt8(ascii: "0") || first == UInt8(ascii: "1"), digits.count <= 5 else { return nil }
        var value = Int(first - UInt8(ascii: "0")) * 1000
        guard digits.count > 1 else { return value }
        guard digits[1] == UInt8(ascii: ".") else { return nil }
        var unit = 100
        for digit in digits[2...] {
            guard HTTPGrammar.isDigit(digit) else { return nil }
            value += Int(digit - UInt8(ascii: "0")) * unit
            unit /= 10
        }
        return value <= 1000 ? value : nil
    }
}
