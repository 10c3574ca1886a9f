// The carriers that propagators write header fields to.

/// A carrier that propagators write to.
public protocol CarrierWriter {
    /// Sets the value for a name, which replaces all previous ones.
    mutating func setValue(_ value: String, for name: String)
}

/// Writes a carrier of a foreign type. (Specification: context propagators API, "Setter argument".)
public protocol CarrierSetter<Carrier> {
    associatedtype Carrier

    /// Sets the value for a name, which replaces all previous ones.
    func setValue(_ value: String, for name: String, in carrier: inout Carrier)
}

/// The setter of a carrier that is a ``CarrierWriter``.
@usableFromInline
struct WriterSetter<Carrier: CarrierWriter>: CarrierSetter {
    @inlinable
    init() {}

    @inlinable
    func setValue(_ value: String, for name: String, in carrier: inout Carrier) {
        carrier.setValue(value, for: name)
    }
}
