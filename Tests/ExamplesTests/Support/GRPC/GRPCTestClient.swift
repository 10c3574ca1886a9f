// A client of gRPC for tests: nghttp2 reads answers, and a test says what is sent.

import ExampleSupport

@testable import Telemetry

/// Sends calls over one connection, several at once, and reads their answers.
final class GRPCTestClient {
    /// An answer with all its fields, and the code with which its stream ended.
    struct Answer {
        var head: [String: String] = [:]
        var trailers: [String: String] = [:]
        var body: [UInt8] = []
        /// The error code of the end; nil while it is open.
        var closeCode: UInt32?

        /// The code of gRPC, wherever it stands; nil without one.
        var code: GRPCCode? { (trailers["grpc-status"] ?? head["grpc-status"]).flatMap { Int($0) }.flatMap(GRPCCode.init(rawValue:)) }
        var message: String { PercentEncoding.decodeLeniently((trailers["grpc-message"] ?? head["grpc-message"] ?? "").utf8) }
        /// The message of the answer, without its prefix.
        var content: [UInt8] { Array(body.dropFirst(5)) }
    }

    private final class State {
        var answers: [Int32: Answer] = [:]
        /// The bodies of calls, and how much of them nghttp2 has taken.
        var bodies: [Int32: (bytes: [UInt8], taken: Int, isLast: Bool)] = [:]
        var heads: Set<Int32> = []
        var farewell: (code: UInt32, text: String)?

        static func of(_ pointer: UnsafeMutableRawPointer?) -> State? {
            pointer.map { Unmanaged<State>.fromOpaque($0).takeUnretainedValue() }
        }
    }

    /// False where nghttp2 is not installed.
    static var isAvailable: Bool { (try? NGHTTP2.system.get()) != nil }

    static let fields = [("content-type", "application/grpc"), ("te", "trailers")]

    let connection: RawConnection
    private let library: NGHTTP2
    private let session: OpaquePointer
    private let state = State()

    /// The farewell of the server; nil before it.
    var farewell: (code: UInt32, text: String)? { state.farewell }

    /// - Parameter settings: what the client sends first, by number.
    init?(port: Int, settings: [(Int32, UInt32)] = []) {
        guard let connection = RawConnection(port: port), let library = try? NGHTTP2.system.get() else { return nil }
        var callbacks: OpaquePointer?
        var session: OpaquePointer?
        guard library.newCallbacks(&callbacks) == 0 else { return nil }
        defer { library.freeCallbacks(callbacks) }
        Self.set(callbacks, library)
        guard library.newClient(&session, callbacks, Unmanaged.passUnretained(state).toOpaque()) == 0, let session else { return nil }
        (self.connection, self.library, self.session) = (connection, library, session)
        let entries = settings.map { NGHTTP2.Setting(identifier: $0.0, value: $0.1) }
        _ = library.submitSettings(session, 0, entries, entries.count)
        flush()
    }

    deinit { library.freeSession(session) }

    private static func set(_ callbacks: OpaquePointer?, _ library: NGHTTP2) {
        library.setHeader(callbacks) { _, frame, name, nameCount, value, valueCount, _, pointer in
            guard let stream = frame?.load(as: NGHTTP2.FrameHead.self).streamID, let state = State.of(pointer) else { return 0 }
            let text = String(decoding: UnsafeBufferPointer(start: value, count: valueCount), as: UTF8.self)
            let name = String(decoding: UnsafeBufferPointer(start: name, count: nameCount), as: UTF8.self)
            if state.heads.contains(stream) {
                state.answers[stream]?.trailers[name] = text
            } else {
                state.answers[stream]?.head[name] = text
            }
            return 0
        }
        library.setDataChunk(callbacks) { _, _, stream, bytes, count, pointer in
            State.of(pointer)?.answers[stream]?.body += UnsafeBufferPointer(start: bytes, count: count)
            return 0
        }
        library.setFrameReceived(callbacks) { _, frame, pointer in
            guard let state = State.of(pointer), let frame else { return 0 }
            let head = frame.load(as: NGHTTP2.FrameHead.self)
            if head.type == NGHTTP2.Constant.headers { state.heads.insert(head.streamID) }
            if head.type == NGHTTP2.Constant.goAway {
                let farewell = frame.load(as: NGHTTP2.GoAway.self)
                let text = UnsafeBufferPointer(start: farewell.debugData, count: farewell.debugCount)
                state.farewell = (farewell.errorCode, String(decoding: text, as: UTF8.self))
            }
            return 0
        }
        library.setStreamClose(callbacks) { _, stream, code, pointer in
            State.of(pointer)?.answers[stream]?.closeCode = code
            return 0
        }
    }

