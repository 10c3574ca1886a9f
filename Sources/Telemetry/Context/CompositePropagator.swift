// Several formats of propagation at once.

/// Several propagators, one after the other.
public struct CompositePropagator: Propagator {
    private let propagators: [any Propagator]

    public init(_ propagators: [any Propagator]) {
        self.propagators = propagators
    }

    /// The names of all propagators, without repetitions.
    public var fields: [String] {
        propagators.reduce(into: []) { names, propagator in
            for name in propagator.fields where !names.contains(name) { names.append(name) }
        }
    }

    public func inject<Setter: CarrierSetter>(_ context: Context, into carrier: inout Setter.Carrier, using setter: Setter) {
        for propagator in propagators { propagator.inject(context, into: &carrier, using: setter) }
    }

    public func extract<Getter: CarrierGetter>(from carrier: Getter.Carrier, into context: Context, using getter: Getter) -> Context {
        var context = context
        for propagator in propagators { context = propagator.extract(from: carrier, into: context, using: getter) }
        return context
    }
}

extension Propagator where Self == CompositePropagator {
    /// Several propagators, one after the other.
    public static func composite(_ propagators: [any Propagator]) -> Self { CompositePropagator(propagators) }
}
