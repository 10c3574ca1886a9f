// Small files that are read whole.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Reads regular files whole; symbolic links are followed.
package enum FileContents {
    /// What changes when a file is written or replaced, or its permissions are.
    struct Stamp: Sendable, Equatable {
        private let device: UInt64
        private let node: UInt64
        private let size: Int64
        private let seconds: Int
        private let nanoseconds: Int
        private let changeSeconds: Int
        private let changeNanoseconds: Int

        /// The stamp of the file that a path leads to; nil if there is none.
        init?(of path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            device = UInt64(truncatingIfNeeded: status.st_dev)
            node = UInt64(truncatingIfNeeded: status.st_ino)
            size = Int64(status.st_size)
            #if canImport(Darwin)
                let (time, change) = (status.st_mtimespec, status.st_ctimespec)
            #else
                let (time, change) = (status.st_mtim, status.st_ctim)
            #endif
            (seconds, nanoseconds) = (Int(time.tv_sec), Int(time.tv_nsec))
            (changeSeconds, changeNanoseconds) = (Int(change.tv_sec), Int(change.tv_nsec))
        }
    }

    /// Returns the bytes of a regular file; throws if it is larger than the limit.
    package static func read(_ path: String, atMost limit: Int) throws(FileError) -> [UInt8] {
        // `O_NONBLOCK`: opening a named pipe would block.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw .last }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .last }
        if status.st_mode & S_IFMT == S_IFDIR { throw .isADirectory }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile }
        guard status.st_size <= limit else { throw .tooLarge }
        var error: FileError?
        // One byte more than allowed shows that the file grows meanwhile.
        let bytes = [UInt8](unsafeUninitializedCapacity: limit + 1) { buffer, filled in
            while filled < buffer.count, let base = buffer.baseAddress {
                let count = pread(file, base + filled, buffer.count - filled, off_t(filled))
                if count < 0 && errno == EINTR { continue }
                if count < 0 { error = .last }
                if count <= 0 { break }
                filled += count
            }
        }
        if let error { throw error }
        guard bytes.count <= limit else { throw .tooLarge }
        return bytes
    }
}
