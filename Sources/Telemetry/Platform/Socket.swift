// The binding to non-blocking stream sockets.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The result of a call on a socket.
package enum SocketResult: Equatable {
    case done(Int)
    /// The call would block.
    case wouldBlock
    /// The peer has closed its side.
    case closed
    case failed(SocketError)
}

/// A non-blocking stream socket that is closed with its last reference.
package final class Socket: Sendable {
    package let descriptor: Int32
    private let identity: DescriptorIdentity?

    init(owning descriptor: Int32) {
        self.descriptor = descriptor
        identity = DescriptorIdentity(of: descriptor)
    }

    deinit {
        if identity?.isBehind(descriptor) == true { close(descriptor) }
    }

    /// Starts to connect; once the socket is writable, ``connectionError`` tells whether it succeeded.
    package static func connecting(to address: SocketAddress) throws(SocketError) -> Socket {
        let socket = try make(address.family)
        let status = address.withAddress { connect(socket.descriptor, $0, $1) }
        if status != 0 && errno != EINPROGRESS { throw .last }
        return socket
    }

    /// Makes a socket that exchanges datagrams with one address.
    package static func exchangingDatagrams(with address: SocketAddress) throws(SocketError) -> Socket {
        let socket = try make(address.family, SocketAddress.datagramType)
        guard address.withAddress({ connect(socket.descriptor, $0, $1) }) == 0 else { throw .last }
        return socket
    }

    /// Listens on an address; a given port replaces that of the address.
    static func listening(on address: SocketAddress, port: Int? = nil) throws(SocketError) -> Socket {
        let address = port.map(address.with(port:)) ?? address
        let socket = try make(address.family)
        socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
        guard address.withAddress({ bind(socket.descriptor, $0, $1) }) == 0, listen(socket.descriptor, 1024) == 0 else { throw .last }
        return socket
    }

    /// The function of the C library, whose name our own methods hide.
    #if canImport(Glibc)
        private static let sendBytes = Glibc.send
    #elseif canImport(Musl)
        private static let sendBytes = Musl.send
    #else
        private static let sendBytes = Darwin.send
    #endif

    private static func make(_ family: Int32, _ type: Int32 = SocketAddress.streamType) throws(SocketError) -> Socket {
        let descriptor = socket(family, type, 0)
        guard descriptor >= 0 else { throw .last }
        let made = Socket(owning: descriptor)
        guard descriptor < highestDescriptor else { throw .outOfDescriptors }
        made.prepare()
        return made
    }

    private func prepare() {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    }

    private func set(_ level: Int32, _ name: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// The limit of descriptors for sockets: the last ones are reserved for files, and for the runtime's thread pool, which traps
    /// if it can open none.
    private static let highestDescriptor: Int32 = {
        let limit = Int32(clamping: sysconf(Int32(_SC_OPEN_MAX)))
        return limit > 0 ? limit - min(32, limit / 4) : .max
    }()

    /// Accepts the next pending connection; returns nil if there is none.
    func accept() throws(SocketError) -> Socket? {
        while true {
            #if canImport(Glibc)
                let accepted = Glibc.accept(descriptor, nil, nil)
            #elseif canImport(Musl)
                let accepted = Musl.accept(descriptor, nil, nil)
            #else
                let accepted = Darwin.accept(descriptor, nil, nil)
            #endif
            if accepted >= 0 {
                let socket = Socket(owning: accepted)
                guard accepted < Self.highestDescriptor else { throw .outOfDescriptors }
                socket.prepare()
                return socket
            }
            switch errno {
            case EINTR, ECONNABORTED: continue
            case EAGAIN: return nil
            default: throw .last
            }
        }
    }

    /// The address of this end.
    package var localAddress: SocketAddress? { address(getsockname) }

    /// The address of the other end.
    package var peerAddress: SocketAddress? { address(getpeername) }

    private func address(
        _ get: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let status = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { get(descriptor, $0, &length) }
        }
        guard status == 0 else { return nil }
        let bytes = withUnsafeBytes(of: storage) { Array($0.prefix(Int(length))) }
        return SocketAddress(bytes: bytes, family: Int32(storage.ss_family))
    }

    /// The error of the attempt to connect; nil for success.
    package var connectionError: SocketError? {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
        return code == 0 ? nil : SocketError(code: code)
    }

    /// Receives available bytes into a buffer that is not empty.
    package func receive(into buffer: UnsafeMutableRawBufferPointer) -> SocketResult {
        assert(!buffer.isEmpty, "There is room for a byte: zero bytes would stand for the end.")
        while true {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count > 0 { return .done(count) }
            if count == 0 { return .closed }
            if errno == EINTR { continue }
            return errno == EAGAIN ? .wouldBlock : .failed(.last)
        }
    }

    /// True if the peer has closed the idle connection or sent unexpected bytes.
    package var isStale: Bool {
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK))
        return count >= 0 || (errno != EAGAIN && errno != EINTR)
    }

    /// Sends as many of the bytes as the socket accepts. Never raises SIGPIPE.
    package func send(_ bytes: UnsafeRawBufferPointer) -> SocketResult { Self.send(bytes, to: descriptor) }

    /// Sends as many of the bytes as the socket of that descriptor accepts. Never raises SIGPIPE.
    static func send(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> SocketResult {
        while true {
            let count = sendBytes(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if count >= 0 { return .done(count) }
            if errno == EINTR { continue }
            return errno == EAGAIN ? .wouldBlock : .failed(.last)
        }
    }

    /// Sends the pieces with one system call, as far as the socket accepts them. Never raises SIGPIPE.
    func send(_ pieces: ArraySlice<UnsafeRawBufferPointer>) -> SocketResult {
        pieces.withVectors { vectors in
            var message = msghdr()
            message.msg_iov = vectors.baseAddress
            message.msg_iovlen = .init(vectors.count)
            while true {
                let count = sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL))
                if count >= 0 { return .done(count) }
                if errno == EINTR { continue }
                return errno == EAGAIN ? .wouldBlock : .failed(.last)
            }
        }
    }

    /// Shuts down the sending side.
    package func shutDownSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }
}
