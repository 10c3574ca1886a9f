// The notations of the text formats for floating-point numbers.

/// The notation for whole floating-point numbers.
enum PrometheusNumberStyle {
    /// `5`, as in Go.
    case bare
    /// `5.0`, since OpenMetrics reads a number without a point as an integer.
    case pointed
}
