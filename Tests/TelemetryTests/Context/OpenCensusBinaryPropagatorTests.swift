// The binary format of OpenCensus in `grpc-trace-bin`.

import Testing

@testable import Telemetry

struct OpenCensusBinaryPropagatorTests {
    /// The example of the format's description.
    private static let example: [UInt8] = [
        0, 0, 75, 249, 47, 53, 119, 179, 77, 166, 163, 206, 146, 157, 0, 14, 71, 54, 1, 52, 240, 103, 170, 11, 169, 2, 183, 2, 1,
    ]

    private let propagator = OpenCensusBinaryPropagator()

    private func extracted(_ bytes: [UInt8]) -> SpanContext { propagator.extract(from: bytes, into: .root).spanContext }

    @Test func exampleOfFormatRoundTrips() {
        let context = propagator.extract(from: Self.example, into: .root)
        #expect(context.spanContext.traceID.description == "4bf92f3577b34da6a3ce929d000e4736")
        #expect(context.spanContext.spanID.description == "34f067aa0ba902b7")
        #expect(context.spanContext.isSampled && context.spanContext.isRemote)
        #expect(propagator.inject(context) == Self.example)
        #expect(OpenCensusBinaryPropagator.metadataKey == "grpc-trace-bin")
    }

    @Test func onlySampledFlagIsKeptFromOptions() {
        #expect(extracted(Self.example.dropLast() + [0xfe]).flags == [])
        #expect(extracted(Self.example.dropLast() + [0xff]).flags == .sampled)
        let context = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3), flags: .random)
        #expect(propagator.inject(Context.root.with(spanContext: context))?.last == 0)
    }

    @Test func fieldsAreReadInAnyOrderWithOptionalOptions() {
        let (trace, span, options) = (Self.example[1..<18], Self.example[18..<27], Self.example[27...])
        #expect(extracted([0] + span + options + trace) == extracted(Self.example))
        #expect(extracted([0] + trace + span).isValid && !extracted([0] + trace + span).isSampled)
        #expect(!extracted([0] + trace + options).isValid && !extracted([0] + span + options).isValid)
    }

    @Test func readingEndsAtUnknownField() {
        #expect(extracted(Self.example + [3, 1, 2, 3]) == extracted(Self.example))
        #expect(extracted(Self.example + [200]) == extracted(Self.example))
        #expect(!extracted([0, 9] + Self.example.dropFirst()).isValid)
    }

    @Test func damagedBytesLeaveContextUnchanged() {
        let before = Context.root.with(spanContext: SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3)))
        for count in [0, 1, 2, 17, 18, 20, 26, 28] {
            #expect(propagator.extract(from: Self.example.prefix(count), into: before).node === before.node)
        }
        #expect(propagator.extract(from: [1] + Self.example.dropFirst(), into: before).node === before.node)
        #expect(propagator.extract(from: [UInt8](repeating: 0, count: 29), into: before).node === before.node)
        #expect(propagator.inject(.root) == nil)
    }

    @Test func randomBytesNeverTrapAndRoundTrip() {
        var random = SplitMix64(seed: 13)
        for _ in 0..<20_000 {
            let context = propagator.extract(from: random.damaged(Self.example), into: .root)
            guard let bytes = propagator.inject(context) else { continue }
            #expect(extracted(bytes) == context.spanContext)
        }
    }
}
