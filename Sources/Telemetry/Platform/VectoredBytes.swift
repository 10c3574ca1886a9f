// Bytes in several pieces, as system calls take them and as they are left when a part has been taken.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension ArraySlice<UnsafeRawBufferPointer> {
    /// The most pieces that the system takes at a time.
    private static var maximumCount: Int { 1024 }

    /// Calls the closure with the pieces, or as many of them as the system takes, in the form that it asks for.
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
    /// Leaves out bytes that the system has taken, from the piece `first` on.
    mutating func skip(_ count: Int, from first: inout Int) {
        var left = count
        while first < self.count, left >= self[first].count {
            left -= self[first].count
            first += 1
        }
        if left > 0 { self[first] = UnsafeRawBufferPointer(rebasing: self[first][left...]) }
    }
}
