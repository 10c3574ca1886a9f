// The carriers that propagators read header fields from.

/// A carrier that propagators read from: the headers of a request, the attributes of a message.
///
/// Names of header fields must be compared without regard to case.
public protocol CarrierReader {
    /// The value for a name, the first one when there are several.
    func value(for name: String) -> String?

    /// The names of all values.
    var names: [String] { get }

    /// Calls the closure with each value for a name, in order; to be written by carriers that can have several.
    ///
    /// (Specification: context propagators API, "GetAll".)
    func forEachValue(for name: String, _ body: (String) -> Void)
}

extension CarrierReader {
    @inlinable
    public func forEachValue(for name: String, _ body: (String) -> Void) {
        if let value = value(for: name) { body(value) }
    }

    /// All values for a name, in order.
    public func values(for name: String) -> [String] {
        var values: [String] = []
        forEachValue(for: name) { values.append($0) }
        return values
    }
}

/// Reads a carrier of a foreign type. (Specification: context propagators API, "Getter argument".)
public protocol CarrierGetter<Carrier> {
    associatedtype Carrier

    /// The value for a name, the first one when there are several.
    func value(for name: String, in carrier: Carrier) -> String?

    /// The names of all values.
    func names(in carrier: Carrier) -> [String]

    /// Calls the closure with each value for a name, in order; to be written for carriers that can have several.
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

/// Reads a carrier that can be read by itself.
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
