// Calls, their framing and their refusals.

import Testing

@testable import ExampleSupport
@testable import Telemetry

/// Runs a server for the time of a closure.
func withGRPCServer(
    _ options: GRPCServerOptions = .patient, _ methods: [String: GRPCServer.Handler] = GRPCServerTests.methods,
    observer: @escaping GRPCServer.Observer = { _, _ in }, _ body: (GRPCServer) async throws -> Void
) async throws {
    let server = try GRPCServer.start(host: "127.0.0.1", port: 0, options: options, methods: methods, observer: observer)
    do {
        try await body(server)
    } catch {
        await server.shutdown(within: .zero)
        throw error
    }
    await server.shutdown(within: .zero)
}

@Suite(.enabled(if: GRPCTestClient.isAvailable, "nghttp2 is installed."))
struct GRPCServerTests {
    private typealias Client = GRPCTestClient

    static let methods: [String: GRPCServer.Handler] = [
        "/test.Echo/Say": { .success($0.message) },
        "/test.Echo/Tell": { .success(Array("\($0.path) \($0.coding) \($0.headers["x-key"] ?? "") \($0.deadline == .never)".utf8)) },
        "/test.Echo/Fail": { _ in .failure(.unavailable, "später, 100 %", retryDelay: .milliseconds(1_500)) },
    ]

    @Test func unaryCallsOfOneConnectionAreAnswered() async throws {
        let seen = Locked<[String]>([])
        try await withGRPCServer(observer: { path, code in seen.withLock { $0.append("\(path) \(code)") } }) { server in
            let answers = await Client.with(port: server.port) { client in
                [
                    client.call("/test.Echo/Say", [1, 2, 3]), client.call("/test.Echo/Say", []),
                    client.call("/test.Echo/Tell", [1], Client.fields + [("x-key", "v"), ("grpc-timeout", "100S")]),
                    client.call("/test.Echo/Fail", []),
                ]
            }
            let all = try #require(answers)
            #expect(all[0].content == [1, 2, 3] && all[0].code == .ok && all[0].head[":status"] == "200")
            #expect(all[0].head["content-type"] == "application/grpc+proto" && all[0].trailers["grpc-status"] == "0")
            #expect(all[1].body == [0, 0, 0, 0, 0] && all[1].code == .ok)
            #expect(String(decoding: all[2].content, as: UTF8.self) == "/test.Echo/Tell identity v false")
            #expect(all[3].code == .unavailable && all[3].message == "später, 100 %" && all[3].trailers.isEmpty && all[3].body.isEmpty)
            #expect(all.allSatisfy { $0.closeCode == 0 })
        }
        #expect(seen.withLock { $0 } == ["/test.Echo/Say ok", "/test.Echo/Say ok", "/test.Echo/Tell ok", "/test.Echo/Fail unavailable"])
    }

    /// The bytes are those that Python's googleapis-common-protos writes.
    @Test func detailsOfStatusAreThoseOfGoogleAPIs() {
        let answer = GRPCAnswer.failure(.unavailable, "later", retryDelay: .milliseconds(1_500))
        let expected = "CA4SBWxhdGVyGjYKKHR5cGUuZ29vZ2xlYXBpcy5jb20vZ29vZ2xlLnJwYy5SZXRyeUluZm8SCgoICAEQgMq17gE="
        #expect(answer.statusFields.first { $0.name == "grpc-status-details-bin" }?.value == expected)
        // A client that decodes leniently would read an unencoded message too.
        let message = GRPCAnswer.failure(.internal, "später, 100 %\n").statusFields.first { $0.name == "grpc-message" }?.value
        #expect(message == "sp%C3%A4ter%2C%20100%20%25%0A")
        let long = GRPCAnswer.failure(.internal, String(repeating: "ä", count: 5_000))
        #expect((long.statusFields.first { $0.name == "grpc-message" }?.value.utf8.count ?? 0) < 4_000)
    }

    @Test func largeMessageComesThroughSmallWindows() async throws {
        var options = GRPCServerOptions.patient
        options.window = 20_000
        try await withGRPCServer(options) { server in
            let message = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let answers = await Client.with(port: server.port, settings: [(4, 1_000)]) { client in
                let streams = (0..<3).map { _ in client.begin("/test.Echo/Say", Client.content(message)) }
                return streams.map { client.answer($0).content == message }
            }
            #expect(answers == [true, true, true])
        }
    }

