// Bounds of a gRPC server: time, memory, connections, and peers that mean harm.

import Testing

@testable import ExampleSupport
@testable import Telemetry

@Suite(.enabled(if: GRPCTestClient.isAvailable, "nghttp2 is installed."))
struct GRPCServerLimitsTests {
    private typealias Client = GRPCTestClient

    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + HTTP2Frame.settings()
    private static let head = [
        (":method", "POST"), (":scheme", "http"), (":path", "/test.Echo/Say"), (":authority", "test"), ("content-type", "application/grpc"),
    ]

    /// The frames of a connection: type, stream and payload.
    private static func frames(_ connection: RawConnection) -> [(type: UInt8, stream: Int, payload: [UInt8])] {
        var bytes: [UInt8] = []
        while case let next = connection.read(), !next.isEmpty { bytes += next }
        var frames: [(type: UInt8, stream: Int, payload: [UInt8])] = []
        var rest = bytes[...]
        while rest.count >= 9 {
            let length = rest.prefix(3).reduce(0) { $0 << 8 | Int($1) }
            let stream = rest.dropFirst(5).prefix(4).reduce(0) { $0 << 8 | Int($1) }
            frames.append((rest[rest.startIndex + 3], stream, Array(rest.dropFirst(9).prefix(length))))
            rest = rest.dropFirst(9 + length)
        }
        return frames
    }

    /// Sends bytes, and returns the frames that come until the end of the connection.
    private static func exchange(_ server: GRPCServer, _ bytes: [UInt8]) async -> [(type: UInt8, stream: Int, payload: [UInt8])] {
        await onOwnThread {
            guard let connection = RawConnection(port: server.port) else { return [] }
            connection.send(bytes)
            return frames(connection)
        }
    }

    @Test func handlerThatTakesTooLongIsAnsweredForAtTheTimeoutOfItsCaller() async throws {
        let gate = Gate()
        let wasCancelled = Locked(false)
        let methods: [String: GRPCServer.Handler] = [
            "/test.Slow/Say": { call in
                await gate.pass()
                wasCancelled.withLock { $0 = Task.isCancelled }
                return .success(call.message)
            }
        ]
        try await withGRPCServer(.patient, methods) { server in
            let answer = await Client.with(port: server.port) { client in
                client.call("/test.Slow/Say", [1], Client.fields + [("grpc-timeout", "1S")])
            }
            #expect(answer?.code == .deadlineExceeded && answer?.message == "the time of grpc-timeout is over")
            gate.open()
            #expect(await eventually { wasCancelled.withLock { $0 } })
        }
    }

    @Test func callThatDoesNotComeInIsAnswered() async throws {
        var options = GRPCServerOptions.patient
        options.callTimeout = .milliseconds(20)
        try await withGRPCServer(options) { server in
            let answer = await Client.with(port: server.port) { client in
                client.answer(client.begin("/test.Echo/Say", [0, 0, 0, 0, 9, 1], isWhole: false))
            }
            #expect(answer?.code == .deadlineExceeded && answer?.message == "the call took too long to come in" && answer?.closeCode == 0)
        }
    }

    @Test func headThatComesInDropsEndsTheConnection() async throws {
        var options = GRPCServerOptions.patient
        options.callTimeout = .milliseconds(20)
        try await withGRPCServer(options) { server in
            // A frame of fields whose block goes on in another one, which never comes.
            let frames = await Self.exchange(server, Self.preface + HTTP2Frame.frame(1, flags: 0, stream: 1, [0x83]))
            let farewell = frames.first { $0.type == 7 }?.payload
            #expect(farewell?[4..<8] == [0, 0, 0, 11])
            #expect(farewell.map { String(decoding: $0.dropFirst(8), as: UTF8.self) } == "the head of a call took too long to come in")
        }
    }

    @Test func connectionWithoutCallsIsEnded() async throws {
        var options = GRPCServerOptions.patient
        options.idleTimeout = .milliseconds(20)
        try await withGRPCServer(options) { server in
            let farewell = await Client.with(port: server.port) { client in
                client.readToEnd()
                return client.farewell?.code == 0 && client.farewell?.text == "no call came for a while" && client.connection.isEnded
            }
            #expect(farewell == true)
        }
    }

    @Test(arguments: ["", "PRI * HTTP/2.0\r\n\r\nSM", "\u{16}\u{3}\u{1}"])
    func connectionThatDoesNotSpeakHTTP2IsClosed(opening: String) async throws {
        var options = GRPCServerOptions.patient
        options.prefaceTimeout = .milliseconds(20)
        try await withGRPCServer(options) { server in
            #expect(await RawConnection.answer(port: server.port, to: opening) == "")
        }
    }

    @Test func requestOfHTTP1IsToldWhatThePortIsFor() async throws {
        var options = GRPCServerOptions.patient
        options.directions = "This port takes calls; HTTP goes to port 4318."
        try await withGRPCServer(options) { server in
            let answer = await RawConnection.answer(
                port: server.port, to: "POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx")
            #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n") && answer.hasSuffix("\r\n\r\n\(options.directions)\n"))
            #expect(answer.contains("Content-Length: \(options.directions.utf8.count + 1)\r\n"))
        }
    }

