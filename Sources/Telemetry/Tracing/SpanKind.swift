// The kinds of spans.

/// The role of a span in a trace. (Specification: trace API, "SpanKind"; the raw values are OTLP's.)
public enum SpanKind: UInt8, Sendable, Hashable, CaseIterable {
    case `internal` = 1
    case server = 2
    case client = 3
    case producer = 4
    case consumer = 5
}