    @Test(arguments: [
        (path: "/test.Echo/No", fields: Client.fields, content: Client.content([1]), code: GRPCCode.unimplemented, says: "/test.Echo/Say"),
        ("/test.Echo/Say", [("content-type", "application/grpc+json")], Client.content([1]), .unimplemented, "application/grpc+proto"),
        ("/test.Echo/Say", Client.fields + [("grpc-encoding", "br")], Client.content([1]), .unimplemented, "gzip"),
        ("/test.Echo/Say", Client.fields + [("grpc-timeout", "5 min")], Client.content([1]), .invalidArgument, "grpc-timeout is \"5 min\""),
        ("/test.Echo/Say", Client.fields + [("grpc-timeout", "123456789m")], Client.content([1]), .invalidArgument, "one to eight digits"),
        ("/test.Echo/Say", Client.fields, [], .unimplemented, "needs one"),
        ("/test.Echo/Say", Client.fields, [0, 0], .internal, "cut off"),
        ("/test.Echo/Say", Client.fields, [0, 0, 0, 0, 9, 1], .internal, "cut off"),
        ("/test.Echo/Say", Client.fields, Client.content([1]) + Client.content([2]), .unimplemented, "exactly one"),
        ("/test.Echo/Say", Client.fields, [2, 0, 0, 0, 0], .internal, "first byte of the message is 2"),
        ("/test.Echo/Say", Client.fields, [1, 0, 0, 0, 1, 9], .internal, "no grpc-encoding"),
        ("/test.Echo/Say", Client.fields, [0, 0, 0x10, 0, 1], .resourceExhausted, "1048577 bytes, more than the 1048576"),
        (
            "/test.Echo/Say", Client.fields + [("x", String(repeating: "y", count: 40_000))], Client.content([1]), .resourceExhausted,
            "metadata"
        ),
    ])
    private func wrongCallIsToldWhatWouldBeRight(
        path: String, fields: [(String, String)], content: [UInt8], code: GRPCCode, says: String
    ) async throws {
        var options = GRPCServerOptions.patient
        options.maximumMessageBytes = 1 << 20
        try await withGRPCServer(options) { server in
            let answers = await Client.with(port: server.port) { client in
                [client.answer(client.begin(path, content, fields)), client.call("/test.Echo/Say", [7])]
            }
            let first = try #require(answers?.first)
            #expect(first.code == code && first.message.contains(says), "\(first)")
            #expect(first.head["grpc-accept-encoding"] == (code == .unimplemented && first.trailers.isEmpty ? "identity,gzip" : nil))
            #expect(answers?.last?.content == [7], "The connection goes on.")
        }
    }

    @Test func messageThatIsTooLargeIsRefusedBeforeItHasCome() async throws {
        var options = GRPCServerOptions.patient
        options.maximumMessageBytes = 1_000
        try await withGRPCServer(options) { server in
            let answers = await Client.with(port: server.port) { client in
                // The first says how long it will be, the second does not keep to its length.
                [
                    client.answer(client.begin("/test.Echo/Say", [0, 0, 0, 4, 0], isWhole: false)),
                    client.answer(client.begin("/test.Echo/Say", [0, 0, 0, 0, 9] + [UInt8](repeating: 1, count: 2_000), isWhole: false)),
                    client.call("/test.Echo/Say", [7]),
                ]
            }
            #expect(answers?.map(\.code) == [.resourceExhausted, .resourceExhausted, .ok])
            #expect(answers?.map(\.closeCode) == [0, 0, 0])
        }
    }

    @Test func requestThatIsNoCallIsAnsweredInHTTP() async throws {
        var options = GRPCServerOptions.patient
        options.directions = "This port takes calls."
        try await withGRPCServer(options) { server in
            let answers = await Client.with(port: server.port) { client in
                [
                    client.answer(client.begin("/", [], method: "GET", [])),
                    client.answer(client.begin("/v1/traces", [1], [("content-type", "application/json")])),
                ]
            }
            #expect(answers?.map { $0.head[":status"] } == ["405", "415"] && answers?.map(\.code) == [nil, nil])
            let texts = answers?.map { String(decoding: $0.body, as: UTF8.self) } ?? []
            #expect(texts.allSatisfy { $0.hasPrefix("This port takes calls.") } && texts.last?.contains("application/json") == true)
        }
    }

    @Test func timeoutsAreRead() {
        let known: [(String, Duration)] = [
            ("1H", .seconds(3_600)), ("2M", .seconds(120)), ("99999999S", .seconds(99_999_999)), ("5m", .milliseconds(5)),
            ("7u", .microseconds(7)), ("9n", .nanoseconds(9)), ("0S", .zero),
        ]
        for (text, duration) in known { #expect(GRPCCallHead.duration(text) == duration, "\(text)") }
        for text in ["", "S", "1", "1s", "-1S", "+1S", "123456789S", "1.5S", " 1S"] {
            #expect(GRPCCallHead.duration(text) == nil, "\(text)")
        }
    }

    @Test func libraryThatIsMissingIsNamed() {
        #expect(NGHTTP2.requirement(DynamicLibrary.Failure(description: "x")).contains("apt install libnghttp2-14"))
        #expect(HTTP2ServerSession.missingLibrary == nil)
    }

    @Test func takenPortIsAnError() async throws {
        try await withGRPCServer { server in
            #expect(throws: GRPCServer.Failure.cannotListen(.addressInUse(host: "127.0.0.1", port: server.port))) {
                try GRPCServer.start(host: "127.0.0.1", port: server.port, methods: [:])
            }
        }
    }
}
