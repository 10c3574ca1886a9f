// Turns the events of Sentry's reporters into log records, so that they are kept, searched and shown as all others.

import ExampleSupport
import Telemetry

/// An event or feedback as a request of OTLP.
struct SentryEvent: Sendable {
    private static let maximumAttributes = 200
    private static let maximumText = 16_384
    /// The year 2223; nanoseconds since 1970 end in 2554.
    private static let maximumMilliseconds: Int64 = 8_000_000_000_000

    private let service: String
    private var resource: [JSONObject.Member] = []
    private var attributes: [JSONObject.Member] = []
    private var body = ""
    private var severity = 17
    private var event = ""
    private var time: UInt64
    private var traceID = ""
    private var spanID = ""

    /// Reads an event; nil if it has nothing that could be shown.
    ///
    /// - Parameters:
    ///   - project: the number in the address, which names the service of an event that does not.
    ///   - id: the identifier in the envelope.
    init?(_ value: JSONValue, project: String, id: String, now: UInt64) {
        guard case .object = value else { return nil }
        let tags = Self.tags(value["tags"])
        let named = tags.first { $0.key == "service.name" || $0.key == "service" }?.value.stringValue
        service = named ?? "project-\(project)"
        time = Self.time(value["timestamp"]) ?? now
        severity = Self.severity(value["level"]?.stringValue ?? "error")
        add("service.version", value["release"], to: &resource)
        add("deployment.environment.name", value["environment"], to: &resource)
        add("host.name", value["server_name"], to: &resource)
        add("telemetry.sdk.name", value["sdk"]?["name"], to: &resource)
        // Feedback names events without dashes too.
        let eventID = (value["event_id"]?.stringValue ?? id).filter { $0 != "-" }
        attributes.append(.init(key: ErrorReader.Names.eventID, value: .string(eventID)))
        takeException(value)
        takeMessage(value)
        guard attributes.count > 1 || !body.isEmpty else { return nil }
        takeRest(value, tags)
    }

    /// Makes feedback about an event.
    init(feedback message: String, name: String, email: String, of eventID: String, project: String, now: UInt64) {
        service = "project-\(project)"
        time = now
        (body, event, severity) = (message, ErrorReader.Names.feedback, 9)
        attributes = [
            .init(key: ErrorReader.Names.eventID, value: .string(eventID)),
            .init(key: ErrorReader.Names.feedbackName, value: .string(name)),
            .init(key: ErrorReader.Names.feedbackEmail, value: .string(email)),
        ]
    }

    /// The protobuf bytes of a request with the record.
    var request: [UInt8] {
        var record: [JSONObject.Member] = [
            .init(key: "timeUnixNano", value: .string(String(time))), .init(key: "severityNumber", value: .integer(Int64(severity))),
            .init(key: "body", value: ["stringValue": .string(body)]), .init(key: "attributes", value: Self.list(attributes)),
        ]
        if !event.isEmpty { record.append(.init(key: "eventName", value: .string(event))) }
        if Self.isHexadecimal(traceID, 32), Self.isHexadecimal(spanID, 16) {
            record += [.init(key: "traceId", value: .string(traceID)), .init(key: "spanId", value: .string(spanID))]
        }
        let named: [JSONObject.Member] = [.init(key: "service.name", value: .string(service))]
        let document: JSONValue = [
            "resourceLogs": [
                [
                    "resource": ["attributes": Self.list(named + resource)],
                    "scopeLogs": [["scope": ["name": "sentry"], "logRecords": [.object(JSONObject(record))]]],
                ]
            ]
        ]
        return (try? OTLPReceivedRequest.protobuf(ofJSON: document.bytes, .logs, maximumBytes: .max)) ?? []
    }

    private static func list(_ members: [JSONObject.Member]) -> JSONValue {
        .array(members.prefix(maximumAttributes).map { ["key": .string($0.key), "value": ["stringValue": .string(text($0.value))]] })
    }

