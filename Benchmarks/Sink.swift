// A receiver in a process of its own that answers at once and counts the spans it gets.

import Glibc

/// The receiver of the throughput benchmarks.
enum Sink {
    /// Listens on a free port, prints it to standard output, accepts connections one after another, and after each prints how
    /// many spans it received. It ends with its standard input.
    ///
    /// - Parameter isGRPC: whether it takes OTLP over gRPC instead of HTTP/1.1.
    static func run(isGRPC: Bool) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length)
                listen(listener, 8)
                getsockname(listener, address, &length)
            }
        }
        say("\(UInt16(bigEndian: address.sin_port))\n")
        var waiting = [
            pollfd(fd: listener, events: Int16(POLLIN), revents: 0), pollfd(fd: 0, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            poll(&waiting, 2, -1)
            if waiting[1].revents != 0 { return }
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { continue }
            // As servers of gRPC do: an answer would wait for the acknowledgement of the frames before it, which comes 40 ms later.
            var isImmediate: Int32 = 1
            setsockopt(connection, Int32(IPPROTO_TCP), TCP_NODELAY, &isImmediate, socklen_t(MemoryLayout<Int32>.size))
            var peer = GRPCSink(connection)
            say("\(isGRPC ? peer.serve() : serve(connection))\n")
            close(connection)
        }
    }

    private static func say(_ text: String) {
        _ = text.withCString { write(1, $0, strlen($0)) }
    }

    /// Answers requests until the peer closes; returns the number of their spans.
    private static func serve(_ connection: Int32) -> Int {
        let capacity = 1 << 22
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
        defer { buffer.deallocate() }
        let answer = Array("HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n".utf8)
        var (count, spans) = (0, 0)
        /// The request under way, once its head is there: it is looked for once, and not with each part of the body.
        var current: (head: Int, body: Int)?
        while true {
            let got = read(connection, buffer.baseAddress! + count, capacity - count)
            guard got > 0 else { return spans }
            count += got
            while true {
                current = current ?? request(buffer, count)
                guard let (head, body) = current, count >= head + body else { break }
                spans += self.spans(in: UnsafeRawBufferPointer(rebasing: buffer[head..<(head + body)]))
                count -= head + body
                if count > 0 { memmove(buffer.baseAddress!, buffer.baseAddress! + head + body, count) }
                current = nil
                _ = answer.withUnsafeBytes { write(connection, $0.baseAddress!, $0.count) }
            }
        }
    }

    /// Returns the end of the first request's head and the length of its body.
    static func request(_ buffer: UnsafeMutableRawBufferPointer, _ count: Int) -> (head: Int, body: Int)? {
        guard let end = memmem(buffer.baseAddress!, count, "\r\n\r\n", 4) else { return nil }
        let head = end - UnsafeRawPointer(buffer.baseAddress!) + 4
        guard let field = memmem(buffer.baseAddress!, head, "Content-Length: ", 16) else { return (head, 0) }
        return (head, atol((field + 16).assumingMemoryBound(to: CChar.self)))
    }

    private static func memmem(_ haystack: UnsafeMutableRawPointer, _ count: Int, _ needle: StaticString, _ length: Int)
        -> UnsafeRawPointer?
    {
        var position = 0
        while position + length <= count {
            if memcmp(haystack + position, needle.utf8Start, length) == 0 { return UnsafeRawPointer(haystack + position) }
            position += 1
        }
        return nil
    }

    /// Counts field 2 of field 2 of field 1: the spans of the scopes of the resources.
    static func spans(in request: UnsafeRawBufferPointer) -> Int {
        var spans = 0
        var resources = SinkFields(request)
        while let resource = resources.next() {
            var scopes = SinkFields(resource.message)
            while let scope = scopes.next() {
                guard scope.number == 2 else { continue }
                var items = SinkFields(scope.message)
                while let item = items.next() { if item.number == 2 { spans += 1 } }
            }
        }
        return spans
    }
}

/// The fields of a protobuf message, as long as they have lengths. It costs the sender's machine little, whose processors it shares.
private struct SinkFields {
    private let message: UnsafeRawBufferPointer
    private var position = 0

    init(_ message: UnsafeRawBufferPointer) { self.message = message }

    mutating func next() -> (number: UInt64, message: UnsafeRawBufferPointer)? {
        guard position < message.count, case let tag = varint(), tag & 7 == 2, case let length = varint(),
            length <= UInt64(message.count - position)
        else { return nil }
        defer { position += Int(length) }
        return (tag >> 3, UnsafeRawBufferPointer(rebasing: message[position..<position + Int(length)]))
    }

    private mutating func varint() -> UInt64 {
        var (value, shift): (UInt64, UInt64) = (0, 0)
        while position < message.count {
            let byte = message[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { break }
            shift += 7
        }
        return value
    }
}

/// A running sink.
final class SinkProcess {
    let port: Int
    private let process: pid_t
    private let input: Int32
    private let output: Int32

    /// Starts this program again as a sink, over HTTP/1.1 or gRPC.
    init(isGRPC: Bool = false) {
        var toChild: (Int32, Int32) = (0, 0)
        var fromChild: (Int32, Int32) = (0, 0)
        withUnsafeMutablePointer(to: &toChild) { _ = $0.withMemoryRebound(to: Int32.self, capacity: 2) { pipe($0) } }
        withUnsafeMutablePointer(to: &fromChild) { _ = $0.withMemoryRebound(to: Int32.self, capacity: 2) { pipe($0) } }
        // Another sink that is started later must not keep these open.
        for end in [toChild.0, toChild.1, fromChild.0, fromChild.1] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, toChild.0, 0)
        posix_spawn_file_actions_adddup2(&actions, fromChild.1, 1)
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("benchmark-sink"), strdup(isGRPC ? "--grpc-sink" : "--sink"), nil]
        var child = pid_t()
        // By its own path: below valgrind the link leads to valgrind, and only reading it to the program.
        var path = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        readlink("/proc/self/exe", &path, Int(PATH_MAX))
        posix_spawn(&child, path, &actions, nil, &arguments, nil)
        close(toChild.0)
        close(fromChild.1)
        (process, input, output) = (child, toChild.1, fromChild.0)
        port = Self.number(from: fromChild.0)
    }

    /// Returns the number of spans of the last connection; waits until it is closed.
    func spans() -> Int { Self.number(from: output) }

    private static func number(from descriptor: Int32) -> Int {
        var digits = ""
        var byte: UInt8 = 0
        while read(descriptor, &byte, 1) == 1, byte != 10 { digits.unicodeScalars.append(Unicode.Scalar(byte)) }
        return Int(digits) ?? 0
    }

    func end() {
        close(input)
        var status: Int32 = 0
        waitpid(process, &status, 0)
        close(output)
    }
}
