// A trace as OTLP/JSON, for other programs.

import ExampleSupport
import Telemetry

/// Writes the spans of a trace as the OTLP request that they could have come in.
enum TraceDownload {
    /// Returns the trace in OTLP/JSON; spans that cannot be written, since they are nested too deep, are left out and counted.
    static func json(_ trace: TraceSpans, maximumBytes: Int) throws(APIError) -> [UInt8] {
        var json = OTLPJSON()
        do throws(OTLPJSON.Failure) {
            try json.write(.tracesData, protobuf(trace), maximumBytes: maximumBytes)
        } catch {
            switch error {
            case .tooLarge: throw APIError(status: 413, message: "The trace is larger than \(maximumBytes) bytes in OTLP/JSON.")
            case .unreadable(let reason):
                throw APIError(status: 422, message: "The trace cannot be written in OTLP/JSON: \(reason).")
            }
        }
        return json.text
    }

    /// Returns the trace in protobuf: the spans as they came, in their scopes and resources.
    static func protobuf(_ trace: TraceSpans) -> [UInt8] {
        // Spans stay in the order of their scopes, and scopes in that of their resources, as they were received.
        let ordered = trace.places.sorted { left, right in
            (left.block, origin(trace, left).resource, origin(trace, left).scope)
                < (right.block, origin(trace, right).resource, origin(trace, right).scope)
        }
        var writer = NestedWireWriter()
        var rest = ordered[...]
        while let first = rest.first {
            let block = trace.blocks[first.block]
            let resourceNumber = origin(trace, first).resource
            let resource = block.origins.resources[Int(resourceNumber)]
            let resourceMark = writer.begin(OTLPSchema.AnySignal.resources.number)
            write(resource.bytes, OTLPSchema.AnySignal.resource.number, to: &writer)
            while let next = rest.first, next.block == first.block, origin(trace, next).resource == resourceNumber {
                let scopeNumber = origin(trace, next).scope
                let scope = block.origins.scopes[Int(scopeNumber)]
                let scopeMark = writer.begin(OTLPSchema.AnySignal.scopes.number)
                write(scope.bytes, OTLPSchema.AnySignal.scope.number, to: &writer)
                while let span = rest.first, span.block == first.block, origin(trace, span).scope == scopeNumber {
                    let mark = writer.begin(OTLPSchema.AnySignal.items.number)
                    block.withMessage(span.row) { writer.append($0) }
                    writer.end(mark)
                    rest.removeFirst()
                }
                write(Array(scope.schemaURL.utf8), OTLPSchema.AnySignal.scopeSchemaURL.number, to: &writer)
                writer.end(scopeMark)
            }
            write(Array(resource.schemaURL.utf8), OTLPSchema.AnySignal.resourceSchemaURL.number, to: &writer)
            writer.end(resourceMark)
        }
        return writer.bytes
    }

    private static func origin(_ trace: TraceSpans, _ place: TraceSpans.Place) -> (resource: UInt32, scope: UInt32) {
        let block = trace.blocks[place.block]
        let scope = block.places.scope[place.row]
        return (block.origins.scopes[Int(scope)].resource, scope)
    }

    private static func write(_ bytes: [UInt8], _ field: Int, to writer: inout NestedWireWriter) {
        guard !bytes.isEmpty else { return }
        let mark = writer.begin(field)
        writer.append(bytes)
        writer.end(mark)
    }
}
