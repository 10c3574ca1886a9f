// The limits of protobuf decoders that requests must keep.

/// What receivers of OTLP are certain to read.
enum ReceiverLimits {
    /// Messages in the outermost one, each in another, that protobuf's libraries for C++, Java, Python and Rust read by default: a request
    /// with more of them is refused whole. Their limit is 100, in which some that read JSON count the outermost message too.
    static let nestedMessages = 99
}
