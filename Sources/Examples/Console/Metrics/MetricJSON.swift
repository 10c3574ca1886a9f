// Attributes of exemplars as OTLP/JSON.

import Telemetry

enum MetricJSON {
    /// Levels of values in values that are written.
    private static let maximumDepth = 16

    static func attributes(_ attributes: Attributes, to writer: inout JSONWriter) {
        writer.beginArray()
        for (key, value) in attributes { member(key, value, depth: 0, to: &writer) }
        writer.endArray()
    }

    private static func member(_ key: String, _ value: AttributeValue, depth: Int, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("key")
        writer.value(text: key)
        writer.key("value")
        self.value(value, depth: depth, to: &writer)
        writer.endObject()
    }

    private static func value(_ value: AttributeValue, depth: Int, to writer: inout JSONWriter) {
        writer.beginObject()
        switch value {
        case .string(let text):
            writer.key("stringValue")
            writer.value(text: text)
        case .bool(let truth):
            writer.key("boolValue")
            writer.value(truth)
        case .int(let number):
            writer.key("intValue")
            writer.value(number, isQuoted: true)
        case .double(let number):
            writer.key("doubleValue")
            writer.value(number)
        case .bytes(let bytes):
            writer.key("bytesValue")
            bytes.withUnsafeBytes { writer.value(base64: $0) }
        case .array(let values):
            writer.key("arrayValue")
            writer.beginObject()
            writer.key("values")
            writer.beginArray()
            if depth < maximumDepth { for element in values { self.value(element, depth: depth + 1, to: &writer) } }
            writer.endArray()
            writer.endObject()
        case .map(let entries):
            writer.key("kvlistValue")
            writer.beginObject()
            writer.key("values")
            writer.beginArray()
            if depth < maximumDepth {
                for (key, element) in entries.sorted(by: { $0.key < $1.key }) { member(key, element, depth: depth + 1, to: &writer) }
            }
            writer.endArray()
            writer.endObject()
        case .empty: break
        }
        writer.endObject()
    }
}
