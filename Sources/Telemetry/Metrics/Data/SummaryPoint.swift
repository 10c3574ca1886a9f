// Points that metric producers make, and the SDK does not.

/// Quantiles of one series that another library has computed.
///
/// (Specification: metrics data model, "Summary".)
public struct SummaryPoint: Sendable {
    /// The value that a share of all values, from 0 to 1, does not exceed.
    public struct Quantile: Sendable, Hashable {
        public let share: Double
        public let value: Double

        public init(_ share: Double, value: Double) {
            self.share = share
            self.value = value
        }
    }

    let series: Series
    public let startTime: Timestamp
    public let time: Timestamp
    public let count: UInt64
    public let sum: Double
    public let quantiles: [Quantile]

    public init(
        attributes: Attributes = [:], startTime: Timestamp, time: Timestamp, count: UInt64, sum: Double, quantiles: [Quantile]
    ) {
        series = Series(attributes)
        self.startTime = startTime
        self.time = time
        self.count = count
        self.sum = sum
        self.quantiles = quantiles
    }

    public var attributes: Attributes { series.attributes }
}
