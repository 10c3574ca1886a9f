// One call of `observe`, as callbacks hand it to the streams of an instrument.

/// One number that a callback observed.
struct Observation: Sendable {
    let number: MetricNumber
    let attributes: Attributes
}
