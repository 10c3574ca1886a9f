// Writes to files, pipes, terminals and sockets, and waits for slow ones no longer than a deadline.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Writes bytes to a descriptor of any kind until a deadline.
///
/// A file takes them as one write. What may make a writer wait gets pieces that end with a line and that a pipe takes whole or not at
/// all: lines of up to 4 KiB are then never torn apart by other threads and processes that write to the same pipe.
struct DescriptorWriter {
    let descriptor: Int32
    let deadline: Deadline

    /// What Linux takes as one piece; a system that takes less refuses it, and is given less.
    private static let pieceSize = 4096
    /// `RWF_NOWAIT`: this write alone does not wait, whatever others who share the descriptor have chosen.
    private static let withoutWaiting: Int32 = 8

    private enum Step {
        case written(Int)
        /// There is no room at present.
        case full
        case failed(FileError)
    }

    /// Writes all of the bytes, or tells why and how many were not.
    func write(_ bytes: UnsafeRawBufferPointer) -> StreamFailure? {
        let isFile = isFile
        var limit = isFile ? Int.max : Self.pieceSize
        var isKnownReady = false
        var written = 0
        while written < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(rest.wholeLines(within: limit) ?? min(limit, rest.count)))
            switch isFile ? write(piece) : writeWithoutWaiting(piece, isKnownReady: isKnownReady) {
            case .written(let count):
                written += count
                isKnownReady = false
            case .full:
                // Room was announced, yet not enough for the piece.
                if isKnownReady { limit = max(1, min(limit, piece.count) / 2) }
                guard waitUntilReady() else { return StreamFailure(cause: .timedOut, writtenCount: written) }
                isKnownReady = true
            case .failed(let error):
                return StreamFailure(cause: .error(error), writtenCount: written)
            }
        }
        return nil
    }

    /// Whether it is one of those descriptors that never make a writer wait for a reader.
    private var isFile: Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    private func writeWithoutWaiting(_ piece: UnsafeRawBufferPointer, isKnownReady: Bool) -> Step {
        if let function = HiddenFunction.writeVector {
            var vector = iovec(iov_base: UnsafeMutableRawPointer(mutating: piece.baseAddress), iov_len: piece.count)
            let step = step { function(descriptor, &vector, 1, -1, Self.withoutWaiting) }
            guard case .failed(let error) = step, [EOPNOTSUPP, ENOSYS, EINVAL, ESPIPE].contains(error.code) else { return step }
        }
        // Terminals and older systems know no such write: there is room for a piece once they say that there is any. Only one who writes
        // to the same pipe between that answer and our write can still make us wait.
        return isKnownReady ? write(piece) : .full
    }

    private func write(_ piece: UnsafeRawBufferPointer) -> Step {
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
            // Nothing was taken and nothing is wrong: no device that we know does so, but one that did would keep us here.
            guard count < 0 else { return .failed(FileError(code: EIO)) }
            switch errno {
            case EINTR: continue
            case EAGAIN, EWOULDBLOCK: return .full
            default: return .failed(.last)
            }
        }
    }

    /// Waits until something can be written, or an error can be had; false when the deadline came first.
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
    /// How many of the first bytes, at most that many, end with the end of a line; nil where no line ends among them.
    func wholeLines(within limit: Int) -> Int? {
        let count = Swift.min(limit, count)
        if count == self.count, last == UInt8(ascii: "\n") { return count }
        return self[..<count].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 }
    }
}