    @Test func callsBeyondTheNumberOfConcurrentOnesAreRefused() async throws {
        let gate = Gate()
        var options = GRPCServerOptions.patient
        options.maximumConcurrentCalls = 2
        let methods: [String: GRPCServer.Handler] = [
            "/test.Echo/Say": { call in
                await gate.pass()
                return .success(call.message)
            }
        ]
        try await withGRPCServer(options, methods) { server in
            let frames = await onOwnThread { () -> [(type: UInt8, stream: Int, payload: [UInt8])] in
                guard let connection = RawConnection(port: server.port) else { return [] }
                var bytes = Self.preface
                // The settings must be acknowledged for the limit to hold.
                bytes += HTTP2Frame.frame(4, flags: 1, [])
                for stream in [1, 3, 5] as [Int32] {
                    bytes += HTTP2Frame.headers(stream, Self.head) + HTTP2Frame.data(stream, Client.content([1]), isLast: true)
                }
                connection.send(bytes)
                connection.shutDownSending()
                return Self.frames(connection)
            }
            // The two calls before it are the last that are taken.
            #expect(frames.first { $0.type == 7 }?.payload.prefix(8) == [0, 0, 0, 3, 0, 0, 0, 1])
            gate.open()
        }
    }

    @Test func connectionsBeyondTheirNumberAreClosed() async throws {
        var options = GRPCServerOptions.patient
        options.maximumConnections = 1
        try await withGRPCServer(options) { server in
            let results = await Client.with(port: server.port) { first in
                let isAnswered = first.call("/test.Echo/Say", [1]).code == .ok
                let second = RawConnection(port: server.port)
                return (isAnswered, second?.read().isEmpty, first.call("/test.Echo/Say", [1]).code == .ok)
            }
            #expect(results?.0 == true && results?.1 == true && results?.2 == true)
        }
    }

    @Test func largestCallsMakeRoomWhenTooManyBytesAreHeld() async throws {
        var options = GRPCServerOptions.patient
        options.maximumHeldBytes = 400_000
        try await withGRPCServer(options) { server in
            let answers = await Client.with(port: server.port) { client in
                let small = client.begin("/test.Echo/Say", [0, 0, 1, 0, 0] + [UInt8](repeating: 1, count: 1_000), isWhole: false)
                let large = client.begin("/test.Echo/Say", [0, 0, 16, 0, 0] + [UInt8](repeating: 1, count: 600_000), isWhole: false)
                return [client.answer(large), client.call("/test.Echo/Say", [7]), GRPCTestClient.Answer(closeCode: UInt32(small))]
            }
            let large = try #require(answers?.first)
            #expect(large.code == .unavailable && large.message.contains("too many bytes") && large.head["grpc-status-details-bin"] != nil)
            #expect(answers?[1].content == [7])
        }
    }

    @Test func callsThatAreGivenUpAtOnceEndTheConnection() async throws {
        try await withGRPCServer { server in
            var bytes = Self.preface
            for number in 0..<400 {
                let stream = Int32(2 * number + 1)
                bytes += HTTP2Frame.headers(stream, Self.head) + HTTP2Frame.reset(stream, code: 8)
            }
            let frames = await Self.exchange(server, bytes)
            #expect(frames.first { $0.type == 7 }?.payload[4..<8] == [0, 0, 0, 11])
        }
    }

    @Test func peerThatReadsNothingIsDisconnected() async throws {
        var options = GRPCServerOptions.patient
        options.sendTimeout = .milliseconds(50)
        try await withGRPCServer(options) { server in
            let isEnded = await onOwnThread { () -> Bool in
                guard let connection = RawConnection(port: server.port) else { return false }
                connection.send(Self.preface)
                let pings = [UInt8]((0..<10_000).flatMap { _ in HTTP2Frame.ping() })
                // The server stops reading before its memory grows; then the socket takes no more until it is closed.
                for _ in 0..<10_000 where !connection.send(pings) { return true }
                return false
            }
            #expect(isEnded)
        }
    }

    @Test func answerThatIsNotAdmittedIsGivenUp() async throws {
        var options = GRPCServerOptions.patient
        options.sendTimeout = .milliseconds(20)
        try await withGRPCServer(options) { server in
            // A window of zero admits no byte of the answer.
            let code = await Client.with(port: server.port, settings: [(4, 0)]) { client in
                client.call("/test.Echo/Say", [1]).closeCode
            }
            #expect(code == HTTP2ErrorCode.cancel)
        }
    }

    @Test func shutdownLetsCallsInFlightFinish() async throws {
        let gate = Gate()
        let methods: [String: GRPCServer.Handler] = [
            "/test.Slow/Say": { call in
                await gate.pass()
                return .success(call.message)
            }
        ]
        let server = try GRPCServer.start(host: "127.0.0.1", port: 0, options: .patient, methods: methods)
        async let outcome = Client.with(port: server.port) { client in
            let stream = client.begin("/test.Slow/Say", Client.content([5]))
            client.readFarewell()
            gate.open()
            let answer = client.answer(stream)
            client.readToEnd()
            return (client.farewell?.code, client.farewell?.text, answer.content, client.connection.isEnded)
        }
        #expect(await eventually { gate.arrivals == 1 })
        await server.shutdown(within: .seconds(60))
        let result = await outcome
        #expect(result?.0 == 0 && result?.1 == "the server is shutting down" && result?.2 == [5] && result?.3 == true)
        #expect(RawConnection(port: server.port) == nil, "The port is free.")
    }

