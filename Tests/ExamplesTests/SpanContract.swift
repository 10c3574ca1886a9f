// Compares a span with the public contract of a service.

import Telemetry

/// The parts of a request's span that the contract fixes.
struct SpanContract: Sendable, Equatable {
    var name: String
    var status: SpanStatus
    /// The attributes whose keys begin with a service's name, which handlers set.
    var attributes: [String: AttributeValue] = [:]
    var events: [String] = []

    init(name: String, status: SpanStatus, attributes: [String: AttributeValue] = [:], events: [String] = []) {
        self.name = name
        self.status = status
        self.attributes = attributes
        self.events = events
    }

    init(_ span: ReadableSpan) {
        name = span.name
        status = span.status
        for (key, value) in span.attributes where key.hasPrefix("album-store.") || key.hasPrefix("proxy-service.") {
            attributes[key] = value
        }
        events = span.events.map(\.name)
    }
}
