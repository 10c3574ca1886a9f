// Hot: fields of a message in the least form, for readers of many messages.

/// A field of a message as its tag and its content, which is still in the message's memory.
///
/// A ``WireField`` says more, and takes five times the instructions to make.
struct RawWireField {
    /// The number of the field and its wire type: ``OTLPField/tag`` of a known one.
    var tag: UInt64
    /// The number of a numeric field; zero for any other.
    var number64: UInt64 = 0
    /// The content of a length-delimited field; empty for any other.
    var bytes = UnsafeRawBufferPointer(start: nil, count: 0)

    /// The number of the field.
    @inline(__always)
    var number: Int { Int(truncatingIfNeeded: tag >> 3) }
}
