// The root of the metric names that the semantic conventions define.

/// The names of metrics that the semantic conventions 1.44 define: `SemanticMetrics.Process.uptime` is `"process.uptime"`.
///
/// ```swift
/// let processing = meter.histogram(SemanticMetrics.Messaging.processDuration, unit: "s")
/// ```
///
/// A metric in development may be renamed by a later version of the conventions, and its constant with it.
public enum SemanticMetrics {}
