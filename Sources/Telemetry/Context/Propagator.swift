// Carries the context from one process to the next.

/// Writes parts of the context into a carrier, and reads them out of one.
///
///     telemetry.propagator.inject(.current, into: &headers)
///     let context = telemetry.propagator.extract(from: headers)
///
/// (Specification: context propagators API, "TextMap Propagator".)
public protocol Propagator: Sendable {
    /// The names of the header fields that are written.
    var fields: [String] { get }

    /// Writes what the context holds into a carrier.
    func inject<Setter: CarrierSetter>(_ context: Context, into carrier: inout Setter.Carrier, using setter: Setter)

    /// The context with what the carrier holds added to it; the same context where the carrier holds nothing valid.
    func extract<Getter: CarrierGetter>(from carrier: Getter.Carrier, into context: Context, using getter: Getter) -> Context
}

extension Propagator {
    // Inlined, so that the caller knows the carrier's type: to look it up at run time took 40 to 50 ns of 220 to 320.

    /// Writes what the context holds into a carrier.
    @inlinable @inline(__always)
    public func inject<Carrier: CarrierWriter>(_ context: Context, into carrier: inout Carrier) {
        inject(context, into: &carrier, using: WriterSetter<Carrier>())
    }

    /// The context with what the carrier holds added to it; the same context where the carrier holds nothing valid.
    @inlinable @inline(__always)
    public func extract<Carrier: CarrierReader>(from carrier: Carrier, into context: Context = .current) -> Context {
        extract(from: carrier, into: context, using: ReaderGetter<Carrier>())
    }

    /// The current context with what the carrier holds added to it.
    public func extract<Getter: CarrierGetter>(from carrier: Getter.Carrier, using getter: Getter) -> Context {
        extract(from: carrier, into: .current, using: getter)
    }
}

/// Several propagators, one after the other.
public struct CompositePropagator: Propagator {
    private let propagators: [any Propagator]

    public init(_ propagators: [any Propagator]) {
        self.propagators = propagators
    }

    /// The names that any of the propagators writes, each once.
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

/// Writes and reads nothing.
public struct NoOpPropagator: Propagator {
    public init() {}

    public var fields: [String] { [] }

    public func inject<Setter: CarrierSetter>(_ context: Context, into carrier: inout Setter.Carrier, using setter: Setter) {}

    public func extract<Getter: CarrierGetter>(from carrier: Getter.Carrier, into context: Context, using getter: Getter) -> Context {
        context
    }
}

extension Propagator where Self == CompositePropagator {
    /// Several propagators, one after the other.
    public static func composite(_ propagators: [any Propagator]) -> Self { CompositePropagator(propagators) }
}

extension Propagator where Self == NoOpPropagator {
    /// Writes and reads nothing.
    public static var noOp: Self { NoOpPropagator() }
}

/// The propagator that libraries use which were not handed one.
public enum Propagators {
    /// What ``global`` is until it is set.
    static let initial: any Propagator = NoOpPropagator()

    private static let state = Locked(initial)

    /// The propagator of the process; it does nothing until one is set.
    ///
    /// (Specification: context propagators API, "Global Propagators". A library that instruments others has no other way
    /// to find it.)
    public static var global: any Propagator {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
