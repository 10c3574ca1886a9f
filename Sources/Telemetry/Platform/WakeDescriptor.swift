// Wakes a thread that waits for descriptors.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A descriptor that any thread can make readable, to wake a thread that waits for sockets.
final class WakeDescriptor: Sendable {
    let descriptor: Int32
    private let sending: Int32
    private let identities: (DescriptorIdentity?, DescriptorIdentity?)

    /// Makes a pair of sockets: writing to a pipe whose other end the program has closed would raise SIGPIPE.
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

    /// False if the system had no more descriptors.
    var isUsable: Bool { descriptor >= 0 }

    /// False if the program has closed one of the descriptors.
    var isIntact: Bool {
        guard let receiver = identities.0, let sender = identities.1 else { return true }
        return receiver.isBehind(descriptor) && sender.isBehind(sending)
    }

    /// Makes the descriptor readable. A full buffer is ignored: the descriptor is readable then.
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
