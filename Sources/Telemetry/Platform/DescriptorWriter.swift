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
        /// This cannot be written to in that way.
        case unsupported
        case failed(FileError)
    }

    /// How a write is kept from waiting.
    private enum Way {
        /// Files have nobody to wait for.
        case file
        /// By a flag of the write itself.
        case flag
        /// Through a descriptor of our own, opened so that it does not wait: terminals, and systems that know no such flag.
        case reopened(Int32)
        /// Only after the system said that there is room. Somebody who writes in between can still make us wait.
        case afterAsking
    }

    /// Writes all of the bytes, or tells why and how many were not.
    func write(_ bytes: UnsafeRawBufferPointer) -> StreamFailure? {
        var way = isFile ? Way.file : .flag
        defer { if case .reopened(let own) = way { close(own) } }
        var limit = isFile ? Int.max : Self.pieceSize
        var isKnownReady = false
        var written = 0
        while written < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(rest.wholeLines(within: limit) ?? min(limit, rest.count)))
            switch write(piece, way, isKnownReady: isKnownReady) {
            case .written(let count):
                written += count
                isKnownReady = false
            case .full:
                // Room was announced, yet not enough for the piece.
                if isKnownReady { limit = max(1, min(limit, piece.count) / 2) }
                guard waitUntilReady() else { return StreamFailure(cause: .timedOut, writtenCount: written) }
                isKnownReady = true
            case .unsupported: way = reopened().map { .reopened($0) } ?? .afterAsking
            case .failed(let error): return StreamFailure(cause: .error(error), writtenCount: written)
            }
        }
        return nil
    }

    /// Whether it is one of those descriptors that never make a writer wait for a reader.
    private var isFile: Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// The same terminal or device with settings of our own: whether the descriptor waits is the business of all who share it.
    private func reopened() -> Int32? {
        let own = open("/proc/self/fd/\(descriptor)", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        return own >= 0 ? own : nil
    }

    private func write(_ piece: UnsafeRawBufferPointer, _ way: Way, isKnownReady: Bool) -> Step {
        switch way {
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
