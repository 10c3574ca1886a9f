// Frames of a hostile peer: nothing crashes, nothing hangs.

import Testing

@testable import Telemetry

@Suite(.enabled(if: HTTP2Peer.isAvailable, "nghttp2 is installed."))
struct HTTP2FuzzTests {
    /// A whole answer to the first request of a connection, which is on stream 1.
    private static var answer: [[UInt8]] {
        [
            HTTP2Frame.settings([(3, 100), (4, 65_535)]), HTTP2Frame.frame(4, flags: 1, []), HTTP2Frame.frame(8, [0, 1, 0, 0]),
            HTTP2Frame.headers(1, HTTP2Peer.head), HTTP2Frame.ping(), HTTP2Frame.data(1, HTTP2Peer.content([10, 0])),
            HTTP2Frame.headers(1, [("grpc-status", "0"), ("grpc-message", "a%20b")], isLast: true),
            HTTP2Frame.goAway(last: 1, code: 0, "bye"), HTTP2Frame.reset(1, code: 8),
        ]
    }

    /// Changes frames: bytes, order, number, lengths.
    private static func mutated(_ random: inout SplitMix64) -> [UInt8] {
        var frames = answer
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            let index = Int.random(in: 0..<frames.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: frames.swapAt(index, Int.random(in: 0..<frames.count, using: &random))
            case 1: frames.insert(frames[index], at: Int.random(in: 0...frames.count, using: &random))
            case 2 where frames.count > 1: frames.remove(at: index)
            case 3:
                let type = UInt8.random(in: 0...12, using: &random)
                let flags = UInt8.random(in: 0...255, using: &random)
                let content = (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
                frames.insert(HTTP2Frame.frame(type, flags: flags, stream: Int32.random(in: 0...3, using: &random), content), at: index)
            default:
                guard !frames[index].isEmpty else { continue }
                let place = Int.random(in: 0..<frames[index].count, using: &random)
                frames[index][place] = UInt8.random(in: 0...255, using: &random)
            }
        }
        let bytes = frames.flatMap { $0 }
        return Bool.random(using: &random) ? bytes : Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
    }

    /// Exchanges a request with a peer that sends the bytes in parts of random sizes, without a socket.
    private static func exchange(_ library: NGHTTP2, _ bytes: [UInt8], _ random: inout SplitMix64) -> String {
        var sent = 0
        do throws(HTTP2Session.Failure) {
            let session = try HTTP2Session(library)
            let body = [UInt8](repeating: 7, count: 1_000)
            let head = HTTP2RequestHead(
                [(name: ":method", value: "POST"), (name: ":scheme", value: "http"), (name: ":path", value: "/")], path: "/", headers: [],
                varying: OTLPGRPCTransport.timeout)
            return try body.withUnsafeBytes { body -> Result<String, HTTP2Session.Failure> in
                Result { () throws(HTTP2Session.Failure) in
                    // A frame of content more than there is exceeds the limit.
                    try session.start(head, varying: "30000m", body: [body], maximumResponseBytes: 10)
                    var rest = bytes[...]
                    while true {
                        _ = try session.send { pieces in
                            let count = pieces.reduce(0) { $0 + $1.count }
                            sent += count
                            return .done(count)
                        }
                        guard let exchange = session.exchange, !exchange.isComplete, exchange.closeCode == nil, !rest.isEmpty else { break }
                        let part = Array(rest.prefix(Int.random(in: 1...64, using: &random)))
                        rest = rest.dropFirst(part.count)
                        try part.withUnsafeBytes { part in
                            Result { () throws(HTTP2Session.Failure) in try session.receive(part) }
                        }.get()
                    }
                    let outcome = session.exchange?.isComplete == true ? "complete" : "incomplete"
                    _ = session.finish()
                    return outcome
                }
            }.get()
        } catch {
            return "violation"
        }
    }

    @Test func tenThousandMutationsOfFramesCrashAndHangNothing() throws {
        let library = try NGHTTP2.system.get()
        var random = SplitMix64(seed: 17)
        var outcomes: [String: Int] = [:]
        for _ in 0..<10_000 { outcomes[Self.exchange(library, Self.mutated(&random), &random), default: 0] += 1 }
        // The mutations reach every way out.
        #expect(outcomes.values.reduce(0, +) == 10_000)
        for outcome in ["complete", "incomplete", "violation"] { #expect(outcomes[outcome, default: 0] > 500, "\(outcomes)") }
    }

    @Test func unchangedAnswerIsComplete() throws {
        var random = SplitMix64(seed: 1)
        #expect(Self.exchange(try NGHTTP2.system.get(), Self.answer.flatMap { $0 }, &random) == "complete")
    }

    @Test func mutatedAnswersOverASocketEndEveryCall() async throws {
        let random = Locked(SplitMix64(seed: 18))
        let receiver = try MisbehavingReceiver { connection, _ in
            // The client's first frames must have come: closing a connection with unread bytes would reset it.
            _ = connection.read()
            connection.send(random.withLock { Self.mutated(&$0) })
        }
        let connection = BlockingHTTP2Connection(
            to: try #require(HTTPURL(receiver.url)), try NGHTTP2.system.get(), tls: nil, proxy: nil, maximumResponseBytes: 1_000,
            varyingField: OTLPGRPCTransport.timeout)
        // The peer closes after its answer, so that no call has to wait for its deadline.
        for number in 0..<200 {
            let error = await connection.outcome().error
            #expect(error != .timedOut(address: "127.0.0.1:\(receiver.port)"), "call \(number)")
        }
        receiver.stop()
    }
}
