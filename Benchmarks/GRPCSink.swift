// The receiver of the throughput benchmarks over gRPC: HTTP/2 without a library, so that it costs the sender's machine little.

import Glibc

/// Serves one connection of HTTP/2 as far as an exporter of OTLP needs it: it reads no header fields, and accepts every call.
struct GRPCSink {
    private static let preface = 24
    private static let window: UInt32 = 1 << 30
    /// A window for each stream, and one for the connection.
    private static let greeting: [UInt8] =
        frame(4, 0, 0, [0, 4] + bytes(window)) + frame(8, 0, 0, bytes(window))

    private static let capacity = 1 << 22
    /// HPACK: `:status: 200` by its number in the static table, and literals without indexing.
    private static let head = [0x88] + literal("content-type", "application/grpc")
    private static let trailer = literal("grpc-status", "0")

    private let connection: Int32
    private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
    /// The message of the call that is under way, with its prefix.
    private let body = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
    private var bodyCount = 0
    private var spans = 0
    /// The bytes that were received since the window was last opened.
    private var received: UInt32 = 0

    init(_ connection: Int32) {
        self.connection = connection
    }

    /// Answers calls until the peer closes; returns the number of their spans.
    mutating func serve() -> Int {
        defer {
            input.deallocate()
            body.deallocate()
        }
        send(Self.greeting)
        var (count, start) = (0, Self.preface)
        while case let got = read(connection, input.baseAddress! + count, Self.capacity - count), got > 0 {
            count += got
            guard count >= start else { continue }
            let end = takeFrames(from: start, to: count)
            memmove(input.baseAddress!, input.baseAddress! + end, count - end)
            (count, start) = (count - end, 0)
        }
        return spans
    }

    /// Takes the frames that are whole; returns where they end.
    private mutating func takeFrames(from start: Int, to end: Int) -> Int {
        var position = start
        while end - position >= 9 {
            let length = Int(input[position]) << 16 | Int(input[position + 1]) << 8 | Int(input[position + 2])
            guard end - position >= 9 + length else { break }
            let stream = UInt32(bigEndian: input.loadUnaligned(fromByteOffset: position + 5, as: UInt32.self))
            take(input[position + 3], input[position + 4], stream, position + 9..<position + 9 + length)
            position += 9 + length
        }
        return position
    }

    private mutating func take(_ type: UInt8, _ flags: UInt8, _ stream: UInt32, _ range: Range<Int>) {
        switch type {
        case 0:
            guard bodyCount + range.count <= Self.capacity else { return }
            memcpy(body.baseAddress! + bodyCount, input.baseAddress! + range.lowerBound, range.count)
            bodyCount += range.count
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
        if bodyCount > 5 { spans += Sink.spans(in: UnsafeRawBufferPointer(rebasing: body[5..<bodyCount])) }
        bodyCount = 0
        send(Self.frame(1, 4, stream, Self.head) + Self.frame(0, 0, stream, [0, 0, 0, 0, 0]) + Self.frame(1, 5, stream, Self.trailer))
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
