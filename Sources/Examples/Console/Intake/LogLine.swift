// Reads a line of a log file, JSON or not.

import ExampleSupport
import Telemetry

/// A line of a log file as a log record of OTLP.
struct LogLine {
    /// The names that loggers of the field have for the parts of a record, in lower case.
    private static let timeKeys = ["time", "timestamp", "@timestamp", "ts", "datetime"]
    private static let levelKeys = ["level", "severity", "severity_text", "lvl", "loglevel", "log.level", "levelname"]
    private static let messageKeys = ["message", "msg", "body", "text"]
    private static let traceKeys = ["trace_id", "traceid", "trace.id", "dd.trace_id"]
    private static let spanKeys = ["span_id", "spanid", "span.id"]
    private static let serviceKeys = ["service", "service.name", "service_name"]

    private(set) var service: String?
    private var time: UInt64?
    private var severity = 0
    private var severityText = ""
    private var message: JSONValue?
    private var trace: TraceID?
    private var span: SpanID?
    private var attributes: [JSONObject.Member] = []

    init(_ line: [UInt8]) {
        guard let value = try? JSONValue(parsing: line), case .object(let object) = value else {
            message = .string(String(decoding: line, as: UTF8.self))
            return
        }
        for member in object.members where !take(member) { attributes.append(member) }
    }

    /// Takes a member that stands for a part of the record; returns false for an attribute.
    private mutating func take(_ member: JSONObject.Member) -> Bool {
        let key = member.key.lowercased()
        switch key {
        case _ where Self.timeKeys.contains(key) && time == nil:
            time = LogTime.nanoseconds(member.value)
            return time != nil
        case _ where Self.levelKeys.contains(key) && severityText.isEmpty:
            guard let text = member.value.stringValue else { return false }
            severityText = text
            severity = Self.severity(text)
        case _ where Self.messageKeys.contains(key) && message == nil: message = member.value
        case _ where Self.traceKeys.contains(key) && trace == nil:
            trace = member.value.stringValue.flatMap { TraceID(hexadecimal: $0) }
            return trace != nil
        case _ where Self.spanKeys.contains(key) && span == nil:
            span = member.value.stringValue.flatMap { SpanID(hexadecimal: $0) }
            return span != nil
        case _ where Self.serviceKeys.contains(key) && service == nil:
            service = member.value.stringValue
            return service != nil
        default: return false
        }
        return true
    }

    private static func severity(_ text: String) -> Int {
        switch text.lowercased() {
        case "trace": 1
        case "debug": 5
        case "info", "information", "notice": 9
        case "warn", "warning": 13
        case "error", "err": 17
        case "fatal", "critical", "panic", "alert", "emergency": 21
        default: 0
        }
    }

    /// Writes the record as an item of an OTLP request.
    func write(to writer: inout NestedWireWriter, observed: UInt64) {
        let mark = writer.begin(OTLPSchema.AnySignal.items.number)
        if let time { writer.field(1, fixed64: time) }
        if severity > 0 { writer.field(2, varint: UInt64(severity)) }
        if !severityText.isEmpty { Self.text(3, severityText, to: &writer) }
        if let message { Self.value(5, message, to: &writer) }
        for attribute in attributes { Self.keyValue(6, attribute, to: &writer) }
        if let trace { Self.bytes(9, trace.bytes, to: &writer) }
        if let span { Self.bytes(10, span.bytes, to: &writer) }
        writer.field(11, fixed64: observed)
        writer.end(mark)
    }

    static func text(_ field: Int, _ text: String, to writer: inout NestedWireWriter) {
        bytes(field, Array(text.utf8), to: &writer)
    }

    private static func bytes(_ field: Int, _ bytes: [UInt8], to writer: inout NestedWireWriter) {
        let mark = writer.begin(field)
        writer.append(bytes)
        writer.end(mark)
    }

    static func keyValue(_ field: Int, _ member: JSONObject.Member, to writer: inout NestedWireWriter) {
        let mark = writer.begin(field)
        text(1, member.key, to: &writer)
        value(2, member.value, to: &writer)
        writer.end(mark)
    }

    private static func value(_ field: Int, _ value: JSONValue, to writer: inout NestedWireWriter) {
        let mark = writer.begin(field)
        switch value {
        case .null: break
        case .string(let string): text(1, string, to: &writer)
        case .bool(let truth): writer.field(2, varint: truth ? 1 : 0)
        case .integer(let number): writer.field(3, varint: UInt64(bitPattern: number))
        case .number(let number): writer.field(4, fixed64: number.bitPattern)
        case .array(let elements):
            let list = writer.begin(5)
            for element in elements { Self.value(1, element, to: &writer) }
            writer.end(list)
        case .object(let object):
            let map = writer.begin(6)
            for member in object.members { keyValue(1, member, to: &writer) }
            writer.end(map)
        }
        writer.end(mark)
    }
}
