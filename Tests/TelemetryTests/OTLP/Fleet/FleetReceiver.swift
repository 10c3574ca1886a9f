// One member of a fleet of receivers, which comes, goes, hangs and fails as a test says, with a ledger of the spans it was sent.

import Glibc
import Synchronization
import Testing

@testable import Telemetry

/// Listens on one address of this machine, over HTTP or gRPC.
final class FleetReceiver: Sendable {
    enum Mode: Sendable {
        /// Takes requests and answers them.
        case taking
        /// Takes requests and never answers.
        case hanging
        /// Reads nothing of new connections until it has another mode.
        case notReading
        /// Answers that it is overloaded, and takes nothing.
        case overloaded
    }

    /// The spans that came, by what was answered.
    struct Ledger {
        /// How often each span was taken and acknowledged.
        var acknowledged: [SpanID: Int] = [:]
        /// The same for spans that were taken without an answer.
        var unanswered: [SpanID: Int] = [:]
        var traces: Set<TraceID> = []
        var requestCount = 0
    }

    private struct State {
        var mode = Mode.taking
        /// Raised when the mode has changed, and then replaced.
        var change = Semaphore()
        var ledger = Ledger()
        var open: [Int32: Socket] = [:]
        var isListening = false
        var run = 0
    }

    let host: String
    let port: Int
    private let isGRPC: Bool
    private let wake = WakeDescriptor()
    private let state = Mutex(State())
    private let ended = Semaphore()

    init(_ host: String, port: Int, isGRPC: Bool) throws {
        (self.host, self.port, self.isGRPC) = (host, port, isGRPC)
        try come()
    }

    deinit { wake.raise() }

    var mode: Mode {
        get { state.withLock { $0.mode } }
        set {
            let change = state.withLock { state in
                defer { (state.mode, state.change) = (newValue, Semaphore()) }
                return state.change
            }
            change.post()
        }
    }

    /// The number of connections that are open.
    var connectionCount: Int { state.withLock { $0.open.count } }

    var ledger: Ledger { state.withLock { $0.ledger } }

    /// Listens.
    func come() throws {
        let address = try #require(try SocketAddress.resolve(host: host, port: port, toListen: true).get().first)
        let listener = try Socket.listening(on: address)
        let run = state.withLock { state in
            state.isListening = true
            state.run += 1
            return state.run
        }
        let isStarted = WorkerThread.start(named: "fleet-listener") { [self] in
            while state.withLock({ $0.isListening && $0.run == run }) {
                guard SocketWait.wait(listener, toWrite: false, or: wake, until: .after(RawConnection.patience)) == .ready else { break }
                guard let socket = try? listener.accept() else { continue }
                let isWanted = state.withLock { state in
                    guard state.isListening else { return false }
                    state.open[socket.descriptor] = socket
                    return true
                }
                guard isWanted else { continue }
                _ = WorkerThread.start(named: "fleet-member") { [self] in
                    serve(RawConnection(socket))
                    state.withLock { _ = $0.open.removeValue(forKey: socket.descriptor) }
                }
            }
            ended.post()
        }
        try #require(isStarted)
    }

    /// Stops listening, and ends all connections; the port is free then.
    func go() {
        let isListening = state.withLock { state in
            defer { state.isListening = false }
            for socket in state.open.values { shutdown(socket.descriptor, Int32(SHUT_RDWR)) }
            return state.isListening
        }
        guard isListening else { return }
        wake.raise()
        _ = ended.wait(until: .after(RawConnection.patience))
        wake.clear()
    }

    private func serve(_ connection: RawConnection) {
        waitToRead()
        if isGRPC {
            guard let peer = HTTP2Peer(connection) else { return }
            while let request = peer.nextRequest() {
                switch take(request.message) {
                case .taking: peer.answer(request.stream)
                case .overloaded: peer.refuse(request.stream, 14)
                case .hanging, .notReading: return waitForEnd(connection)
                }
            }
        } else {
            while let request = connection.nextRequest() {
                switch take(request.body) {
                case .taking: connection.send(MisbehavingReceiver.response(200))
                case .overloaded: connection.send(MisbehavingReceiver.response(503))
                case .hanging, .notReading: return waitForEnd(connection)
                }
            }
        }
    }

    private func waitToRead() {
        let limit = Deadline.after(RawConnection.patience)
        while case let (mode, change) = state.withLock({ ($0.mode, $0.change) }), mode == .notReading, change.wait(until: limit) {
            // For the next connection.
            change.post()
        }
    }

    private func waitForEnd(_ connection: RawConnection) {
        while !connection.read().isEmpty {}
    }

    /// Records the spans of a request; returns how to answer.
    private func take(_ request: [UInt8]) -> Mode {
        var spans: [(TraceID, SpanID)] = []
        request.withUnsafeBytes { bytes in
            Self.forEach(1, in: bytes) { resource in
                Self.forEach(2, in: resource) { scope in
                    Self.forEach(2, in: scope) { span in
                        var (trace, identifier) = (TraceID.invalid, SpanID.invalid)
                        Self.forEach(1, in: span) { trace = TraceID(bytes: $0) ?? .invalid }
                        Self.forEach(2, in: span) { identifier = SpanID(bytes: $0) ?? .invalid }
                        spans.append((trace, identifier))
                    }
                }
            }
        }
        return state.withLock { state in
            state.ledger.requestCount += 1
            for (trace, span) in spans {
                switch state.mode {
                case .taking: state.ledger.acknowledged[span, default: 0] += 1
                case .hanging, .notReading: state.ledger.unanswered[span, default: 0] += 1
                case .overloaded: continue
                }
                state.ledger.traces.insert(trace)
            }
            return state.mode
        }
    }

    private static func forEach(_ number: Int, in message: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        var reader = WireReader(message)
        while let field = try? reader.next() {
            if field.number == number { body(field.bytes) }
        }
    }
}
