// The Jaeger remote sampler against a server with valid, invalid and no answers.

import Synchronization
import Testing

@testable import Telemetry

struct JaegerRemoteSamplerTests {
    private static let keepsAll = #"{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":1}}"#
    private static let keepsNone = #"{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":0}}"#

    /// The next answer of a server, and the requests that it got.
    private final class Script: Sendable {
        private let answer = Mutex(HTTPResponse.text(""))
        let targets = Journal<String>()

        func say(_ text: String, status: Int = 200) { answer.withLock { $0 = .text(text, status: status) } }

        @Sendable func respond(_ request: HTTPRequest) async -> HTTPResponse {
            targets.note("\(request.method) \(request.target)")
            return answer.withLock { $0 }
        }
    }

    /// A provider that uses the sampler, under a manual clock.
    private func recording(_ sampler: any Sampler) -> Recording { Recording(sampler: sampler) }

    private func isKept(_ recording: Recording, parent: Context = .root) -> Bool {
        recording.tracer.startSpan("work", parent: parent).context.isSampled
    }

    @Test func strategyIsPolledAndAnInvalidAnswerKeepsTheLastOne() async throws {
        let script = Script()
        try await withServer(host: "127.0.0.1", { await script.respond($0) }) { server in
            script.say(Self.keepsAll)
            let sampler = JaegerRemoteSampler(
                endpoint: "http://127.0.0.1:\(server.port)/sampling", every: .seconds(60), initial: .alwaysOff)
            let recording = recording(sampler)
            #expect(await eventually { sampler.pollCount == 1 })
            #expect(isKept(recording))
            #expect(sampler.description.contains("probabilistic 1.0"))
            var count = 1
            func next(_ text: String, status: Int = 200) async {
                script.say(text, status: status)
                count += 1
                let expected = count
                recording.clock.advance(by: .seconds(60))
                #expect(await eventually { sampler.pollCount == expected })
            }
            await next(Self.keepsNone)
            #expect(!isKept(recording))
            await next(Self.keepsAll)
            for (text, status) in [("{", 200), ("{}", 200), (Self.keepsNone, 500), (Self.keepsNone, 302), ("", 200)] {
                await next(text, status: status)
                #expect(isKept(recording), "The last good strategy stays in force.")
            }
            await next(Self.keepsNone)
            #expect(!isKept(recording))
            #expect(Set(script.targets.entries) == ["GET /sampling?service=tests"], "The service is the resource's.")
            _ = await recording.provider.shutdown(deadline: .after(.patience))
        }
    }

    @Test func endpointAcceptsAQueryOrNoPathAndAnyServiceName() async throws {
        let script = Script()
        script.say(Self.keepsAll)
        try await withServer(host: "127.0.0.1", { await script.respond($0) }) { server in
            for (path, target) in [
                ("", "/sampling?service=a%20%26%C3%A9"), ("/", "/sampling?service=a%20%26%C3%A9"),
                ("/api/sampling?x=1", "/api/sampling?x=1&service=a%20%26%C3%A9"),
            ] {
                let sampler = JaegerRemoteSampler(endpoint: "http://127.0.0.1:\(server.port)\(path)", service: "a &é")
                sampler.start(resource: .service("not asked for"), clock: .manual(ManualClock()))
                #expect(await eventually { sampler.pollCount == 1 })
                #expect(script.targets.entries.last == "GET \(target)")
            }
        }
    }

    @Test func pollRequestHasNoBody() async throws {
        let heads = Journal<String>()
        let server = try ScriptedServer { connection in
            heads.note(connection.read(until: "\r\n\r\n"))
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(Self.keepsAll.utf8.count)\r\n\r\n\(Self.keepsAll)")
        }
        let sampler = JaegerRemoteSampler(endpoint: server.url, initial: .alwaysOff)
        let recording = recording(sampler)
        #expect(await eventually { sampler.pollCount == 1 })
        #expect(isKept(recording))
        let head = try heads.entries.first.unwrapped()
        #expect(head.hasPrefix("GET /sampling?service=tests HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\nAccept: application/json\r\n"))
        #expect(!head.lowercased().contains("content-length") && head.hasSuffix("\r\n\r\n"))
    }

