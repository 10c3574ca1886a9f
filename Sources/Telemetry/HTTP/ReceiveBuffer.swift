// The memory that a connection receives into.

/// Bytes of a fixed size, made at their first use and from then on used in place.
///
/// A `lazy` array is read and written as a whole, so that each use of its bytes copies them: 16,700 instructions for 16 KiB.
struct ReceiveBuffer: Sendable {
    private let size: Int
    private var bytes: [UInt8] = []

    init(size: Int) {
        assert(size > 0, "A buffer has room for something.")
        self.size = size
    }

    mutating func withUnsafeMutableBytes<Result>(_ body: (UnsafeMutableRawBufferPointer) -> Result) -> Result {
        if bytes.isEmpty { bytes = [UInt8](repeating: 0, count: size) }
        return bytes.withUnsafeMutableBytes { body($0) }
    }

    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result { bytes.withUnsafeBytes { body($0) } }

    /// Returns the first bytes, which must have been written.
    func prefix(_ count: Int) -> ArraySlice<UInt8> { bytes.prefix(count) }
}
