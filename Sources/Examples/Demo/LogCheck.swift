// Finds the log lines of a trace in the files of the services, by its identifier alone.

import ExampleSupport
import Glibc

/// The files that the services write their log lines to.
struct LogCheck: Sendable {
    /// A line, and the service whose file it stands in.
    struct Line: Sendable {
        let json: JSONValue

        var service: String? { json["service"]?.stringValue }
        var spanID: String? { json["span_id"]?.stringValue }

        /// The line for people: severity, service, identifier of the span, message, and whatever else it has.
        var summary: String {
            guard case .object(let object) = json else { return json.description }
            let columns = [("level", 5), ("service", 13), ("span_id", 16), ("message", 0)].map { name, width in
                let text = json[name]?.stringValue ?? ""
                return text + String(repeating: " ", count: max(0, width - text.count))
            }
            let shown: Set = ["level", "time", "service", "trace_id", "span_id", "message"]
            let rest = object.members.filter { !shown.contains($0.key) }.map { member in
                " \(member.key)=\(member.value.stringValue ?? member.value.description)"
            }
            return columns.joined(separator: "  ") + rest.joined()
        }
    }

    let folder: String

    /// Where a service writes its lines.
    func file(of service: String) -> String { "\(folder)/\(service).jsonl" }

    /// Makes the folder, and removes what an earlier demo has left in it.
    func prepare(_ services: [String]) throws(StartFailure) {
        guard mkdir(folder, 0o755) == 0 || errno == EEXIST else {
            throw StartFailure(.unavailable, "\(folder) cannot be made: \(String(cString: strerror(errno))); LOG_FOLDER names another one.")
        }
        for service in services { unlink(file(of: service)) }
    }

    /// The lines with the identifier of a trace, in the order of their times.
    func lines(of traceID: String, in services: [String]) -> [Line] {
        let lines = services.flatMap { service in
            (FileContent.read(file(of: service)) ?? []).split(separator: UInt8(ascii: "\n")).compactMap { bytes -> Line? in
                guard String(decoding: bytes, as: UTF8.self).contains(traceID), let json = try? JSONValue(parsing: Array(bytes)) else {
                    return nil
                }
                return Line(json: json)
            }
        }
        // Times are all of one length. Of lines of one millisecond those of a service stay in their order.
        return lines.sorted { ($0.json["time"]?.stringValue ?? "") < ($1.json["time"]?.stringValue ?? "") }
    }

    /// The lines of a trace once each server span has one; nil when they do not come.
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

/// Reads files whole.
enum FileContent {
    static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return content }
            content += buffer[..<count]
        }
    }
}
