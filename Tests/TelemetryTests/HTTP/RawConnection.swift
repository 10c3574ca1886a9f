// Peers of the HTTP client and server that send exactly the bytes of a test.

import Glibc
import Testing

@testable import Telemetry

/// Runs a blocking closure on its own thread: tests share few threads with the code under test.
func onOwnThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        let isStarted = WorkerThread.start(named: "test") { continuation.resume(returning: body()) }
        precondition(isStarted, "The system has a thread for a test.")
    }
}

/// A connection on which a test sends and receives bytes; waits at most for the patience of a test.
///
/// In a task the methods that wait do so on a thread of their own: the few threads of tasks are needed by what is waited for.
///
/// `@unchecked`: used by one thread at a time.
final class RawConnection: @unchecked Sendable {
    static let patience = Duration.patience

    private var socket: Socket?
    private let wake = WakeDescriptor()
    private var responses = HTTPMessageReader(responses: HTTPLimits())
    private var requests = HTTPMessageReader(requests: HTTPLimits())
    private var buffer = [UInt8](repeating: 0, count: 4096)
    /// Whether the peer has closed, and whether it did so by a reset.
    private(set) var isEnded = false
    private(set) var isReset = false

    init(_ socket: Socket) {
        self.socket = socket
    }

    /// Connects to a port of this machine.
    convenience init?(port: Int) {
        guard case .success(let addresses) = SocketAddress.resolve(host: "127.0.0.1", port: port, isNumeric: true),
            let address = addresses.first, let socket = try? Socket.connecting(to: address)
        else { return nil }
        self.init(socket)
        guard wait(toWrite: true), socket.connectionError == nil else { return nil }
    }

    /// Connects, sends the text, and returns all that comes until the end.
    static func answer(port: Int, to text: String) async -> String {
        await onOwnThread {
            guard let connection = RawConnection(port: port) else { return "no connection" }
            connection.send(text)
            return connection.readToEnd()
        }
    }

    private func wait(toWrite: Bool) -> Bool {
        guard let socket else { return false }
        return SocketWait.wait(socket, toWrite: toWrite, or: wake, until: .after(Self.patience)) == .ready
    }

    /// Sends all of the text, false when the peer does not take it.
    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Sends all of the bytes, false when the peer does not take them.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty, let socket {
            switch rest.withUnsafeBytes({ socket.send($0) }) {
            case .done(let count): rest = rest.dropFirst(count)
            case .wouldBlock: if !wait(toWrite: true) { return false }
            case .closed, .failed: return false
            }
        }
        return rest.isEmpty
    }

    /// Returns the next bytes; empty at the end or after the patience of a test.
    func read() -> [UInt8] {
        while let socket, !isEnded {
            switch buffer.withUnsafeMutableBytes({ socket.receive(into: $0) }) {
            case .done(let count): return Array(buffer[..<count])
            case .wouldBlock: if !wait(toWrite: false) { return [] }
            case .closed: isEnded = true
            case .failed: (isEnded, isReset) = (true, true)
            }
        }
        return []
    }

    func readToEnd() -> String {
        var bytes: [UInt8] = []
        while case let next = read(), !next.isEmpty { bytes += next }
        return String(decoding: bytes, as: UTF8.self) + (isEnded ? "" : "\nand the connection stays open")
    }

    /// Reads until the text has arrived; returns everything up to its end.
    func read(until text: String) -> String {
        var received = ""
        while case let next = read(), !next.isEmpty {
            received += String(decoding: next, as: UTF8.self)
            if let range = received.firstRange(of: text) { return String(received[..<range.upperBound]) }
        }
        return received
    }

    /// The next response, nil when there is none.
    func nextResponse() -> HTTPMessage? { next(&responses) }

    /// The next request, nil when there is none.
    func nextRequest() -> HTTPMessage? { next(&requests) }

    private func next(_ reader: inout HTTPMessageReader) -> HTTPMessage? {
        while true {
            if let message = try? reader.next() { return message }
            let bytes = read()
            guard !bytes.isEmpty else { return try? reader.finish() }
            bytes.withUnsafeBytes { reader.append($0) }
        }
    }

    func read() async -> [UInt8] { await onOwnThread { self.read() } }
    func readToEnd() async -> String { await onOwnThread { self.readToEnd() } }
    func read(until text: String) async -> String { await onOwnThread { self.read(until: text) } }
    func nextResponse() async -> HTTPMessage? { await onOwnThread { self.nextResponse() } }
    func nextRequest() async -> HTTPMessage? { await onOwnThread { self.nextRequest() } }

    func shutDownSending() { socket?.shutDownSending() }

    /// Closes the connection; unread bytes make it a reset.
    func close() { socket = nil }
}

/// Listens on a port of this machine and follows a script on each connection, in order, on a thread of its own.
final class ScriptedServer: Sendable {
    let port: Int

    var url: String { "http://127.0.0.1:\(port)/" }

    convenience init(_ scripts: (@Sendable (RawConnection) -> Void)...) throws { try self.init(scripts: scripts) }

    init(scripts: [@Sendable (RawConnection) -> Void]) throws {
        let address = try #require(try SocketAddress.resolve(host: "127.0.0.1", port: 0, toListen: true).get().first)
        let listener = try Socket.listening(on: address)
        let port = try #require(listener.localAddress?.hostAndPort.port)
        self.port = port
        _ = WorkerThread.start(named: "test-server") {
            let wake = WakeDescriptor()
            for script in scripts {
                guard SocketWait.wait(listener, toWrite: false, or: wake, until: .after(RawConnection.patience)) == .ready,
                    let socket = try? listener.accept()
                else { return }
                let connection = RawConnection(socket)
                script(connection)
                connection.close()
            }
        }
    }

    /// Returns a port that is not listened on, and that no other process gets until this one ends.
    ///
    /// A socket stays bound to it, and does not listen: the kernel then chooses it neither for listeners nor for connections, while a server that
    /// is told the port can listen on it, again and again, since servers allow a port to be bound anew (`SO_REUSEADDR`).
    static func freePort() -> Int? {
        let holder = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard holder >= 0, fcntl(holder, F_SETFD, FD_CLOEXEC) == 0 else { return nil }
        var yes: Int32 = 1
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                setsockopt(holder, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size)) == 0
                    && bind(holder, $0, length) == 0 && getsockname(holder, $0, &length) == 0
            }
        }
        // The socket is never closed: there are some dozens in a run of all tests.
        return isBound ? Int(in_port_t(bigEndian: address.sin_port)) : nil
    }
}
