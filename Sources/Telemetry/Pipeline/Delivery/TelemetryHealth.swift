// The health of a telemetry system.

/// How telemetry itself is doing.
public struct TelemetryHealth: Sendable, Hashable {
    /// One element for each destination of each processor and each metric reader that exports.
    public let pipelines: [PipelineHealth]
    /// Measurements that were dropped: below zero, where an instrument takes no such numbers.
    public let negativeMeasurements: UInt64
    /// Measurements that were dropped: infinite, or not a number.
    public let nonFiniteMeasurements: UInt64
}
