// The carriers that propagators read header fields from.

/// A carrier that propagators read from: the headers of a request, the attributes of a message.
///
/// Names of header fields must be compared without regard to case.
public protocol CarrierReader {
    /// Returns the value for a name, or the first of several; nil if there is none.
    func value(for name: String) -> String?

    /// The names of all values.
    var names: [String] { get }

    /// Calls the closure with each value for a name, in order; implemented by carriers that can have several.
    ///
    /// (Specification: context propagators API, "GetAll".)
    func forEachValue(for name: String, _ body: (String) -> Void)
}

extension CarrierReader {
    @inlinable
    public func forEachValue(for name: String, _ body: (String) -> Void) {
        if let value = value(for: name) { body(value) }
    }

    /// Returns all values for a name, in order.
    public func values(for name: String) -> [String] {
        var values: [String] = []
        forEachValue(for: name) { values.append($0) }
        return values
    }
}

/// Reads a carrier of a foreign type. (Specification: context propagators API, "Getter argument".)
public protocol CarrierGetter<Carrier> {
    associatedtype Carrier

    /// Returns the value for a name, or the first of several; nil if there is none.
    func value(for name: String, in carrier: Carrier) -> String?

    /// The names of all values.
    func names(in carrier: Carrier) -> [String]

    /// Calls the closure with each value for a name, in order; implemented for carriers that can have several.
    ///
    /// (Specification: context propagators API, "GetAll".)
    func forEachValue(for name: String, in carrier: Carrier, _ body: (String) -> Void)
}

extension CarrierGetter {
    @inlinable
    public func forEachValue(for name: String, in carrier: Carrier, _ body: (String) -> Void) {
        if let value = value(for: name, in: carrier) { body(value) }
    }
}

/// The getter of a carrier that is a ``CarrierReader``.
@usableFromInline
struct ReaderGetter<Carrier: CarrierReader>: CarrierGetter {
    @inlinable
    init() {}

    @inlinable
    func value(for name: String, in carrier: Carrier) -> String? { carrier.value(for: name) }

    @inlinable
    func names(in carrier: Carrier) -> [String] { carrier.names }

    @inlinable
    func forEachValue(for name: String, in carrier: Carrier, _ body: (String) -> Void) {
        carrier.forEachValue(for: name, body)
    }
}
