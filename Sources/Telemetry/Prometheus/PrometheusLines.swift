// What of a page does not change from scrape to scrape: comments, and the beginnings of lines.

extension PrometheusName {
    /// The comments before the samples of the family; in protobuf the fields of the family that are not metrics.
    func header(help: String, format: PrometheusFormat) -> [UInt8] {
        if format.dialect == .protobuf { return protobufHeader(help: help) }
        var text = ""
        let name = Self.quotedIfNeeded(family, allowsColon: true)
        let typeLine = "# TYPE \(name) \(format.dialect.word(for: type))\n"
        let helpLine = help.isEmpty ? "" : "# HELP \(name) \(Self.escaped(help, quotes: format.dialect == .openMetrics))\n"
        switch format.dialect {
        case .openMetrics: text = typeLine + (unit.isEmpty ? "" : "# UNIT \(name) \(unit)\n") + helpLine
        case .text, .protobuf: text = helpLine + typeLine
        }
        return Array(text.utf8)
    }

    /// The whole family about the resource: one sample whose value is 1.
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
        return header + Self.beginning(sample, labels: Self.text(labels)) + Array("1\n".utf8)
    }

    /// The beginnings of the lines of a series, in the order in which they are written.
    ///
    /// - Parameters:
    ///   - bounds: boundaries of buckets or shares of quantiles.
    ///   - hasStartTime: whether there is a line with the time of creation.
    func beginnings(
        _ labels: [(name: String, value: String)], bounds: [Double], format: PrometheusFormat, hasStartTime: Bool
    ) -> [[UInt8]] {
        if format.dialect == .protobuf { return [[0] + PrometheusProtobuf.labels(labels)] }
        let own = Self.text(labels)
        let style = format.dialect == .openMetrics ? PrometheusNumberStyle.pointed : .bare
        var lines: [[UInt8]] = []
        switch type {
        case .histogram:
            for bound in bounds + [.infinity] {
                lines.append(Self.beginning(family + "_bucket", labels: own, "le", PrometheusBound.text(bound, style)))
            }
        case .summary:
            for share in bounds.sorted() {
                lines.append(Self.beginning(family, labels: own, "quantile", PrometheusBound.text(share, style)))
            }
        case .counter, .gauge, .unknown, .info: lines.append(Self.beginning(sample, labels: own))
        }
        if type == .histogram || type == .summary {
            lines.append(Self.beginning(family + "_sum", labels: own))
            lines.append(Self.beginning(family + "_count", labels: own))
        }
        if hasStartTime { lines.append(Self.beginning(family + "_created", labels: own)) }
        return lines
    }

    private static func beginning(_ sample: String, labels: String, _ boundName: String = "", _ bound: String = "") -> [UInt8] {
        let isLegacy = PrometheusText.isLegacyName(sample, allowsColon: true)
        var parts = isLegacy ? [] : [quoted(sample)]
        if !labels.isEmpty { parts.append(labels) }
        if !boundName.isEmpty { parts.append("\(boundName)=\"\(bound)\"") }
        let braces = parts.isEmpty ? "" : "{\(parts.joined(separator: ","))}"
        return Array("\(isLegacy ? sample : "")\(braces) ".utf8)
    }

    /// The labels as they stand in braces.
    static func text(_ labels: [(name: String, value: String)]) -> String {
        labels.map { "\(quotedIfNeeded($0.name, allowsColon: false))=\(quoted($0.value))" }.joined(separator: ",")
    }

    private static func quotedIfNeeded(_ name: String, allowsColon: Bool) -> String {
        PrometheusText.isLegacyName(name, allowsColon: allowsColon) ? name : quoted(name)
    }

    private static func quoted(_ text: String) -> String { "\"\(escaped(text, quotes: true))\"" }

    /// The text with line feeds, backslashes and, where they end something, quotes escaped.
    ///
    /// There is no escape for carriage returns, and lines may not hold them: they become spaces. Nor is there one for NUL, at which
    /// Prometheus gives up the whole page: it becomes the replacement character.
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
