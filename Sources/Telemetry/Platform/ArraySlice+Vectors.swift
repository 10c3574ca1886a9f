// Buffers of `writev` and `sendmsg`, and what remains after a partial write.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension ArraySlice<UnsafeRawBufferPointer> {
    /// `IOV_MAX` of Linux.
    private static var maximumCount: Int { 1024 }

    /// Calls the closure with vectors of the pieces, at most as many as one system call accepts.
    func withVectors<Result>(_ body: (UnsafeMutableBufferPointer<iovec>) -> Result) -> Result {
        withUnsafeTemporaryAllocation(of: iovec.self, capacity: Swift.min(count, Self.maximumCount)) { vectors in
            for (index, piece) in zip(vectors.indices, self) {
                vectors[index] = iovec(iov_base: UnsafeMutableRawPointer(mutating: piece.baseAddress), iov_len: piece.count)
            }
            return body(vectors)
        }
    }
}

extension [UnsafeRawBufferPointer] {
    /// Removes bytes that were written, from the piece `first` on; `first` moves past pieces that were written whole.
    mutating func skip(_ count: Int, from first: inout Int) {
        var left = count
        while first < self.count, left >= self[first].count {
            left -= self[first].count
            first += 1
        }
        assert(left == 0 || first < self.count, "No more bytes are skipped than there are.")
        if left > 0 { self[first] = UnsafeRawBufferPointer(rebasing: self[first][left...]) }
    }
}
