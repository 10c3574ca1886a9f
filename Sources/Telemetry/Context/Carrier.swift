// What propagators read header fields from and write them to.

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

/// A carrier that propagators write to.
public protocol CarrierWriter {
    /// Sets the value for a name, in place of all that it had.
    mutating func setValue(_ value: String, for name: String)
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

/// Writes a carrier of a foreign type. (Specification: context propagators API, "Setter argument".)
public protocol CarrierSetter<Carrier> {
    associatedtype Carrier

    /// Sets the value for a name, in place of all that it had.
    func setValue(_ value: String, for name: String, in carrier: inout Carrier)
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

/// Writes a carrier that can be written by itself.
@usableFromInline
struct WriterSetter<Carrier: CarrierWriter>: CarrierSetter {
    @inlinable
    init() {}

    @inlinable
    func setValue(_ value: String, for name: String, in carrier: inout Carrier) {
        carrier.setValue(value, for: name)
    }
}

/// A dictionary of headers; names are compared without regard to case.
extension Dictionary: CarrierReader where Key == String, Value == String {
    public func value(for name: String) -> String? {
        self[name] ?? otherSpelling(of: name).flatMap { _ in values(for: name).first }
    }

    public var names: [String] { Array(keys) }

    public func forEachValue(for name: String, _ body: (String) -> Void) {
        if let value = self[name] { return body(value) }
        guard otherSpelling(of: name) != nil else { return }
        // In the order of their spelling, so that the outcome does not change from run to run.
        for (_, value) in filter({ HeaderGrammar.areSameName($0.key, name) }).sorted(by: { $0.key < $1.key }) { body(value) }
    }

    private func otherSpelling(of name: String) -> String? {
        for (key, _) in self where key.utf8.count == name.utf8.count && key != name && HeaderGrammar.areSameName(key, name) {
            return key
        }
        return nil
    }
}

extension Dictionary: CarrierWriter where Key == String, Value == String {
    public mutating func setValue(_ value: String, for name: String) {
        guard updateValue(value, forKey: name) == nil else { return }
        // The same name may stand there in other letters, from a request that is passed on.
        while count > 1, let other = otherSpelling(of: name) { removeValue(forKey: other) }
    }
}
