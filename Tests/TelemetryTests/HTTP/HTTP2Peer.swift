// The server's end of an HTTP/2 connection: nghttp2 reads requests, and a test writes the frames of answers.

@testable import Telemetry

/// Reads requests from a connection, and answers them with frames of a test.
final class HTTP2Peer {
    /// A request with its whole body.
    struct Request {
        let stream: Int32
        /// All fields, those of HTTP/2 itself included.
        var fields: [String: String] = [:]
        var body: [UInt8] = []
        /// The frames that carried the body.
        var dataFrames = 0
        /// The message of gRPC in the body.
        var message: [UInt8] { Array(body.dropFirst(5)) }
    }

    private final class State {
        var open: [Int32: Request] = [:]
        var complete: [Request] = []

        static func of(_ pointer: UnsafeMutableRawPointer?) -> State? {
            pointer.map { Unmanaged<State>.fromOpaque($0).takeUnretainedValue() }
        }
    }

    private static var library: NGHTTP2? { try? NGHTTP2.system.get() }

    /// False where nghttp2 is not installed.
    static var isAvailable: Bool { library != nil }

    private let connection: RawConnection
    private let library: NGHTTP2
    private let session: OpaquePointer
    private let state = State()

    /// - Parameter settings: what the peer sends as its first frame, by number.
    init?(_ connection: RawConnection, settings: [(Int32, UInt32)] = []) {
        guard let library = Self.library else { return nil }
        var callbacks: OpaquePointer?
        var session: OpaquePointer?
        guard library.newCallbacks(&callbacks) == 0 else { return nil }
        defer { library.freeCallbacks(callbacks) }
        Self.set(callbacks, library)
        guard library.newServer(&session, callbacks, Unmanaged.passUnretained(state).toOpaque()) == 0, let session else { return nil }
        (self.connection, self.library, self.session) = (connection, library, session)
        change(settings)
    }

    deinit { library.freeSession(session) }

    private static func set(_ callbacks: OpaquePointer?, _ library: NGHTTP2) {
        library.setHeader(callbacks) { _, frame, name, nameCount, value, valueCount, _, pointer in
            guard let stream = frame?.load(as: NGHTTP2.FrameHead.self).streamID else { return 0 }
            let text = String(decoding: UnsafeBufferPointer(start: value, count: valueCount), as: UTF8.self)
            let name = String(decoding: UnsafeBufferPointer(start: name, count: nameCount), as: UTF8.self)
            State.of(pointer)?.open[stream, default: Request(stream: stream)].fields[name] = text
            return 0
        }
        library.setDataChunk(callbacks) { _, _, stream, bytes, count, pointer in
            State.of(pointer)?.open[stream, default: Request(stream: stream)].body += UnsafeBufferPointer(start: bytes, count: count)
            return 0
        }
        library.setFrameReceived(callbacks) { _, frame, pointer in
            guard let head = frame?.load(as: NGHTTP2.FrameHead.self), head.type < 2, let state = State.of(pointer) else { return 0 }
            if head.type == NGHTTP2.Constant.data { state.open[head.streamID]?.dataFrames += 1 }
            guard head.flags & 1 != 0, let request = state.open.removeValue(forKey: head.streamID) else { return 0 }
            state.complete.append(request)
            return 0
        }
    }

    /// Sends settings, by number.
    func change(_ settings: [(Int32, UInt32)]) {
        let entries = settings.map { NGHTTP2.Setting(identifier: $0.0, value: $0.1) }
        _ = library.submitSettings(session, 0, entries, entries.count)
        flush()
    }

    /// Sends what nghttp2 answers by itself: acknowledgements and windows.
    private func flush() {
        var bytes: UnsafePointer<UInt8>?
        while case let count = library.nextOutput(session, &bytes), count > 0 {
            connection.send(Array(UnsafeBufferPointer(start: bytes, count: count)))
        }
    }

    /// The next request with its whole body; nil at the end of the connection.
    func nextRequest() -> Request? {
        while state.complete.isEmpty {
            guard readSome() else { return nil }
        }
        return state.complete.removeFirst()
    }

    /// Reads until the head of a request has come; returns its stream.
    func nextHead() -> Int32? {
        while state.open.isEmpty, state.complete.isEmpty {
            guard readSome() else { return nil }
        }
        return state.open.keys.first ?? state.complete.first?.stream
    }

    private func readSome() -> Bool {
        let bytes = connection.read()
        guard !bytes.isEmpty, library.receive(session, bytes, bytes.count) >= 0 else { return false }
        flush()
        return true
    }

    /// Sends frames one after another.
    @discardableResult
    func send(_ frames: [UInt8]...) -> Bool { connection.send(frames.flatMap { $0 }) }

    // MARK: Answers of gRPC

    static let head = [(":status", "200"), ("content-type", "application/grpc")]

    /// The prefix of a message and the message.
    static func content(_ message: [UInt8], flag: UInt8 = 0) -> [UInt8] {
        [flag] + withUnsafeBytes(of: UInt32(message.count).bigEndian) { Array($0) } + message
    }

    /// Answers with a message and a status in trailers.
    func answer(_ stream: Int32, _ status: Int = 0, message: [UInt8] = [], trailers: [(String, String)] = []) {
        send(
            HTTP2Frame.headers(stream, Self.head), HTTP2Frame.data(stream, Self.content(message)),
            HTTP2Frame.headers(stream, [("grpc-status", "\(status)")] + trailers, isLast: true))
    }

    /// Answers with a status in the head, and nothing else.
    func refuse(_ stream: Int32, _ status: Int, _ fields: [(String, String)] = []) {
        send(HTTP2Frame.headers(stream, Self.head + [("grpc-status", "\(status)")] + fields, isLast: true))
    }
}
