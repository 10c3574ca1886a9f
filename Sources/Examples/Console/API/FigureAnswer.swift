// The JSON of services and of the map.

import Telemetry

/// Writes the figures of calls.
enum FigureAnswer {
    static func services(_ figures: ServiceFigures) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("services")
        writer.beginArray()
        for service in figures.services {
            writer.beginObject()
            writer.member("name", service.name)
            writer.member("spans", service.spans)
            writer.member("lastSeen", quoted: service.lastSeen)
            write(service.figures, figures.seconds, to: &writer)
            writer.key("routes")
            writer.beginArray()
            for route in service.routes.sorted(by: { ($1.figures.calls, $0.name) < ($0.figures.calls, $1.name) }) {
                writer.beginObject()
                writer.member("name", route.name)
                writer.member("kind", Int(route.kind))
                writer.member("spans", route.figures.calls)
                write(route.figures, figures.seconds, to: &writer)
                writer.endObject()
            }
            writer.endArray()
            if let steps = figures.steps { write(service.history, steps, to: &writer) }
            writer.endObject()
        }
        writer.endArray()
        if let steps = figures.steps {
            writer.member("start", quoted: steps.start)
            writer.member("step", quoted: steps.length)
        }
        writer.member("isPartial", figures.isPartial)
        writer.endObject()
        return writer.bytes
    }

    /// Writes the figures of steps; null for one without calls.
    private static func write(_ history: [CallFigures], _ steps: ServiceFigures.Steps, to writer: inout JSONWriter) {
        writer.key("history")
        writer.beginArray()
        for figures in history {
            guard figures.calls > 0 else {
                writer.null()
                continue
            }
            writer.beginObject()
            write(figures, steps.seconds, to: &writer)
            writer.endObject()
        }
        writer.endArray()
    }

    static func map(_ map: ServiceMap) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("nodes")
        writer.beginArray()
        for node in map.nodes {
            writer.beginObject()
            writer.member("name", node.name)
            writer.member("kind", node.kind.rawValue)
            writer.member("spans", node.figures.calls)
            write(node.figures, map.seconds, to: &writer)
            writer.endObject()
        }
        writer.endArray()
        writer.key("edges")
        writer.beginArray()
        for edge in map.edges {
            writer.beginObject()
            writer.member("from", map.nodes[edge.from].name)
            writer.member("to", map.nodes[edge.to].name)
            writer.member("calls", edge.figures.calls)
            write(edge.figures, map.seconds, to: &writer)
            writer.endObject()
        }
        writer.endArray()
        writer.member("isPartial", map.isPartial)
        writer.endObject()
        return writer.bytes
    }

    static func write(_ figures: CallFigures, _ seconds: Double, to writer: inout JSONWriter) {
        writer.member("errors", figures.errors)
        writer.member("rate", figures.calls / seconds)
        writer.member("errorRate", figures.errorRate)
        writer.member("p50", quoted: figures.durations.percentile(0.5))
        writer.member("p95", quoted: figures.durations.percentile(0.95))
        writer.member("p99", quoted: figures.durations.percentile(0.99))
    }
}