    @Test func initialSamplerDecidesUntilTheFirstAnswer() async throws {
        let port = try ScriptedServer.freePort().unwrapped()
        for (initial, isExpected) in [(.alwaysOn, true), (.alwaysOff, false)] as [(any Sampler, Bool)] {
            let sampler = JaegerRemoteSampler(endpoint: "http://127.0.0.1:\(port)", initial: initial)
            let recording = recording(sampler)
            #expect(await eventually { sampler.pollCount >= 1 })
            #expect(isKept(recording) == isExpected)
            #expect(sampler.description.contains(initial.description))
        }
    }

    @Test func tooLargeAnswerIsRejected() async throws {
        let script = Script()
        script.say(Self.keepsAll + String(repeating: " ", count: 1 << 20))
        try await withServer(host: "127.0.0.1", { await script.respond($0) }) { server in
            let sampler = JaegerRemoteSampler(endpoint: "http://127.0.0.1:\(server.port)", initial: .alwaysOff)
            let recording = recording(sampler)
            #expect(await eventually { sampler.pollCount == 1 })
            #expect(!isKept(recording))
        }
    }

    @Test func shutdownStopsPollingEvenDuringARequest() async throws {
        let isEnded = Atomic(false)
        let hasBegun = Atomic(false)
        let server = try ScriptedServer { connection in
            _ = connection.read(until: "\r\n\r\n")
            hasBegun.store(true, ordering: .sequentiallyConsistent)
            // No answer: the client goes away.
            _ = connection.readToEnd()
            isEnded.store(true, ordering: .sequentiallyConsistent)
        }
        let sampler = JaegerRemoteSampler(endpoint: server.url)
        let recording = recording(.parentBased(.alwaysRecord(sampler)))
        #expect(await eventually { hasBegun.load(ordering: .sequentiallyConsistent) }, "It is found within other samplers.")
        _ = await recording.provider.shutdown(deadline: .after(.patience))
        #expect(await eventually { isEnded.load(ordering: .sequentiallyConsistent) })
        recording.clock.advance(by: .seconds(3600))
        #expect(sampler.pollCount <= 1)
    }

    @Test func nestedInACustomSamplerPollingStartsAtTheFirstDecisionAndEndsAtRelease() async throws {
        let script = Script()
        script.say(Self.keepsAll)
        try await withServer(host: "127.0.0.1", { await script.respond($0) }) { server in
            let sampler = JaegerRemoteSampler(endpoint: "http://127.0.0.1:\(server.port)", service: "own", initial: .alwaysOff)
            let recording = recording(CustomSampler { sampler.decision(for: $0) })
            #expect(sampler.pollCount == 0)
            // The first poll may be over before the first decision.
            _ = isKept(recording)
            #expect(await eventually { sampler.pollCount == 1 })
            #expect(isKept(recording))
        }
    }

    @Test func traceStateOfTheParentIsKept() async throws {
        let sampler = JaegerRemoteSampler(endpoint: "http://127.0.0.1:1")
        let request = SamplingRequest(
            parent: Context.root.with(spanContext: .madeUp(traceState: "a=1")), traceID: TraceID(high: 1, low: 1), name: "", kind: .server,
            attributes: [:], links: [], hasRandomTraceID: true)
        #expect(sampler.decision(for: request).traceState?.headerValue == "a=1")
    }

    @Test func invalidSettingsInCodeAreAnError() {
        #expect(throws: ConfigurationError.self) {
            try TelemetrySystem.start(sampler: .parentBased(.jaegerRemote(endpoint: "collector")), spans: [], environment: [:])
        }
        #expect(JaegerRemoteSampler(every: .zero).problem?.setting == "jaegerRemote(every:)")
        #expect(JaegerRemoteSampler().problem == nil)
    }
}
