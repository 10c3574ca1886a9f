// The limits of a receiver of OTLP.

/// The limits of what a receiver keeps of an item, a resource or a scope.
package struct OTLPReceiveLimits: Sendable {
    /// Bytes of a text that are kept; a longer text is truncated, and its end says so.
    package var textBytes = 16 << 10
    /// Levels of values in values that are kept; a deeper value is replaced by a text that says so.
    package var valueDepth = 100
    /// Attributes, events, links, points and elements of values that are kept.
    package var elements = 4_096
    /// Bytes of an item after which no more elements are kept.
    package var bytes = 256 << 10

    package init() {}

    /// The limits for metrics, whose items hold the points of all their series.
    package static var metrics: OTLPReceiveLimits {
        var limits = OTLPReceiveLimits()
        limits.elements = 65_536
        limits.bytes = 1 << 20
        return limits
    }

    /// The limits for a resource or scope, which many items share.
    var shared: OTLPReceiveLimits {
        var limits = self
        limits.elements = 1_024
        limits.bytes = 32 << 10
        return limits
    }
}
