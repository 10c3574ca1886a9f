// How a view selects attributes.

/// Selects the attributes that identify the series of a metric; the others are removed.
public enum AttributeKeySelection: Sendable, Hashable {
    /// Keeps these keys and removes all others.
    case only([String])
    /// Removes these keys and keeps all others.
    case except([String])
    /// Keeps the keys that match a pattern and none of the excluded ones; `*` stands for any characters and `?` for one.
    case matching([String], excluding: [String] = [])
}
