// Waiting for a single socket with `poll`.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Waits for one socket or a wake-up.
enum SocketWait {
    enum Outcome {
        case ready, timedOut, woken
        /// The program has closed the wake descriptor, so that every wait would return at once.
        case closed
    }

    /// Waits until the socket, if any, can be read (or written), the deadline comes, or the wake descriptor is raised.
    static func wait(_ socket: Socket?, toWrite: Bool, or wake: WakeDescriptor, until deadline: Deadline) -> Outcome {
        var set = (
            // `poll` ignores negative descriptors.
            pollfd(fd: socket?.descriptor ?? -1, events: Int16(toWrite ? POLLOUT | POLLIN : POLLIN), revents: 0),
            pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0)
        )
        while true {
            let left = deadline.remaining.saturatedNanoseconds
            // Rounded up, so that the deadline has passed when the wait ends.
            let milliseconds = Int32(clamping: left / 1_000_000 + (left % 1_000_000 > 0 ? 1 : 0))
            let count = withUnsafeMutablePointer(to: &set) { pointer in
                pointer.withMemoryRebound(to: pollfd.self, capacity: 2) { poll($0, 2, milliseconds) }
            }
            if count < 0 && errno != EINTR && errno != EAGAIN { return .closed }
            // A reused descriptor number is usually readable.
            if set.1.revents != 0 { return set.1.revents & Int16(POLLNVAL) == 0 && wake.isIntact ? .woken : .closed }
            if count > 0 { return .ready }
            if deadline.hasPassed { return .timedOut }
        }
    }
}
