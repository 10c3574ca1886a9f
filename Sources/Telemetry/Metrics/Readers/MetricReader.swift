// The protocol that all readers conform to.

/// Collects the metrics of a provider, at intervals or when it is called.
///
/// A reader belongs to one provider. It has its own temporality, its own state and its own round of callbacks. (Specification: metrics SDK,
/// "MetricReader".)
public protocol MetricReader: Sendable {
    /// The options of the reader, read once when it is registered.
    var options: MetricReaderOptions { get }

    /// Called once, when the provider is made; from then on the reader can collect.
    func register(_ collector: MetricCollector)

    /// Exports all metrics, unless the deadline comes first; a pull reader has nothing to do.
    func forceFlush(deadline: Deadline) async -> FlushResult

    /// Exports all metrics, unless the deadline comes first, and shuts the reader down.
    func shutdown(deadline: Deadline) async -> FlushResult
}
