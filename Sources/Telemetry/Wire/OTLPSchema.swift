// The one table of OTLP's fields: every writer and reader takes numbers, layouts and JSON names from here.

/// The fields of OTLP's messages, a namespace a message, in the words of the .proto files.
///
/// Each field is an inlined property, not a stored one, so that its tag and number are immediate operands on the hot path.
/// (opentelemetry-proto 1.11: common, resource, trace and logs; metrics stand in `OTLPSchema+Metrics.swift`.)
package enum OTLPSchema {
    // MARK: Requests

    /// The outline that the requests of all signals share; only the names in JSON differ, and here they are those of traces.
    package enum AnySignal {
        @inline(__always) package static var resources: OTLPField { TracesData.resourceSpans }
        @inline(__always) package static var resource: OTLPField { ResourceSpans.resource }
        @inline(__always) package static var scopes: OTLPField { ResourceSpans.scopeSpans }
        @inline(__always) package static var resourceSchemaURL: OTLPField { ResourceSpans.schemaURL }
        @inline(__always) package static var scope: OTLPField { ScopeSpans.scope }
        @inline(__always) package static var items: OTLPField { ScopeSpans.spans }
        @inline(__always) package static var scopeSchemaURL: OTLPField { ScopeSpans.schemaURL }
    }

    /// `TracesData`, and `ExportTraceServiceRequest` with the same field.
    enum TracesData {
        @inline(__always) static var resourceSpans: OTLPField { .repeated(1, .message(.resourceSpans), "resourceSpans") }

        static var fields: [OTLPField] { [resourceSpans] }
    }

    enum ResourceSpans {
        @inline(__always) static var resource: OTLPField { OTLPField(1, .message(.resource), "resource") }
        @inline(__always) static var scopeSpans: OTLPField { .repeated(2, .message(.scopeSpans), "scopeSpans") }
        @inline(__always) static var schemaURL: OTLPField { OTLPField(3, .string, "schemaUrl") }

        static var fields: [OTLPField] { [resource, scopeSpans, schemaURL] }
    }

    enum ScopeSpans {
        @inline(__always) static var scope: OTLPField { OTLPField(1, .message(.scope), "scope") }
        @inline(__always) static var spans: OTLPField { .repeated(2, .message(.span), "spans") }
        @inline(__always) static var schemaURL: OTLPField { OTLPField(3, .string, "schemaUrl") }

        static var fields: [OTLPField] { [scope, spans, schemaURL] }
    }

    /// `LogsData`, and `ExportLogsServiceRequest` with the same field.
    enum LogsData {
        @inline(__always) static var resourceLogs: OTLPField { .repeated(1, .message(.resourceLogs), "resourceLogs") }

        static var fields: [OTLPField] { [resourceLogs] }
    }

    enum ResourceLogs {
        @inline(__always) static var resource: OTLPField { OTLPField(1, .message(.resource), "resource") }
        @inline(__always) static var scopeLogs: OTLPField { .repeated(2, .message(.scopeLogs), "scopeLogs") }
        @inline(__always) static var schemaURL: OTLPField { OTLPField(3, .string, "schemaUrl") }

        static var fields: [OTLPField] { [resource, scopeLogs, schemaURL] }
    }

    enum ScopeLogs {
        @inline(__always) static var scope: OTLPField { OTLPField(1, .message(.scope), "scope") }
        @inline(__always) static var logRecords: OTLPField { .repeated(2, .message(.logRecord), "logRecords") }
        @inline(__always) static var schemaURL: OTLPField { OTLPField(3, .string, "schemaUrl") }

        static var fields: [OTLPField] { [scope, logRecords, schemaURL] }
    }

    // MARK: Resource and scope

    package enum Resource {
        @inline(__always) package static var attributes: OTLPField { .repeated(1, .message(.keyValue), "attributes") }
        @inline(__always) static var droppedAttributesCount: OTLPField { OTLPField(2, .uint32, "droppedAttributesCount") }
        @inline(__always) static var entityRefs: OTLPField { .repeated(3, .message(.entityReference), "entityRefs") }

        static var fields: [OTLPField] { [attributes, droppedAttributesCount, entityRefs] }
    }

    enum EntityRef {
        @inline(__always) static var schemaURL: OTLPField { OTLPField(1, .string, "schemaUrl") }
        @inline(__always) static var type: OTLPField { OTLPField(2, .string, "type") }
        @inline(__always) static var idKeys: OTLPField { .repeated(3, .string, "idKeys") }
        @inline(__always) static var descriptionKeys: OTLPField { .repeated(4, .string, "descriptionKeys") }

        static var fields: [OTLPField] { [schemaURL, type, idKeys, descriptionKeys] }
    }

    package enum InstrumentationScope {
        @inline(__always) package static var name: OTLPField { OTLPField(1, .string, "name") }
        @inline(__always) package static var version: OTLPField { OTLPField(2, .string, "version") }
        @inline(__always) package static var attributes: OTLPField { .repeated(3, .message(.keyValue), "attributes") }
        @inline(__always) static var droppedAttributesCount: OTLPField { OTLPField(4, .uint32, "droppedAttributesCount") }

        static var fields: [OTLPField] { [name, version, attributes, droppedAttributesCount] }
    }

    // MARK: Attributes

    enum KeyValue {
        @inline(__always) static var key: OTLPField { OTLPField(1, .string, "key") }
        @inline(__always) static var value: OTLPField { OTLPField(2, .message(.anyValue), "value") }

        static var fields: [OTLPField] { [key, value] }
    }

    package enum AnyValue {
        @inline(__always) package static var string: OTLPField { OTLPField(1, .string, "stringValue") }
        @inline(__always) static var bool: OTLPField { OTLPField(2, .bool, "boolValue") }
        @inline(__always) static var int: OTLPField { OTLPField(3, .int64, "intValue") }
        @inline(__always) static var double: OTLPField { OTLPField(4, .double, "doubleValue") }
        @inline(__always) static var array: OTLPField { OTLPField(5, .message(.arrayValue), "arrayValue") }
        @inline(__always) static var keyValueList: OTLPField { OTLPField(6, .message(.keyValueList), "kvlistValue") }
        @inline(__always) static var bytes: OTLPField { OTLPField(7, .bytes, "bytesValue") }

        static var fields: [OTLPField] { [string, bool, int, double, array, keyValueList, bytes] }
    }

    package enum ArrayValue {
        @inline(__always) package static var values: OTLPField { .repeated(1, .message(.anyValue), "values") }

        static var fields: [OTLPField] { [values] }
    }

    enum KeyValueList {
        @inline(__always) static var values: OTLPField { .repeated(1, .message(.keyValue), "values") }

        static var fields: [OTLPField] { [values] }
    }

    // MARK: Responses

    /// `ExportTraceServiceResponse` and its siblings.
    enum ExportResponse {
        @inline(__always) static var partialSuccess: OTLPField { OTLPField(1, .message(.partialSuccess), "partialSuccess") }

        static var fields: [OTLPField] { [partialSuccess] }
    }

    /// `ExportTracePartialSuccess` and its siblings, whose first fields differ by their names in JSON.
    enum PartialSuccess {
        @inline(__always) static var rejectedSpans: OTLPField { OTLPField(1, .int64, "rejectedSpans") }
        @inline(__always) static var rejectedDataPoints: OTLPField { OTLPField(1, .int64, "rejectedDataPoints") }
        @inline(__always) static var rejectedLogRecords: OTLPField { OTLPField(1, .int64, "rejectedLogRecords") }
        @inline(__always) static var errorMessage: OTLPField { OTLPField(2, .string, "errorMessage") }

        static var fields: [OTLPField] { [rejectedSpans, rejectedDataPoints, rejectedLogRecords, errorMessage] }
    }

    /// `google.rpc.Status`, the body of a response that is no success, and in gRPC its details.
    enum RPCStatus {
        @inline(__always) static var message: OTLPField { OTLPField(2, .string, "message") }
        @inline(__always) static var details: OTLPField { OTLPField(3, .bytes, "details") }
    }

    /// `google.protobuf.Any`, a detail of a status.
    enum AnyMessage {
        @inline(__always) static var typeURL: OTLPField { OTLPField(1, .string, "typeUrl") }
        @inline(__always) static var value: OTLPField { OTLPField(2, .bytes, "value") }
    }

    /// `google.rpc.RetryInfo`, and the `google.protobuf.Duration` in it.
    enum RetryInfo {
        @inline(__always) static var delay: OTLPField { OTLPField(1, .bytes, "retryDelay") }
        @inline(__always) static var seconds: OTLPField { OTLPField(1, .int64, "seconds") }
        @inline(__always) static var nanoseconds: OTLPField { OTLPField(2, .int64, "nanos") }
    }
}
