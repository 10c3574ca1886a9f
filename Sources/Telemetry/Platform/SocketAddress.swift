// Addresses of hosts and Unix sockets, and their resolution.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// An address and port of a host, or the path of a Unix socket.
package struct SocketAddress: Sendable, Hashable {
    fileprivate let bytes: [UInt8]
    let family: Int32

    var isIPv4: Bool { family == AF_INET }

    /// Resolves the addresses of a host. Blocks during the lookup, unless only a numeric address is accepted.
    package static func resolve(
        host: String, port: Int, toListen: Bool = false, isNumeric: Bool = false
    ) -> Result<[SocketAddress], ResolutionError> {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = streamType
        hints.ai_flags = (toListen ? AI_PASSIVE : 0) | (isNumeric ? AI_NUMERICHOST : 0) | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        guard status == 0 else { return .failure(ResolutionError(reason: String(cString: gai_strerror(status)))) }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var entry = list
        while let current = entry, addresses.count < 16 {
            let bytes = UnsafeRawBufferPointer(start: current.pointee.ai_addr, count: Int(current.pointee.ai_addrlen))
            addresses.append(SocketAddress(bytes: Array(bytes), family: current.pointee.ai_family))
            entry = current.pointee.ai_next
        }
        return .success(addresses)
    }

    package struct ResolutionError: Error {
        package let reason: String

        package init(reason: String) {
            self.reason = reason
        }
    }

    /// Returns the address of a Unix socket.
    static func unix(path: String) -> Result<[SocketAddress], ResolutionError> {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // The path is terminated by a zero.
        let limit = MemoryLayout.size(ofValue: address.sun_path) - 1
        guard !path.isEmpty, path.utf8.count <= limit, !path.utf8.contains(0) else {
            return .failure(ResolutionError(reason: "the path of a Unix socket has 1 to \(limit) bytes, this one \(path.utf8.count)"))
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return .success([SocketAddress(bytes: withUnsafeBytes(of: address) { Array($0) }, family: AF_UNIX)])
    }

    /// The path of a Unix socket; nil for other addresses.
    private var path: String? {
        guard family == AF_UNIX, let start = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) else { return nil }
        return String(decoding: bytes.dropFirst(start).prefix { $0 != 0 }, as: UTF8.self)
    }

    /// The numeric address without brackets, and the port.
    package var hostAndPort: (host: String, port: Int) {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { host in
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16) { port in
                let status = withAddress { address, length in
                    getnameinfo(
                        address, length, host.baseAddress, socklen_t(host.count), port.baseAddress, socklen_t(port.count),
                        NI_NUMERICHOST | NI_NUMERICSERV)
                }
                guard status == 0, let host = host.baseAddress, let port = port.baseAddress else { return ("", 0) }
                return (String(cString: host), Int(String(cString: port)) ?? 0)
            }
        }
    }

    /// Text such as `127.0.0.1:80` or `[::1]:80`; the path of a Unix socket.
    package var text: String {
        if let path { return path }
        let (host, port) = hostAndPort
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// Returns the address with another port, which is in bytes 2 and 3 of both IPv4 and IPv6 addresses.
    func with(port: Int) -> SocketAddress {
        var bytes = bytes
        guard bytes.count >= 4, family == AF_INET || family == AF_INET6 else { return self }
        bytes[2] = UInt8(truncatingIfNeeded: port >> 8)
        bytes[3] = UInt8(truncatingIfNeeded: port)
        return SocketAddress(bytes: bytes, family: family)
    }

    func withAddress<Result>(_ body: (UnsafePointer<sockaddr>?, socklen_t) -> Result) -> Result {
        bytes.withUnsafeBytes { body($0.bindMemory(to: sockaddr.self).baseAddress, socklen_t(bytes.count)) }
    }

    init(bytes: [UInt8], family: Int32) {
        self.bytes = bytes
        self.family = family
    }

    /// The bytes of the numeric address, 4 or 16 of them; none of a Unix socket.
    package var addressBytes: [UInt8] { IPAddress(hostAndPort.host.prefix { $0 != "%" })?.bytes ?? [] }

    static var datagramType: Int32 {
        #if canImport(Glibc)
            Int32(SOCK_DGRAM.rawValue)
        #else
            SOCK_DGRAM
        #endif
    }

    static var streamType: Int32 {
        #if canImport(Glibc)
            Int32(SOCK_STREAM.rawValue)
        #else
            SOCK_STREAM
        #endif
    }
}
