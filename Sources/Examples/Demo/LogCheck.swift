// Shows that the identifier of a trace is enough to find its log lines.

import ExampleSupport
import Glibc

/// The log files of the services.
struct LogCheck: Sendable {
    /// One log line.
    struct Line: Sendable {
        let json: JSONValue

        // Each form of lines has names of its own.
        var service: String? { (json["service"] ?? json["otelServiceName"])?.stringValue }
        var spanID: String? { (json["span_id"] ?? json["otelSpanID"])?.stringValue }
        /// Empty for lines without a time, as those of Python's formatter.
        var time: String { (json["time"] ?? json["timestamp"])?.stringValue ?? "" }

        /// The line in columns: status, latency, severity, service, span, message; then the other members.
        var summary: String {
            guard case .object(let object) = json else { return json.description }
            let texts = [
                json["status"]?.description ?? "", latency, json["level"]?.stringValue ?? "", service ?? "", spanID ?? "",
            ]
            let columns = zip(texts, [3, 9, 5, 13, 16]).map { text, width in
                text + String(repeating: " ", count: max(0, width - text.count))
            }
            let shown: Set = [
                "status", "latency", "level", "time", "timestamp", "service", "trace_id", "span_id", "message", "otelServiceName",
                "otelTraceID", "otelSpanID", "otelTraceSampled",
            ]
            let rest = object.members.filter { !shown.contains($0.key) }.map { member in
                "\(member.key)=\(Self.shortened(member.value.stringValue ?? member.value.description))"
            }
            return (columns + [([json["message"]?.stringValue ?? ""] + rest).joined(separator: " ")]).joined(separator: "  ")
        }

        /// A value without spaces, such as a document, would be one word of many lines; the file has it whole.
        private static func shortened(_ value: String) -> String {
            let longest = 44
            return value.count > longest && !value.prefix(longest).contains(" ") ? value.prefix(longest - 1) + "…" : value
        }

        /// The column of the severity, behind status and latency.
        static let textColumn = 16

        /// The latency with two decimals; empty for lines without one.
        private var latency: String {
            guard let text = json["latency"]?.description, let milliseconds = Double(text) else { return "" }
            let hundredths = Int((milliseconds * 100).rounded())
            return "\(hundredths / 100).\(hundredths % 100 / 10)\(hundredths % 10) ms"
        }
    }

    let folder: String

    /// Returns the path of a service's log file.
    func file(of service: String) -> String { "\(folder)/\(service).jsonl" }

    /// Creates the folder, and removes the log files of an earlier demo.
    func prepare(_ services: [String]) throws(StartFailure) {
        guard mkdir(folder, 0o755) == 0 || errno == EEXIST else {
            throw StartFailure(.unavailable, "\(folder) cannot be made: \(String(cString: strerror(errno))); LOG_FOLDER names another one.")
        }
        for service in services { unlink(file(of: service)) }
    }

    /// Returns the lines with the identifier of a trace, in the order of their times.
    func lines(of traceID: String, in services: [String]) -> [Line] {
        let lines = services.flatMap { service in
            (FileContent.read(file(of: service)) ?? []).split(separator: UInt8(ascii: "\n")).compactMap { bytes -> Line? in
                guard String(decoding: bytes, as: UTF8.self).contains(traceID), let json = try? JSONValue(parsing: Array(bytes)) else {
                    return nil
                }
                return Line(json: json)
            }
        }
        // All times have one length. The sort is stable: lines of one service and millisecond keep their order.
        return lines.sorted { $0.time < $1.time }
    }

    /// Waits until each server span of a trace has a line, and returns all its lines; nil when the time is over.
    func lines(of trace: JSONValue, in services: [String], within duration: Duration) async throws -> [Line]? {
        let traceID = trace["traceId"]?.stringValue ?? ""
        let wanted = (trace["spans"]?.arrayValue ?? []).filter { $0["kind"] == "server" }
        let deadline = ContinuousClock.now + duration
        while ContinuousClock.now < deadline, !StopSignal.hasCome {
            let lines = lines(of: traceID, in: services)
            let isComplete = wanted.allSatisfy { span in
                lines.contains { $0.service == span["service"]?.stringValue && $0.spanID == span["spanId"]?.stringValue }
            }
            if isComplete { return lines }
            try await Task.sleep(for: .milliseconds(25))
        }
        return nil
    }
}