    /// Gives nghttp2 what there is of a body; one that is not whole waits for more.
    private static let read: NGHTTP2.ReadCallback = { _, stream, bytes, maximum, flags, _, pointer in
        guard let state = State.of(pointer), let body = state.bodies[stream] else { return Int(NGHTTP2.Constant.callbackFailure) }
        let count = min(maximum, body.bytes.count - body.taken)
        guard count > 0 || body.isLast else { return -508 }  // NGHTTP2_ERR_DEFERRED
        body.bytes.withUnsafeBytes {
            UnsafeMutableRawBufferPointer(start: bytes, count: maximum).copyMemory(
                from: .init(rebasing: $0[body.taken..<body.taken + count]))
        }
        state.bodies[stream]?.taken += count
        if body.isLast, body.taken + count == body.bytes.count { flags?.pointee |= NGHTTP2.Constant.endOfData }
        return count
    }

    /// Begins a call; returns its stream.
    ///
    /// - Parameter isWhole: false leaves the call open after the bytes.
    func begin(
        _ path: String, _ content: [UInt8], method: String = "POST", _ fields: [(String, String)] = fields, isWhole: Bool = true
    ) -> Int32 {
        let own = [(":method", method), (":scheme", "http"), (":path", path), (":authority", "test")]
        var provider = NGHTTP2.DataProvider(source: nil, read: Self.read)
        let stream = NGHTTP2.withFields((own + fields).map { (name: $0.0, value: $0.1) }) { list in
            library.submitRequest(session, nil, list.baseAddress, list.count, &provider, nil)
        }
        state.bodies[stream] = (content, 0, isWhole)
        state.answers[stream] = Answer()
        flush()
        return stream
    }

    /// Returns the answer to a call once its stream has ended, or the connection.
    func answer(_ stream: Int32) -> Answer {
        while state.answers[stream]?.closeCode == nil, readSome() {}
        return state.answers[stream] ?? Answer()
    }

    /// Reads until the server has said farewell, or the connection has ended.
    func readFarewell() {
        while state.farewell == nil, readSome() {}
    }

    /// Reads to the end of the connection.
    func readToEnd() {
        while readSome() {}
    }

    func reset(_ stream: Int32) {
        _ = library.submitReset(session, 0, stream, HTTP2ErrorCode.cancel)
        flush()
    }

    /// Calls a method with a message, and returns the answer.
    func call(_ path: String, _ message: [UInt8], _ fields: [(String, String)] = fields) -> Answer {
        answer(begin(path, Self.content(message), fields))
    }

    /// A message with its prefix.
    static func content(_ message: [UInt8], flag: UInt8 = 0) -> [UInt8] {
        [flag] + withUnsafeBytes(of: UInt32(message.count).bigEndian) { Array($0) } + message
    }

    private func readSome() -> Bool {
        let bytes = connection.read()
        guard !bytes.isEmpty, library.receive(session, bytes, bytes.count) >= 0 else { return false }
        flush()
        return true
    }

    private func flush() {
        var bytes: UnsafePointer<UInt8>?
        while case let count = library.nextOutput(session, &bytes), count > 0 {
            connection.send(Array(UnsafeBufferPointer(start: bytes, count: count)))
        }
    }
}

extension GRPCTestClient {
    /// Runs a closure with a client on a thread of its own; nil if the server cannot be reached.
    static func with<Value: Sendable>(
        port: Int, settings: [(Int32, UInt32)] = [], _ body: @escaping @Sendable (GRPCTestClient) -> Value
    ) async -> Value? {
        await onOwnThread { GRPCTestClient(port: port, settings: settings).map(body) }
    }
}
