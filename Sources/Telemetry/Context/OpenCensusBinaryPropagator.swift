// Propagation to and from OpenCensus over gRPC.

/// Propagates the span context as bytes in the gRPC metadata `grpc-trace-bin`, as OpenCensus clients do.
///
///     if let bytes = propagator.inject(.current) { metadata.addBinary(bytes, forKey: OpenCensusBinaryPropagator.metadataKey) }
///     let context = propagator.extract(from: bytes)
///
/// It propagates no trace state, and of the flags only whether the trace is sampled. (OpenCensus, "Binary Format", "Trace Context".)
public struct OpenCensusBinaryPropagator: Sendable {
    /// The key under which gRPC metadata holds the bytes.
    public static let metadataKey = "grpc-trace-bin"

    private static let version: UInt8 = 0

    /// The numbers of the fields.
    private enum Field {
        static let traceID: UInt8 = 0
        static let spanID: UInt8 = 1
        static let options: UInt8 = 2
    }

    public init() {}

    /// Returns the 29 bytes for the span context; nil if it is invalid.
    public func inject(_ context: Context) -> [UInt8]? {
        let span = context.spanContext
        guard span.isValid else { return nil }
        return [Self.version, Field.traceID] + span.traceID.bytes + [Field.spanID] + span.spanID.bytes + [
            Field.options, span.isSampled ? 1 : 0,
        ]
    }

    /// Returns the context with the remote span context of the bytes; the same context if they hold no valid one.
    ///
    /// Fields are read in any order. Reading stops at an unknown field, whose length only later versions define.
    public func extract(from bytes: some Sequence<UInt8>, into context: Context = .current) -> Context {
        var rest = bytes.makeIterator()
        guard rest.next() == Self.version else { return context }
        var (high, low, span, options): (UInt64, UInt64, UInt64, UInt8) = (0, 0, 0, 0)
        reading: while let field = rest.next() {
            switch field {
            case Field.traceID:
                guard let first = Self.number(&rest), let last = Self.number(&rest) else { return context }
                (high, low) = (first, last)
            case Field.spanID:
                guard let number = Self.number(&rest) else { return context }
                span = number
            case Field.options:
                guard let byte = rest.next() else { return context }
                options = byte
            default: break reading
            }
        }
        let remote = SpanContext(
            traceID: TraceID(high: high, low: low), spanID: SpanID(span), flags: options & 1 == 1 ? .sampled : [], isRemote: true)
        return remote.isValid ? context.with(spanContext: remote) : context
    }

    /// Returns the next eight bytes as a big-endian number; nil if there are fewer.
    private static func number(_ bytes: inout some IteratorProtocol<UInt8>) -> UInt64? {
        var number: UInt64 = 0
        for _ in 0..<8 {
            guard let byte = bytes.next() else { return nil }
            number = number << 8 | UInt64(byte)
        }
        return number
    }
}
