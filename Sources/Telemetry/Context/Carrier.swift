// What propagators read header fields from and write them to.

/// A carrier that propagators read from: the headers of a request, the attributes of a message.
///
/// Names of header fields must be compared without regard to case.
public protocol CarrierReader {
    /// The value for a name, the first one when there are several.
    func value(for name: String) -> String?

    /// The names of all values.
    var names: [String] { get }

    /// All values for a name, in order; ``value(for:)`` unless the carrier can have several.
    func values(for name: String) -> [String]

    /// Calls the closure with each of ``values(for:)``; a carrier that can do so without an array is read faster.
    func forEachValue(for name: String, _ body: (String) -> Void)
}

extension CarrierReader {
    public func values(for name: String) -> [String] {
        value(for: name).map { [$0] } ?? []
    }

    public func forEachValue(for name: String, _ body: (String) -> Void) {
        for value in values(for: name) { body(value) }
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

    /// All values for a name, in order; ``value(for:in:)`` unless the carrier can have several.
    func values(for name: String, in carrier: Carrier) -> [String]

    /// Calls the closure with each of ``values(for:in:)``; a carrier that can do so without an array is read faster.
    func forEachValue(for name: String, in carrier: Carrier, _ body: (String) -> Void)
}

extension CarrierGetter {
    public func values(for name: String, in carrier: Carrier) -> [String] {
        value(for: name, in: carrier).map { [$0] } ?? []
    }

    public func forEachValue(for name: String, in carrier: Carrier, _ body: (String) -> Void) {
        for value in values(for: name, in: carrier) { body(value) }
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
    func values(for name: String, in carrier: Carrier) -> [String] { carrier.values(for: name) }

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

    public func values(for name: String) -> [String] {
        if let value = self[name] { return [value] }
        // In the order of their spelling, so that the outcome does not change from run to run.
        return filter { HeaderGrammar.areSameName($0.key, name) }.sorted { $0.key < $1.key }.map(\.value)
    }

    public func forEachValue(for name: String, _ body: (String) -> Void) {
        if let value = self[name] { return body(value) }
        guard otherSpelling(of: name) != nil else { return }
        for value in values(for: name) { body(value) }
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
