// The cost of extracting and injecting the context.

import Telemetry

enum PropagationRows {
    /// A carrier of two headers.
    private struct Headers: CarrierReader, CarrierWriter {
        var traceparent: String?
        var tracestate: String?

        var names: [String] { ["traceparent", "tracestate"] }

        func value(for name: String) -> String? {
            switch name {
            case "traceparent": traceparent
            case "tracestate": tracestate
            default: nil
            }
        }

        mutating func setValue(_ value: String, for name: String) {
            if name == "traceparent" { traceparent = value } else { tracestate = value }
        }
    }

    private static let propagator = W3CTraceContextPropagator()
    private static let incoming = Headers(
        traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        tracestate: "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE")

    static func extract(calls: Int) {
        let (propagator, incoming) = (propagator, incoming)
        for _ in 0..<calls { keep(propagator.extract(from: incoming, into: .root)) }
    }

    static func inject(calls: Int) {
        let propagator = propagator
        let context = propagator.extract(from: incoming, into: .root)
        for _ in 0..<calls {
            var outgoing = Headers()
            propagator.inject(context, into: &outgoing)
            keep(outgoing)
        }
    }

    static func measure(_ floors: Floors) -> [Row] {
        let extract = Measurement.best(threads: 1, between: {}, { Self.extract(calls: $0) })
        let inject = Measurement.best(threads: 1, between: {}, { Self.inject(calls: $0) })
        return [
            Row(
                name: "traceparent and tracestate: extract", value: extract.nanoseconds, floor: floors.clock,
                allocations: extract.allocations, budget: 4),
            Row(
                name: "traceparent and tracestate: inject", value: inject.nanoseconds, floor: floors.clock, allocations: inject.allocations,
                budget: 3),
        ]
    }
}
