// From the observers of callbacks to the streams of their instruments.

/// A number that a callback observed, with its attributes.
struct Observation: Sendable {
    let number: MetricNumber
    let attributes: Attributes
}
