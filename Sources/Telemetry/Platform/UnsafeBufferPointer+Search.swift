// Searches bytes with libc, which compares many at once.

import Glibc

extension UnsafeBufferPointer<UInt8> {
    /// Returns the position of a byte at or after another position.
    func firstIndex(of byte: UInt8, from start: Int) -> Int? {
        assert((0...count).contains(start), "The search begins within the bytes.")
        guard let baseAddress, let found = memchr(baseAddress + start, Int32(byte), count - start) else { return nil }
        return baseAddress.distance(to: found.assumingMemoryBound(to: UInt8.self))
    }
}
