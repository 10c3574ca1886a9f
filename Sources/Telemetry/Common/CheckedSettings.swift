// The check of settings given in code when telemetry starts.

/// Settings given in code, or an object that has some, any of which may be unusable.
///
/// A value may come from the configuration of a user, so that an initializer takes each and never traps. The start of telemetry throws
/// the problem; whatever is computed before that, or without a start, uses the nearest valid value.
protocol CheckedSettings {
    /// The setting that cannot be used, of this value or of one that it contains; nil if all can be used.
    var problem: ConfigurationError? { get }
}

extension Sequence {
    /// The problem of the first element that has one.
    var firstProblem: ConfigurationError? { lazy.compactMap { ($0 as? any CheckedSettings)?.problem }.first }
}
