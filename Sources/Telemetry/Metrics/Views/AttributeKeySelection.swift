// The attribute keys that a view keeps or removes.

/// Which attributes of the measurements tell the series of a metric apart; the others are taken away.
public enum AttributeKeySelection: Sendable, Hashable {
    /// These alone are kept.
    case only([String])
    /// These are taken away.
    case except([String])
}
