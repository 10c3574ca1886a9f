// The binding to `epoll`.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Waits for many descriptors at once.
package final class Poller: Sendable {
    package struct Readiness: OptionSet, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        package static let readable = Readiness(rawValue: 1)
        package static let writable = Readiness(rawValue: 2)
        /// The connection has ended or failed.
        package static let ended = Readiness(rawValue: 4)
    }

    /// The kernel's `struct epoll_event`: 32 bits of events and 64 bits of user data, packed on x86-64 only.
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

    /// Returns nil if the system has no `epoll` or no more descriptors.
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

    /// Watches a descriptor, whose readiness is reported with the key; returns false if the system refuses.
    func add(_ descriptor: Int32, key: UInt64, _ interest: Readiness) -> Bool { perform(.add, descriptor, key, interest) }

    /// Replaces the interest in a watched descriptor.
    func change(_ descriptor: Int32, key: UInt64, _ interest: Readiness) { _ = perform(.change, descriptor, key, interest) }

    /// Stops watching a descriptor.
    func remove(_ descriptor: Int32) { _ = perform(.remove, descriptor, 0, []) }

    private func perform(_ operation: Operation, _ descriptor: Int32, _ key: UInt64, _ interest: Readiness) -> Bool {
        var events: UInt32 = 0
        if interest.contains(.readable) { events |= Event.input | Event.peerClosed }
        if interest.contains(.writable) { events |= Event.output }
        return withUnsafeTemporaryAllocation(byteCount: Event.size, alignment: 8) { buffer in
            assert(buffer.count >= Event.size, "The buffer has room for one event.")
            buffer.storeBytes(of: events, as: UInt32.self)
            buffer.storeBytes(of: key, toByteOffset: Event.keyOffset, as: UInt64.self)
            return control(self.descriptor, operation.rawValue, descriptor, buffer.baseAddress) == 0
        }
    }

    /// Waits at most that long, and calls the closure for each ready descriptor.
    ///
    /// - Returns: false if the program has closed the descriptor of the poller.
    func wait(milliseconds: Int32, _ body: (UInt64, Readiness) -> Void) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: Event.size * 256, alignment: 8) { buffer in
            let count = waitForEvents(descriptor, buffer.baseAddress, 256, milliseconds)
            if count < 0 && errno != EINTR { return false }
            assert(Int(count) * Event.size <= buffer.count, "The system reports no more events than there is room for.")
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
