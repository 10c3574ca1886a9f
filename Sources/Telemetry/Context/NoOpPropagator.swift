// The propagator where none is configured.

/// Writes and reads nothing.
public struct NoOpPropagator: Propagator {
    public init() {}

    public var fields: [String] { [] }

    public func inject<Setter: CarrierSetter>(_ context: Context, into carrier: inout Setter.Carrier, using setter: Setter) {}

    public func extract<Getter: CarrierGetter>(from carrier: Getter.Carrier, into context: Context, using getter: Getter) -> Context {
        context
    }
}

extension Propagator where Self == NoOpPropagator {
    /// Writes and reads nothing.
    public static var noOp: Self { NoOpPropagator() }
}
