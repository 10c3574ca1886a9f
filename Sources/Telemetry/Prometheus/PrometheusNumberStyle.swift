// The two ways in which formats write whole floating-point numbers.

/// How whole floating-point numbers are told from whole numbers.
enum PrometheusNumberStyle {
    /// `5`: as Go writes them.
    case bare
    /// `5.0`: in OpenMetrics a number without a point is a whole number.
    case pointed
}
