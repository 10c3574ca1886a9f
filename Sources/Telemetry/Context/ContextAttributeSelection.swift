// Selects which attributes of a context an item of telemetry gets.

/// The attributes of a context that the items of a signal get, of those added with ``Context/with(attributes:)``.
///
/// An attribute that the item has itself is kept. (Specification: OTEP 4931, context-scoped attributes.)
public enum ContextAttributeSelection: Sendable, Hashable {
    /// All attributes of the context.
    case all
    /// The attributes of the context with these keys.
    case only([String])
    /// No attributes of the context.
    case none

    /// Returns the selected attributes; nil if there are none.
    func attributes(of extras: ContextExtras) -> Attributes? {
        guard !extras.attributes.hasNoEntries else { return nil }
        switch self {
        case .all: return extras.attributes
        case .none: return nil
        case .only(let keys):
            let selected = extras.attributes.filter { attribute in keys.contains { $0.hasSameBytes(as: attribute.key) } }
            return selected.isEmpty ? nil : Attributes(selected)
        }
    }
}

extension Attributes {
    /// Returns these attributes and those of a context whose keys they do not have.
    func adding(_ common: Attributes) -> Attributes {
        var joined = self
        for (key, value) in common where joined[key] == nil { joined[key] = value }
        return joined
    }
}