    private static func isHexadecimal(_ text: String, _ count: Int) -> Bool {
        text.utf8.count == count && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0 | 0x20) }
    }

    // MARK: Parts of an event

    private mutating func takeException(_ value: JSONValue) {
        // Of a chain of exceptions the last one is what was raised in the end.
        let chain = value["exception"]?["values"]?.arrayValue ?? value["exception"]?.arrayValue ?? []
        guard let last = chain.last else { return }
        let module = last["module"]?.stringValue ?? ""
        let type = last["type"]?.stringValue ?? "Error"
        add("exception.type", .string(module.isEmpty || module == "builtins" ? type : "\(module).\(type)"), to: &attributes)
        body = Self.text(last["value"] ?? "")
        add("exception.message", .string(body), to: &attributes)
        let frames = last["stacktrace"]?["frames"]?.arrayValue ?? []
        if !frames.isEmpty { add("exception.stacktrace", .string(Self.stack(frames)), to: &attributes) }
        if let handled = last["mechanism"]?["handled"], case .bool = handled { add(ErrorReader.Names.handled, handled, to: &attributes) }
        if chain.count > 1 {
            let causes = chain.dropLast().map { "\($0["type"]?.stringValue ?? ""): \(Self.text($0["value"] ?? ""))" }
            add("exception.causes", .string(causes.reversed().joined(separator: "\n")), to: &attributes)
        }
    }

    /// Writes frames as Python does, the newest call last, which is the order in which they come.
    private static func stack(_ frames: [JSONValue]) -> String {
        frames.suffix(100).map { frame in
            let file = frame["filename"]?.stringValue ?? frame["abs_path"]?.stringValue ?? frame["module"]?.stringValue ?? "unknown"
            let line = frame["lineno"]?.integerValue.map { ", line \($0)" } ?? ""
            let code = frame["context_line"]?.stringValue.map { "\n    " + $0.drop { $0.isWhitespace } } ?? ""
            return "  File \"\(file)\"\(line), in \(frame["function"]?.stringValue ?? "?")\(code)"
        }.joined(separator: "\n")
    }

    private mutating func takeMessage(_ value: JSONValue) {
        let entry = value["logentry"] ?? value["message"]
        let message = entry?["formatted"]?.stringValue ?? entry?["message"]?.stringValue ?? entry?.stringValue ?? ""
        guard body.isEmpty, !message.isEmpty else { return }
        body = Self.text(.string(message))
        // A message without an exception is grouped like one.
        if !attributes.contains(where: { $0.key == "exception.type" }) {
            add("exception.type", .string(value["logger"]?.stringValue ?? "message"), to: &attributes)
        }
        add("exception.message", .string(entry?["message"]?.stringValue ?? body), to: &attributes)
    }

    private mutating func takeRest(_ value: JSONValue, _ tags: [JSONObject.Member]) {
        add("transaction", value["transaction"], to: &attributes)
        add("logger", value["logger"], to: &attributes)
        add("platform", value["platform"], to: &attributes)
        if let parts = value["fingerprint"]?.arrayValue, !parts.isEmpty, parts != ["{{ default }}"] {
            add(ErrorReader.Names.fingerprint, .string(parts.map(Self.text).joined(separator: " ")), to: &attributes)
        }
        for name in ["id", "email", "username", "ip_address"] {
            add(
                name == "username" ? "user.name" : name == "ip_address" ? "client.address" : "user.\(name)", value["user"]?[name],
                to: &attributes)
        }
        for tag in tags { add("tag.\(tag.key)", tag.value, to: &attributes) }
        if case .object(let contexts)? = value["contexts"] {
            traceID = contexts["trace"]?["trace_id"]?.stringValue ?? ""
            spanID = contexts["trace"]?["span_id"]?.stringValue ?? ""
            for context in contexts.members where context.key != "trace" {
                guard case .object(let object) = context.value else { continue }
                for member in object.members where member.key != "type" {
                    add("context.\(context.key).\(member.key)", member.value, to: &attributes)
                }
            }
        }
        if case .object(let extra)? = value["extra"] { for one in extra.members { add("extra.\(one.key)", one.value, to: &attributes) } }
        let crumbs = value["breadcrumbs"]?["values"]?.arrayValue ?? value["breadcrumbs"]?.arrayValue ?? []
        if !crumbs.isEmpty {
            let lines = crumbs.suffix(20).map { "\($0["category"]?.stringValue ?? ""): \(Self.text($0["message"] ?? $0["data"] ?? ""))" }
            add("breadcrumbs", .string(lines.joined(separator: "\n")), to: &attributes)
        }
    }

    private func add(_ key: String, _ value: JSONValue?, to members: inout [JSONObject.Member]) {
        guard let value, value != .null, value != "", members.count < Self.maximumAttributes else { return }
        members.append(.init(key: String(key.prefix(256)), value: value))
    }

    private static func tags(_ value: JSONValue?) -> [JSONObject.Member] {
        switch value {
        case .object(let object): object.members
        case .array(let pairs): pairs.compactMap { pair in pair[0]?.stringValue.map { .init(key: $0, value: pair[1] ?? .null) } }
        default: []
        }
    }

    private static func text(_ value: JSONValue) -> String {
        let text = value.stringValue ?? value.description
        return text.utf8.count <= maximumText ? text : String(decoding: text.utf8.prefix(maximumText), as: UTF8.self) + "…"
    }

    private static func time(_ value: JSONValue?) -> UInt64? {
        switch value {
        case .integer(let seconds): seconds > 0 && seconds < 1 << 33 ? UInt64(seconds) * 1_000_000_000 : nil
        case .number(let seconds): seconds > 0 && seconds < 8e9 ? UInt64(seconds * 1_000_000) * 1_000 : nil
        case .string(let text):
            // Reporters leave the zone out now and then.
            (RFC3339.milliseconds(text) ?? RFC3339.milliseconds(text + "Z"))
                .flatMap { $0 > maximumMilliseconds ? nil : UInt64(max(0, $0)) * 1_000_000 }
        default: nil
        }
    }

    private static func severity(_ level: String) -> Int {
        switch level {
        case "fatal", "critical": 21
        case "warning": 13
        case "info", "log": 9
        case "debug": 5
        default: 17
        }
    }
}
