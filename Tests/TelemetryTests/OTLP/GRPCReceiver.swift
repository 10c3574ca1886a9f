// A receiver of OTLP over gRPC whose answers a test defines.

import Synchronization

@testable import Telemetry

/// A receiver that answers the calls of all connections in turn, and keeps them.
final class GRPCReceiver: Sendable {
    typealias Answer = @Sendable (HTTP2Peer, HTTP2Peer.Request) -> Void

    private struct State {
        var answers: [Answer]
        var requests: [HTTP2Peer.Request] = []
    }

    private final class Script: Sendable {
        let state: Mutex<State>

        init(_ answers: [Answer]) {
            state = Mutex(State(answers: answers))
        }
    }

    private let script: Script
    private let receiver: MisbehavingReceiver

    /// Gives the answers in turn, and then accepts everything.
    init(_ answers: Answer..., settings: [(Int32, UInt32)] = []) throws {
        let script = Script(answers)
        self.script = script
        receiver = try MisbehavingReceiver { connection, _ in Self.serve(connection, settings, script) }
    }

    private static func serve(_ connection: RawConnection, _ settings: [(Int32, UInt32)], _ script: Script) {
        guard let peer = HTTP2Peer(connection, settings: settings) else { return }
        while let request = peer.nextRequest() {
            let answer = script.state.withLock { state in
                state.requests.append(request)
                return state.answers.isEmpty ? accepting : state.answers.removeFirst()
            }
            answer(peer, request)
        }
    }

    var url: String { receiver.url }
    var requests: [HTTP2Peer.Request] { script.state.withLock { $0.requests } }
    var connections: Int { receiver.connections }

    func stop() { receiver.stop() }

    // MARK: Answers

    static let accepting: Answer = { peer, request in peer.answer(request.stream) }

    /// Refuses with a status in the head.
    static func refusing(_ status: Int, _ fields: [(String, String)] = []) -> Answer {
        { peer, request in peer.refuse(request.stream, status, fields) }
    }

    /// Answers with a message.
    static func answering(_ message: [UInt8]) -> Answer {
        { peer, request in peer.answer(request.stream, message: message) }
    }
}

extension GRPCReceiver {
    /// Records spans, exports them over gRPC and flushes; returns the outcome.
    func deliver(
        spans: Int = 1, timeout: Duration = .patience, compression: OTLPCompression? = nil, headers: [String: String]? = nil
    ) async throws -> (result: FlushResult, health: PipelineHealth) {
        try await OTLPDelivering.deliver(
            to: url, spans: spans, timeout: timeout, headers: headers, compression: compression, encoding: .grpc)
    }
}
