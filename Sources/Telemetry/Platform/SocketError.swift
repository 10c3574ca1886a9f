// The error of a system call on sockets.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// An error number of the operating system.
package struct SocketError: Error, Hashable, CustomStringConvertible {
    let code: Int32

    package static var last: SocketError { SocketError(code: errno) }

    static let inProgress = SocketError(code: EINPROGRESS)
    package static let refused = SocketError(code: ECONNREFUSED)
    static let addressInUse = SocketError(code: EADDRINUSE)
    /// The errors of a descriptor that the program has closed.
    static let lost: Set<SocketError> = [SocketError(code: EBADF), SocketError(code: ENOTSOCK), SocketError(code: EINVAL)]
    static let outOfDescriptors = SocketError(code: EMFILE)

    /// True if the program or the system lacks descriptors or memory, which says nothing about the peer.
    package var isExhaustion: Bool { [EMFILE, ENFILE, ENOMEM, ENOBUFS].contains(code) }

    package var description: String { String(cString: strerror(code)) }
}
