// Independent or composable views.

/// Defines how several views of one instrument combine.
///
/// (Specification: metrics SDK, "View matching mode", in development.)
public enum ViewMatchingMode: Sendable, Hashable {
    /// Each view makes a metric of its own.
    case independent
    /// Views are combined: the last one that sets a property applies.
    ///
    /// An attribute is kept if all views keep it.
    ///
    /// Each name among the views makes one metric. Views without a name apply to all of these.
    case composable
}
