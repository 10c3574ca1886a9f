// `telemetry check` for files of telemetry: whether it keeps the semantic conventions.

import ExampleSupport
import Telemetry

/// Checks a file of OTLP/JSON, one object or one a line, against the semantic conventions.
struct TelemetryFileCheck {
    /// The bytes of a file, and those of one object.
    static let maximumBytes = 256 << 20
    private static let members: [(signal: OTLPReceivedRequest.Signal, name: String)] = [
        (.traces, "resourceSpans"), (.metrics, "resourceMetrics"), (.logs, "resourceLogs"),
    ]

    private(set) var report = ConventionReport()
    /// What cannot be read, with the line where it begins.
    private(set) var problems: [(line: Int, text: String)] = []
    private let check = ConventionCheck()

    /// Returns whether bytes are telemetry and no configuration: an object with a member that only export requests have.
    static func isTelemetry(_ bytes: [UInt8]) -> Bool {
        guard let start = bytes.firstIndex(where: { !" \t\r\n".utf8.contains($0) }), bytes[start] == UInt8(ascii: "{") else { return false }
        let end = objects(bytes[start...]).first.map(\.bytes.endIndex) ?? bytes.endIndex
        return !signals(bytes[start..<end]).isEmpty
    }

    mutating func run(_ bytes: [UInt8]) {
        for (line, object) in Self.objects(bytes[...]) {
            let signals = Self.signals(object)
            if signals.isEmpty {
                problems.append((line, "expected an object with resourceSpans, resourceMetrics or resourceLogs"))
            }
            for signal in signals {
                do throws(OTLPRequestError) {
                    let request = try OTLPReceivedRequest.protobuf(ofJSON: Array(object), signal, maximumBytes: Self.maximumBytes)
                    check.check(request, signal, into: &report)
                } catch {
                    problems.append((line, "\(error)"))
                }
            }
            guard problems.count < 20 else { return }
        }
    }

    /// Returns the signals of an object by its own members, not those inside its texts or deeper.
    private static func signals(_ object: ArraySlice<UInt8>) -> [OTLPReceivedRequest.Signal] {
        var names: Set<String> = []
        scan(object) { name in names.insert(name) }
        return members.filter { names.contains($0.name) }.map(\.signal)
    }

    /// Splits bytes into objects, each with the number of its line: braces within texts do not count.
    private static func objects(_ bytes: ArraySlice<UInt8>) -> [(line: Int, bytes: ArraySlice<UInt8>)] {
        var found: [(Int, ArraySlice<UInt8>)] = []
        var (line, firstLine, depth) = (1, 1, 0)
        var (isText, isEscaped) = (false, false)
        var start: Int?
        for (place, byte) in zip(bytes.indices, bytes) {
            if byte == UInt8(ascii: "\n") { line += 1 }
            if isText {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isText = false
                }
                continue
            }
            if start == nil, !" \t\r\n".utf8.contains(byte) { (start, firstLine) = (place, line) }
            switch byte {
            case UInt8(ascii: "\""): isText = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                guard depth <= 0, let first = start else { break }
                found.append((firstLine, bytes[first...place]))
                (start, depth) = (nil, 0)
            default: break
            }
        }
        if let start { found.append((firstLine, bytes[start...])) }
        return found
    }

    /// Calls the closure with the names of an object's own members.
    private static func scan(_ object: ArraySlice<UInt8>, _ take: (String) -> Void) {
        var depth = 0
        var text: Int?
        var (last, isEscaped) = ("", false)
        for (place, byte) in zip(object.indices, object) {
            if let start = text {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    if depth == 1, place - start < 64 { last = String(decoding: object[(start + 1)..<place], as: UTF8.self) }
                    text = nil
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): text = place
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: ":") where depth == 1: take(last)
            default: break
            }
        }
    }
}

extension TelemetryFileCheck {
    private static let width = 80
    /// Findings of one service and level that are printed.
    private static let maximumFindings = 50

    /// The findings as lines of at most eighty columns, but for names that are longer.
    var text: String {
        var lines: [String] = []
        for (name, service) in report.services.sorted(by: { $0.key < $1.key }) {
            func count(_ number: Int, _ one: String, _ many: String) -> String { "\(number) \(number == 1 ? one : many)" }
            let items = [
                service.items[.span].map { count($0, "span", "spans") }, service.items[.metric].map { count($0, "metric", "metrics") },
                service.items[.log].map { count($0, "log record", "log records") },
            ]
            let levels = [
                count(service.count(.violation), "violation", "violations"),
                count(service.count(.improvement), "improvement", "improvements"),
                "\(service.count(.information)) for information",
            ]
            lines += [
                "", Self.printable(name.isEmpty ? "(no service.name)" : name) + ": " + items.compactMap { $0 }.joined(separator: ", "),
            ]
            lines.append("  " + levels.joined(separator: ", "))
            for level in ConventionFinding.Level.allCases {
                let findings = service.findings.filter { $0.finding.level == level }
                for entry in findings.prefix(Self.maximumFindings) { lines += Self.lines(entry) }
                if findings.count > Self.maximumFindings {
                    lines.append("  and \(findings.count - Self.maximumFindings) more of this level")
                }
            }
        }
        if report.leftOut > 0 { lines.append("and \(report.leftOut) findings beyond what is kept") }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func lines(_ entry: ConventionReport.Entry) -> [String] {
        let finding = entry.finding
        let signal = finding.signal.rawValue.map { $0 == "_" ? " " : String($0) }.joined()
        var lines = ["  \(finding.level.rawValue) \(finding.rule.rawValue): \(printable(finding.subject))"]
        let others = entry.names.filter { $0 != finding.subject }
        let place = others.first.map { " of \(printable($0))" } ?? ""
        let words = "\(finding.message); \(signal)\(place), seen \(entry.count == 1 ? "once" : "\(entry.count) times")".split(
            separator: " ")
        var line = "   "
        for word in words {
            if line.count + 1 + word.count > width, line.count > 3 {
                lines.append(line)
                line = "   "
            }
            line += " " + word
        }
        return lines + [line]
    }

    /// A text of telemetry without what a terminal would take as a command.
    private static func printable(_ text: String) -> String {
        String(text.unicodeScalars.map { $0.value < 32 || (127..<160).contains($0.value) ? "?" : Character($0) })
    }
}
