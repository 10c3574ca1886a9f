// Renders what stays the same from scrape to scrape: headers of families and line beginnings.

extension PrometheusName {
    /// Returns the comments before the samples; in protobuf the fields of the family other than metrics.
    func header(help: String, format: PrometheusFormat) -> [UInt8] {
        if format.dialect == .protobuf { return protobufHeader(help: help) }
        var text = ""
        let name = Self.quotedIfNeeded(family, allowsColon: true)
        let typeLine = "# TYPE \(name) \(format.dialect.word(for: type))\n"
        let helpLine = help.isEmpty ? "" : "# HELP \(name) \(Self.escaped(help, quotes: format.dialect.isOpenMetrics))\n"
        switch format.dialect {
        case .openMetrics, .openMetrics2: text = typeLine + (unit.isEmpty ? "" : "# UNIT \(name) \(unit)\n") + helpLine
        case .text, .protobuf: text = helpLine + typeLine
        }
        return Array(text.utf8)
    }

    /// Returns the complete family `target_info`: one sample with the value 1.
    func targetInfo(_ labels: [(name: String, value: String)], format: PrometheusFormat) -> [UInt8] {
        let header = header(help: "Target metadata", format: format)
        if format.dialect == .protobuf {
            var metric = WireWriter()
            metric.append(PrometheusProtobuf.labels(labels))
            metric.field(PrometheusProtobuf.Field.gauge, message: PrometheusProtobuf.value(1))
            var family = WireWriter()
            family.field(PrometheusProtobuf.Field.metric, message: metric.bytes)
            var message = WireWriter()
            message.varint(UInt64(header.count + family.bytes.count))
            return message.bytes + header + family.bytes
        }
        return header + LineBeginning(sample, labels: Self.text(labels)).line() + Array("1\n".utf8)
    }

    /// Returns the line beginnings of a series, in the order of the lines.
    ///
    /// - Parameters:
    ///   - bounds: the boundaries of buckets, or the quantiles.
    ///   - hasStartTime: whether the series has a `_created` line.
    func beginnings(
        _ labels: [(name: String, value: String)], bounds: [Double], format: PrometheusFormat, hasStartTime: Bool
    ) -> [[UInt8]] {
        if format.dialect == .protobuf { return [[0] + PrometheusProtobuf.labels(labels)] }
        let own = Self.text(labels)
        if format.dialect == .openMetrics2 { return pieces(own, bounds: bounds) }
        let style = format.dialect == .openMetrics ? PrometheusNumberStyle.pointed : .bare
        var lines: [[UInt8]] = []
        lines.reserveCapacity(bounds.count + 4)
        switch type {
        case .histogram:
            let bucket = beginning("_bucket", labels: own)
            for bound in bounds + [.infinity] { lines.append(bucket.line("le", PrometheusBound.text(bound, style))) }
        case .summary:
            let quantile = beginning("", labels: own)
            for share in bounds.sorted() { lines.append(quantile.line("quantile", PrometheusBound.text(share, style))) }
        case .counter, .gauge, .unknown, .info: lines.append(LineBeginning(sample, labels: own).line())
        }
        if type == .histogram || type == .summary {
            lines.append(beginning("_sum", labels: own).line())
            lines.append(beginning("_count", labels: own).line())
        }
        if hasStartTime { lines.append(beginning("_created", labels: own).line()) }
        return lines
    }

    /// Returns the beginning of the only line of a series, and its bounds with their colons. (OpenMetrics 2.0.)
    private func pieces(_ labels: String, bounds: [Double]) -> [[UInt8]] {
        let line = LineBeginning(sample, labels: labels).line()
        guard type == .histogram || type == .summary, !bounds.isEmpty || type == .histogram else { return [line] }
        let all = type == .summary ? bounds.sorted() : bounds + [.infinity]
        return [line] + all.map { Array("\(PrometheusBound.text($0, .pointed)):".utf8) }
    }

    private func beginning(_ suffix: String, labels: String) -> LineBeginning { LineBeginning(family + suffix, labels: labels) }

    /// The name and labels of a sample, to which one more label can be added.
    private struct LineBeginning {
        /// The bytes without the closing brace.
        private var bytes: [UInt8]
        private let hasBraces: Bool

        init(_ sample: String, labels: String) {
            let isLegacy = PrometheusText.isLegacyName(sample, allowsColon: true)
            hasBraces = !isLegacy || !labels.isEmpty
            bytes = isLegacy ? Array(sample.utf8) : [UInt8(ascii: "{")] + Array(quoted(sample).utf8)
            if labels.isEmpty { return }
            bytes.append(isLegacy ? UInt8(ascii: "{") : UInt8(ascii: ","))
            bytes += labels.utf8
        }

        /// Returns the beginning of a line up to its number.
        func line() -> [UInt8] { hasBraces ? bytes + "} ".utf8 : bytes + " ".utf8 }

        /// Returns the beginning with one more label, whose value must not need escapes.
        func line(_ name: String, _ value: String) -> [UInt8] {
            var line = bytes
            line.reserveCapacity(bytes.count + name.utf8.count + value.utf8.count + 6)
            line.append(hasBraces ? UInt8(ascii: ",") : UInt8(ascii: "{"))
            line += name.utf8
            line += "=\"".utf8
            line += value.utf8
            line += "\"} ".utf8
            return line
        }
    }

    /// Returns the labels as they stand in braces.
    static func text(_ labels: [(name: String, value: String)]) -> String {
        var text = ""
        for (name, value) in labels {
            if !text.isEmpty { text += "," }
            text += quotedIfNeeded(name, allowsColon: false)
            text += "=\""
            text += escaped(value, quotes: true)
            text += "\""
        }
        return text
    }

    private static func quotedIfNeeded(_ name: String, allowsColon: Bool) -> String {
        PrometheusText.isLegacyName(name, allowsColon: allowsColon) ? name : quoted(name)
    }

    private static func quoted(_ text: String) -> String { "\"\(escaped(text, quotes: true))\"" }

    /// Escapes line feeds, backslashes and, if asked for, quotes.
    ///
    /// The syntax has no escape for carriage returns, which lines must not hold: they become spaces. It has none for NUL, for
    /// which Prometheus rejects the whole page: NUL becomes the replacement character.
    private static func escaped(_ text: String, quotes: Bool) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") }) else {
            return text
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 8)
        for byte in text.utf8 {
            switch byte {
            case 0x0A: bytes += "\\n".utf8
            case 0x0D: bytes.append(UInt8(ascii: " "))
            case 0: bytes += "\u{FFFD}".utf8
            case UInt8(ascii: "\\"): bytes += "\\\\".utf8
            case UInt8(ascii: "\"") where quotes: bytes += "\\\"".utf8
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