    // MARK: Mutations

    private static var frames: [[UInt8]] {
        [
            Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8), HTTP2Frame.settings([(3, 100), (4, 65_535)]), HTTP2Frame.frame(4, flags: 1, []),
            HTTP2Frame.frame(8, [0, 1, 0, 0]), HTTP2Frame.headers(1, head), HTTP2Frame.ping(),
            HTTP2Frame.data(1, Client.content([10, 0]), isLast: true), HTTP2Frame.headers(3, head), HTTP2Frame.reset(3, code: 8),
            HTTP2Frame.headers(5, head + [("grpc-timeout", "1S")]), HTTP2Frame.data(5, Client.content([])),
            HTTP2Frame.headers(5, [("x", "y")], isLast: true), HTTP2Frame.goAway(last: 0, code: 0, "bye"),
        ]
    }

    private static func mutated(_ random: inout SplitMix64) -> [UInt8] {
        var frames = frames
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            // The opening stays in most of them, or nothing else would be read.
            let index = Int.random(in: Bool.random(using: &random) ? 0..<frames.count : 1..<frames.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0 where index > 0: frames.swapAt(index, Int.random(in: 1..<frames.count, using: &random))
            case 1 where index > 0: frames.insert(frames[index], at: Int.random(in: 1...frames.count, using: &random))
            case 2 where frames.count > 2 && index > 0: frames.remove(at: index)
            case 3 where index > 0:
                let (type, flags) = (UInt8.random(in: 0...12, using: &random), UInt8.random(in: 0...255, using: &random))
                let content = (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
                frames.insert(HTTP2Frame.frame(type, flags: flags, stream: Int32.random(in: 0...7, using: &random), content), at: index)
            default:
                guard !frames[index].isEmpty, index > 0 || Int.random(in: 0..<8, using: &random) == 0 else { continue }
                let place = Int.random(in: 0..<frames[index].count, using: &random)
                frames[index][place] = UInt8.random(in: 0...255, using: &random)
            }
        }
        let bytes = frames.flatMap { $0 }
        return Bool.random(using: &random) ? bytes : Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
    }

    /// Passes bytes to a session in parts of random sizes, and answers what is complete, without a socket.
    private static func exchange(_ bytes: [UInt8], _ random: inout SplitMix64) -> String {
        var answered = 0
        do throws(HTTP2ServerSession.Failure) {
            let session = try HTTP2ServerSession(limits: HTTPLimits(), concurrentStreams: 10, window: 100_000)
            var rest = bytes[...]
            while !rest.isEmpty, !session.isOver {
                let part = Array(rest.prefix(Int.random(in: 1...64, using: &random)))
                rest = rest.dropFirst(part.count)
                try part.withUnsafeBytes { part in Result { () throws(HTTP2ServerSession.Failure) in try session.receive(part) } }.get()
                for case .complete(let stream) in session.takeEvents() {
                    let body = session.takeBody(of: stream)
                    if session.respond(to: stream, [(":status", "200")], body: body, trailers: [("grpc-status", "0")]) { answered += 1 }
                }
                _ = try session.send { .done($0.count) }
            }
            return session.isOver ? "over" : answered > 0 ? "answered" : "open"
        } catch {
            return "violation"
        }
    }

    @Test func tenThousandMutationsOfFramesCrashAndHangNothing() throws {
        var random = SplitMix64(seed: 4_317)
        var outcomes: [String: Int] = [:]
        for _ in 0..<10_000 { outcomes[Self.exchange(Self.mutated(&random), &random), default: 0] += 1 }
        // The mutations reach every way out.
        #expect(outcomes.values.reduce(0, +) == 10_000)
        for outcome in ["over", "answered", "open"] { #expect(outcomes[outcome, default: 0] > 300, "\(outcomes)") }
    }

    @Test func mutationsOverASocketLeaveTheServerWell() async throws {
        var options = GRPCServerOptions.patient
        options.callTimeout = .milliseconds(50)
        options.idleTimeout = .milliseconds(50)
        options.prefaceTimeout = .milliseconds(50)
        try await withGRPCServer(options) { server in
            var random = SplitMix64(seed: 24_317)
            for _ in 0..<300 {
                let bytes = Self.mutated(&random)
                let isEnded = await onOwnThread { () -> Bool in
                    guard let connection = RawConnection(port: server.port) else { return false }
                    connection.send(bytes)
                    connection.shutDownSending()
                    _ = Self.frames(connection)
                    return connection.isEnded
                }
                #expect(isEnded)
            }
            // The times are short for a connection that is well, too.
            #expect(await eventually { await Client.with(port: server.port) { $0.call("/test.Echo/Say", [7]).content } == [7] })
        }
    }
}
