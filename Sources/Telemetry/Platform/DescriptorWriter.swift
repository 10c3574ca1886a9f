// Writes of output streams, with deadlines for slow readers.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Writes bytes to a file, pipe, terminal or socket, and waits for slow readers until a deadline.
///
/// A file is written in one call. Other descriptors, which may block, are written in pieces that end with a line and that a pipe takes
/// whole or not at all, so that lines of up to 4 KiB are never interleaved with those of other threads and processes.
struct DescriptorWriter {
    let descriptor: Int32
    let deadline: Deadline

    /// The largest write that Linux makes atomic on a pipe; a system that accepts less gets smaller pieces.
    private static let pieceSize = 4096
    /// `RWF_NOWAIT`: this write does not block, whatever the flags of the shared descriptor are.
    private static let withoutWaiting: Int32 = 8

    private enum Step {
        case written(Int)
        /// The write would block.
        case full
        /// The descriptor does not support this kind of write.
        case unsupported
        case failed(FileError)
    }

    /// How a write is kept from blocking.
    private enum Mode {
        /// A regular file never blocks for a reader.
        case file
        /// With a flag of the write itself.
        case flag
        /// Through an own non-blocking descriptor: for terminals, and systems without that flag.
        case reopened(Int32)
        /// Only after `poll` has reported room. A concurrent writer may still make the write block.
        case afterAsking
    }

    /// Writes all of the bytes; returns the failure and how many were written before it.
    func write(_ bytes: UnsafeRawBufferPointer) -> StreamFailure? {
        var mode = isFile ? Mode.file : .flag
        defer { if case .reopened(let own) = mode { close(own) } }
        var limit = isFile ? Int.max : Self.pieceSize
        var isKnownReady = false
        var written = 0
        while written < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(rest.wholeLines(within: limit) ?? min(limit, rest.count)))
            switch write(piece, mode, isKnownReady: isKnownReady) {
            case .written(let count):
                written += count
                isKnownReady = false
            case .full:
                // `poll` has reported room, but not enough for the piece.
                if isKnownReady { limit = max(1, min(limit, piece.count) / 2) }
                guard waitUntilReady() else { return StreamFailure(cause: .timedOut, writtenCount: written) }
                isKnownReady = true
            case .unsupported: mode = reopened().map { .reopened($0) } ?? .afterAsking
            case .failed(let error): return StreamFailure(cause: .error(error), writtenCount: written)
            }
        }
        return nil
    }

    /// True for a regular file, which never blocks for a reader.
    private var isFile: Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Opens the same terminal or device without blocking: the flags of the given descriptor are shared with other processes.
    private func reopened() -> Int32? {
        let own = open("/proc/self/fd/\(descriptor)", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        return own >= 0 ? own : nil
    }

    private func write(_ piece: UnsafeRawBufferPointer, _ mode: Mode, isKnownReady: Bool) -> Step {
        assert(!piece.isEmpty, "A piece has at least one byte.")
        switch mode {
        case .file: return write(piece, to: descriptor)
        case .reopened(let own): return write(piece, to: own)
        case .afterAsking: return isKnownReady ? write(piece, to: descriptor) : .full
        case .flag:
            guard let function = HiddenFunction.writeVector else { return .unsupported }
            var vector = iovec(iov_base: UnsafeMutableRawPointer(mutating: piece.baseAddress), iov_len: piece.count)
            let step = step { function(descriptor, &vector, 1, -1, Self.withoutWaiting) }
            guard case .failed(let error) = step, [EOPNOTSUPP, ENOSYS, EINVAL, ESPIPE].contains(error.code) else { return step }
            return .unsupported
        }
    }

    private func write(_ piece: UnsafeRawBufferPointer, to descriptor: Int32) -> Step {
        step {
            #if canImport(Glibc)
                Glibc.write(descriptor, piece.baseAddress, piece.count)
            #elseif canImport(Musl)
                Musl.write(descriptor, piece.baseAddress, piece.count)
            #else
                Darwin.write(descriptor, piece.baseAddress, piece.count)
            #endif
        }
    }

    private func step(_ call: () -> Int) -> Step {
        while true {
            let count = call()
            if count > 0 { return .written(count) }
            // A write of zero bytes without an error would repeat for ever; no known device does that.
            guard count < 0 else { return .failed(FileError(code: EIO)) }
            switch errno {
            case EINTR: continue
            case EAGAIN, EWOULDBLOCK: return .full
            default: return .failed(.last)
            }
        }
    }

    /// Waits until a write makes progress or fails; returns false if the deadline passed first.
    private func waitUntilReady() -> Bool {
        while true {
            let left = deadline.remaining.saturatedNanoseconds
            guard left > 0 else { return false }
            // Rounded up, so that the deadline has passed when the wait ends.
            let milliseconds = deadline == .never ? -1 : Int32(clamping: (left - 1) / 1_000_000 + 1)
            var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            let count = poll(&entry, 1, milliseconds)
            if count > 0 { return true }
            if count < 0 && errno != EINTR && errno != EAGAIN { return true }
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Returns the length of the longest prefix within the limit that ends with a line; nil if no line ends there.
    func wholeLines(within limit: Int) -> Int? {
        let count = Swift.min(limit, count)
        if count == self.count, last == UInt8(ascii: "\n") { return count }
        return self[..<count].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 }
    }
}
