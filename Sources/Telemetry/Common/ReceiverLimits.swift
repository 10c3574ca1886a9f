// The limits of protobuf decoders that requests must keep.

/// Limits within which every receiver of OTLP decodes a request.
enum ReceiverLimits {
    /// How deeply messages may be nested in the outermost one.
    ///
    /// The protobuf libraries for C++, Java, Python and Rust refuse a request beyond 100 by default; some that read JSON include the
    /// outermost message in that number.
    static let nestedMessages = 99
}
