// The propagators API.

/// Injects parts of the context into a carrier, and extracts them from one.
///
///     telemetry.propagator.inject(.current, into: &headers)
///     let context = telemetry.propagator.extract(from: headers)
///
/// (Specification: context propagators API, "TextMap Propagator".)
public protocol Propagator: Sendable {
    /// The names of the header fields that are written.
    var fields: [String] { get }

    /// Writes the values of the context into a carrier.
    func inject<Setter: CarrierSetter>(_ context: Context, into carrier: inout Setter.Carrier, using setter: Setter)

    /// Returns the context with the values of the carrier; the same context if the carrier holds no valid ones.
    func extract<Getter: CarrierGetter>(from carrier: Getter.Carrier, into context: Context, using getter: Getter) -> Context
}

extension Propagator {
    // Inlined, so that the carrier is specialized in the caller: looking up its type at run time took 40 to 50 ns of 220 to 320.

    /// Writes the values of the context into a carrier.
    @inlinable @inline(__always)
    public func inject<Carrier: CarrierWriter>(_ context: Context, into carrier: inout Carrier) {
        inject(context, into: &carrier, using: WriterSetter<Carrier>())
    }

    /// Returns the context with the values of the carrier; the same context if the carrier holds no valid ones.
    @inlinable @inline(__always)
    public func extract<Carrier: CarrierReader>(from carrier: Carrier, into context: Context = .current) -> Context {
        extract(from: carrier, into: context, using: ReaderGetter<Carrier>())
    }

    /// Returns the current context with the values of the carrier.
    public func extract<Getter: CarrierGetter>(from carrier: Getter.Carrier, using getter: Getter) -> Context {
        extract(from: carrier, into: .current, using: getter)
    }
}
