// Waits for sockets to become ready.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A descriptor that another thread can make ready, to wake one that waits for sockets.
final class WakeDescriptor: Sendable {
    let descriptor: Int32
    private let sending: Int32
    private let identities: (DescriptorIdentity?, DescriptorIdentity?)

    /// A pair of sockets: writing to a pipe whose other end the program has closed would end the program.
    init() {
        var ends: (Int32, Int32) = (-1, -1)
        withUnsafeMutablePointer(to: &ends) { ends in
            _ = ends.withMemoryRebound(to: Int32.self, capacity: 2) { socketpair(AF_UNIX, SocketAddress.streamType, 0, $0) }
        }
        (descriptor, sending) = ends
        identities = (DescriptorIdentity(of: ends.0), DescriptorIdentity(of: ends.1))
        for end in [descriptor, sending] where end >= 0 {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
    }

    deinit {
        if identities.0?.isBehind(descriptor) == true { close(descriptor) }
        if identities.1?.isBehind(sending) == true { close(sending) }
    }

    /// Whether the system had descriptors to give.
    var isUsable: Bool { descriptor >= 0 }

    /// Whether the program has left the descriptors open, or there never were any.
    var isIntact: Bool {
        guard let receiver = identities.0, let sender = identities.1 else { return true }
        return receiver.isBehind(descriptor) && sender.isBehind(sending)
    }

    /// Makes the descriptor readable. One that is full is readable already.
    func raise() {
        guard identities.1?.isBehind(sending) == true else { return }
        let byte: UInt8 = 1
        _ = withUnsafeBytes(of: byte) { Socket.send($0, to: sending) }
    }

    /// Makes the descriptor unreadable again.
    func clear() {
        guard identities.0?.isBehind(descriptor) == true else { return }
        withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { buffer in
            while read(descriptor, buffer.baseAddress, buffer.count) == buffer.count {}
        }
    }
}

/// Waits for one socket, and for being woken.
enum SocketWait {
    enum Outcome {
        case ready, timedOut, woken
        /// The program has closed the descriptor that wakes, so that waiting would return at once again and again.
        case closed
    }

    /// Waits until the socket, if any, can be read (or written), the deadline comes, or the wake descriptor is raised.
    static func wait(_ socket: Socket?, toWrite: Bool, or wake: WakeDescriptor, until deadline: Deadline) -> Outcome {
        var set = (
            // The system passes over a descriptor that is negative.
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
            // A number that has gone to another file is most often readable.
            if set.1.revents != 0 { return set.1.revents & Int16(POLLNVAL) == 0 && wake.isIntact ? .woken : .closed }
            if count > 0 { return .ready }
            if deadline.hasPassed { return .timedOut }
        }
    }
}

/// Waits for many sockets at once.
final class Poller: Sendable {
    struct Readiness: OptionSet, Sendable {
        let rawValue: UInt8
        static let readable = Readiness(rawValue: 1)
        static let writable = Readiness(rawValue: 2)
        /// The connection has ended or failed.
        static let ended = Readiness(rawValue: 4)
    }

    /// The kernel's `struct epoll_event`: 32 bits of events and 64 bits of the user's, packed on x86-64 only.
    private enum Event {
        #if arch(x86_64)
            static let keyOffset = 4
        #else
            static let keyOffset = 8
        #endif
        static let size = keyOffset + 8
        static let (input, output, error, hangUp, peerClosed): (UInt32, UInt32, UInt32, UInt32, UInt32) = (1, 4, 8, 0x10, 0x2000)
    }

    private enum Operation: Int32 {
        case add = 1
        case remove = 2
        case change = 3
    }

    let descriptor: Int32
    private let identity: DescriptorIdentity?
    private let control: HiddenFunction.EpollControl
    private let waitForEvents: HiddenFunction.EpollWait

    /// Nil when the system has no such thing, or no more descriptors.
    init?() {
        guard let create = HiddenFunction.epollCreate, let control = HiddenFunction.epollControl, let wait = HiddenFunction.epollWait
        else { return nil }
        descriptor = create(O_CLOEXEC)
        identity = DescriptorIdentity(of: descriptor)
        self.control = control
        waitForEvents = wait
        if descriptor < 0 { return nil }
    }

    deinit {
        if identity?.isBehind(descriptor) == true { close(descriptor) }
    }

    /// Watches a descriptor; `key` comes back when it is ready. False when the system can watch no more.
    func add(_ descriptor: Int32, key: UInt64, _ interest: Readiness) -> Bool { perform(.add, descriptor, key, interest) }

    func change(_ descriptor: Int32, key: UInt64, _ interest: Readiness) { _ = perform(.change, descriptor, key, interest) }

    func remove(_ descriptor: Int32) { _ = perform(.remove, descriptor, 0, []) }

    private func perform(_ operation: Operation, _ descriptor: Int32, _ key: UInt64, _ interest: Readiness) -> Bool {
        var events: UInt32 = 0
        if interest.contains(.readable) { events |= Event.input | Event.peerClosed }
        if interest.contains(.writable) { events |= Event.output }
        return withUnsafeTemporaryAllocation(byteCount: Event.size, alignment: 8) { buffer in
            buffer.storeBytes(of: events, as: UInt32.self)
            buffer.storeBytes(of: key, toByteOffset: Event.keyOffset, as: UInt64.self)
            return control(self.descriptor, operation.rawValue, descriptor, buffer.baseAddress) == 0
        }
    }

    /// Waits at most that long and calls the closure for each descriptor that is ready. False when there is nothing to wait with: the
    /// program has closed the descriptor.
    func wait(milliseconds: Int32, _ body: (UInt64, Readiness) -> Void) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: Event.size * 256, alignment: 8) { buffer in
            let count = waitForEvents(descriptor, buffer.baseAddress, 256, milliseconds)
            if count < 0 && errno != EINTR { return false }
            for index in 0..<max(0, Int(count)) {
                let events = buffer.loadUnaligned(fromByteOffset: index * Event.size, as: UInt32.self)
                let key = buffer.loadUnaligned(fromByteOffset: index * Event.size + Event.keyOffset, as: UInt64.self)
                var readiness: Readiness = []
                if events & Event.input != 0 { readiness.insert(.readable) }
                if events & Event.output != 0 { readiness.insert(.writable) }
                if events & (Event.error | Event.hangUp | Event.peerClosed) != 0 { readiness.insert(.ended) }
                body(key, readiness)
            }
            return true
        }
    }
}
