// The receiver of the throughput benchmarks over gRPC: HTTP/2 without a library, so that it costs the sender's machine little.

import Glibc

/// Serves one connection of HTTP/2 as far as an exporter of OTLP needs it: it reads no header fields, and accepts every call.
struct GRPCSink {
    private static let preface = 24
    private static let window: UInt32 = 1 << 30
    /// A window for each stream, and one for the connection.
    private static let greeting: [UInt8] =
        frame(4, 0, 0, [0, 4] + bytes(window)) + frame(8, 0, 0, bytes(window))

    private let connection: Int32
    private var input: [UInt8] = []
    /// The message of the call that is under way, with its prefix.
    private var body: [UInt8] = []
    private var spans = 0
    /// The bytes that were received since the window was last opened.
    private var received: UInt32 = 0

    init(_ connection: Int32) {
        self.connection = connection
    }

    /// Answers calls until the peer closes; returns the number of their spans.
    mutating func serve() -> Int {
        let capacity = 1 << 20
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
        defer { buffer.deallocate() }
        send(Self.greeting)
        var hasPreface = false
        while case let got = read(connection, buffer.baseAddress, capacity), got > 0 {
            input.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[..<got]))
            if !hasPreface {
                guard input.count >= Self.preface else { continue }
                input.removeFirst(Self.preface)
                hasPreface = true
            }
            takeFrames()
        }
        return spans
    }

    private mutating func takeFrames() {
        var position = 0
        while input.count - position >= 9 {
            let head = input[position..<position + 9]
            let length = head.prefix(3).reduce(0) { $0 << 8 | Int($1) }
            guard input.count - position >= 9 + length else { break }
            let stream = head.suffix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            take(head[position + 3], head[position + 4], stream, position + 9..<position + 9 + length)
            position += 9 + length
        }
        input.removeFirst(position)
    }

    private mutating func take(_ type: UInt8, _ flags: UInt8, _ stream: UInt32, _ range: Range<Int>) {
        switch type {
        case 0:
            body += input[range]
            received += UInt32(range.count)
            if received > Self.window / 2 {
                send(Self.frame(8, 0, 0, Self.bytes(received)))
                received = 0
            }
            if flags & 1 != 0 { answer(stream) }
        case 4 where flags & 1 == 0: send(Self.frame(4, 1, 0, []))
        case 6 where flags & 1 == 0: send(Self.frame(6, 1, 0, Array(input[range])))
        default: break
        }
    }

    private mutating func answer(_ stream: UInt32) {
        spans += body.dropFirst(5).withUnsafeBytes { Sink.spans(in: $0) }
        body.removeAll(keepingCapacity: true)
        // HPACK: `:status: 200` by its number in the static table, and literals without indexing.
        let head = [0x88] + Self.literal("content-type", "application/grpc")
        send(
            Self.frame(1, 4, stream, head) + Self.frame(0, 0, stream, [0, 0, 0, 0, 0])
                + Self.frame(1, 5, stream, Self.literal("grpc-status", "0")))
    }

    private func send(_ bytes: [UInt8]) { _ = bytes.withUnsafeBytes { write(connection, $0.baseAddress, $0.count) } }

    private static func literal(_ name: String, _ value: String) -> [UInt8] {
        [0, UInt8(name.utf8.count)] + Array(name.utf8) + [UInt8(value.utf8.count)] + Array(value.utf8)
    }

    private static func bytes(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }

    private static func frame(_ type: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: [UInt8]) -> [UInt8] {
        bytes(UInt32(payload.count)).dropFirst() + [type, flags] + bytes(stream) + payload
    }
}
