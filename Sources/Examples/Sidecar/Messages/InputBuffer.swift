// Bytes that were received and not consumed yet.

/// A queue of bytes.
struct InputBuffer {
    private var bytes: [UInt8] = []
    private var start = 0

    var count: Int { bytes.count - start }
    var isEmpty: Bool { start == bytes.count }

    mutating func append(_ more: UnsafeRawBufferPointer) {
        if start > 0, start >= bytes.count / 2 {
            bytes.removeFirst(start)
            start = 0
        }
        bytes.append(contentsOf: more)
    }

    /// Removes bytes from the front. Memory is released with the last byte: most of thousands of connections are idle.
    mutating func consume(_ count: Int) {
        assert(count <= self.count, "Only what is there is consumed.")
        start += count
        if start == bytes.count { (bytes, start) = ([], 0) }
    }

    /// Calls the closure with the bytes that are there.
    func withBytes<Result, Failure: Error>(_ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result) throws(Failure) -> Result {
        try bytes.withUnsafeBufferPointer { all throws(Failure) in try body(UnsafeBufferPointer(rebasing: all[start...])) }
    }
}
