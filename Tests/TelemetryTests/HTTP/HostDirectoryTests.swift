// Name resolution: late, failing and unresponsive resolvers, answers that become old, and addresses that come and go.

import Synchronization
import Testing

@testable import Telemetry

struct HostDirectoryTests {
    /// A resolver that answers when the test lets it.
    private final class SlowResolver: NameResolver {
        let callCount = Atomic(0)
        let release = Semaphore()
        let port: Int
        private let isFailing: Bool

        init(port: Int, isFailing: Bool = false) {
            self.port = port
            self.isFailing = isFailing
        }

        func resolve(host: String, port: Int) -> Result<ResolvedName, SocketAddress.ResolutionError> {
            callCount.wrappingAdd(1, ordering: .relaxed)
            _ = release.wait(until: .after(RawConnection.patience))
            if isFailing { return .failure(.init(reason: "no such name")) }
            return SocketAddress.resolve(host: "127.0.0.1", port: self.port, isNumeric: true).map { ResolvedName(addresses: $0) }
        }
    }

    private func connection(
        _ resolver: any NameResolver, to text: String = "http://collector.invalid:4318/", policy: AddressPolicy = AddressPolicy(),
        clock: TelemetryClock = .system
    ) throws -> BlockingHTTPConnection {
        let url = try #require(HTTPURL(text))
        let directory = HostDirectory(host: url.host, port: url.port, policy: policy, resolver: resolver, clock: clock)
        return BlockingHTTPConnection(to: url, directory: directory)
    }

    @Test func unresponsiveResolverTimesOutOnOneThread() async throws {
        let server = try ScriptedServer { connection in
            if connection.nextRequest() != nil { connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") }
        }
        let resolver = SlowResolver(port: server.port)
        let connection = try connection(resolver)
        let late = HTTPClientError.unknownHost("collector.invalid", reason: "the system's resolver has not answered in time")
        for _ in 0..<3 { #expect(await connection.outcome(within: .milliseconds(20)).error == late) }
        #expect(late.isTransient)
        #expect(await eventually { resolver.callCount.load(ordering: .relaxed) == 1 })
        #expect(await connection.outcome(within: .milliseconds(20)).error == late)
        #expect(resolver.callCount.load(ordering: .relaxed) == 1, "At most one thread waits for the resolver.")
        // The late result is used.
        resolver.release.post()
        #expect(try await connection.outcome().get().status == 200)
        #expect(resolver.callCount.load(ordering: .relaxed) == 1)
    }

    @Test func interruptionEndsLookup() async throws {
        let resolver = SlowResolver(port: 1)
        let connection = try connection(resolver)
        async let outcome = connection.outcome()
        #expect(await eventually { resolver.callCount.load(ordering: .relaxed) == 1 })
        connection.interrupt()
        #expect(await outcome.error == .interrupted)
        resolver.release.post()
    }

    @Test func failedLookupIsRetried() async throws {
        let resolver = SlowResolver(port: 1, isFailing: true)
        let connection = try connection(resolver)
        for count in 1...2 {
            resolver.release.post()
            #expect(await connection.outcome().error == .unknownHost("collector.invalid", reason: "no such name"))
            #expect(resolver.callCount.load(ordering: .relaxed) == count)
        }
    }

    @Test func numericAddressIsNotLookedUp() async throws {
        let port = try #require(ScriptedServer.freePort())
        let resolver = ScriptedResolver()
        let connection = try connection(resolver, to: "http://127.0.0.1:\(port)/")
        #expect(await connection.outcome().error == .refused(address: "127.0.0.1:\(port)"))
        #expect(resolver.count == 0)
    }

    @Test func hostWithoutAddressIsReported() async throws {
        let connection = try connection(ScriptedResolver())
        #expect(await connection.outcome().error == .unknownHost("collector.invalid", reason: "it has no address"))
    }

    // MARK: Answers that become old

    /// Two receivers at two addresses of one port, which answer with 201 and 202.
    private func receivers() throws -> (port: Int, first: HTTPServer, second: HTTPServer) {
        let port = try #require(ScriptedServer.freePort())
        let first = try HTTPServer.start(host: "127.0.0.2", port: port, options: .patient) { _ in HTTPResponse(status: 201) }
        let second = try HTTPServer.start(host: "127.0.0.3", port: port, options: .patient) { _ in HTTPResponse(status: 202) }
        return (port, first, second)
    }

    @Test func nameIsLookedUpAgainWithoutWaiting() async throws {
        let (port, first, second) = try receivers()
        let resolver = ScriptedResolver(["127.0.0.2"])
        let clock = ManualClock()
        let connection = try connection(resolver, to: "http://collectors.test:\(port)/", clock: .manual(clock))
        #expect(try await connection.outcome().get().status == 201)
        #expect(resolver.count == 1)
        resolver.answer(["127.0.0.3"])
        clock.advance(by: .seconds(29))
        #expect(try await connection.outcome().get().status == 201)
        #expect(resolver.count == 1, "The answer holds for 30 seconds.")
        clock.advance(by: .seconds(1))
        // The lookup is in the background; once its answer is there, the connection to an address that is gone is replaced.
        #expect(try await eventually { try await connection.outcome().get().status == 202 })
        #expect(resolver.count == 2)
        for server in [first, second] { await server.shutdown(within: .seconds(5)) }
    }

    @Test func lifetimeOfAnswerIsObeyed() async throws {
        let (port, first, second) = try receivers()
        let resolver = ScriptedResolver()
        resolver.answer(["127.0.0.2"], lifetime: .seconds(5))
        let clock = ManualClock()
        let connection = try connection(resolver, to: "http://collectors.test:\(port)/", clock: .manual(clock))
        #expect(try await connection.outcome().get().status == 201)
        resolver.answer(["127.0.0.3"], lifetime: .seconds(100))
        clock.advance(by: .seconds(5))
        #expect(try await eventually { try await connection.outcome().get().status == 202 })
        clock.advance(by: .seconds(99))
        #expect(try await connection.outcome().get().status == 202)
        #expect(resolver.count == 2)
        for server in [first, second] { await server.shutdown(within: .seconds(5)) }
    }

    @Test func answerWithoutALifetimeHoldsForASecond() async throws {
        let (port, first, second) = try receivers()
        let resolver = ScriptedResolver()
        resolver.answer(["127.0.0.2"], lifetime: .zero)
        let clock = ManualClock()
        let connection = try connection(resolver, to: "http://collectors.test:\(port)/", clock: .manual(clock))
        for _ in 0..<20 { #expect(try await connection.outcome().get().status == 201) }
        #expect(resolver.count == 1)
        clock.advance(by: .seconds(1))
        #expect(try await connection.outcome().get().status == 201)
        #expect(await eventually { resolver.count == 2 })
        for server in [first, second] { await server.shutdown(within: .seconds(5)) }
    }

    @Test func connectionToAnAddressThatStaysIsKept() async throws {
        let (port, first, second) = try receivers()
        // Were it replaced, each second one would lead to the other address.
        for _ in 0..<8 {
            let resolver = ScriptedResolver(["127.0.0.2"])
            let clock = ManualClock()
            let connection = try connection(resolver, to: "http://collectors.test:\(port)/", clock: .manual(clock))
            #expect(try await connection.outcome().get().status == 201)
            resolver.answer(["127.0.0.2", "127.0.0.3"])
            clock.advance(by: .seconds(30))
            for _ in 0..<3 {
                #expect(try await connection.outcome().get().status == 201)
                #expect(await eventually { resolver.count == 2 })
            }
        }
        for server in [first, second] { await server.shutdown(within: .seconds(5)) }
    }

    @Test func hostThatHasMovedIsLookedUpBeforeTheNextAttempt() async throws {
        let (port, first, second) = try receivers()
        await first.shutdown(within: .seconds(5))
        let resolver = ScriptedResolver(["127.0.0.2"])
        let clock = ManualClock()
        let connection = try connection(resolver, to: "http://collectors.test:\(port)/", clock: .manual(clock))
        #expect(await connection.outcome().error == .refused(address: "127.0.0.2:\(port)"))
        resolver.answer(["127.0.0.3"])
        #expect(try await connection.outcome().get().status == 202)
        #expect(resolver.count == 2, "The first answer would have held for 30 seconds.")
        await second.shutdown(within: .seconds(5))
    }

    @Test func failedRefreshKeepsAddresses() async throws {
        let (port, first, second) = try receivers()
        let resolver = ScriptedResolver(["127.0.0.2"])
        let clock = ManualClock()
        let connection = try connection(resolver, to: "http://collectors.test:\(port)/", clock: .manual(clock))
        #expect(try await connection.outcome().get().status == 201)
        resolver.fail()
        clock.advance(by: .seconds(30))
        #expect(try await connection.outcome().get().status == 201)
        #expect(await eventually { resolver.count == 2 })
        // The lookup is repeated a second later, and succeeds.
        resolver.answer(["127.0.0.3"])
        #expect(
            try await eventually {
                clock.advance(by: .seconds(1))
                return try await connection.outcome().get().status == 202
            })
        for server in [first, second] { await server.shutdown(within: .seconds(5)) }
    }

    @Test func oldConnectionIsReplacedBetweenRequests() async throws {
        let (port, first, second) = try receivers()
        let resolver = ScriptedResolver(["127.0.0.2"])
        let clock = ManualClock()
        let policy = AddressPolicy(refreshInterval: .seconds(1), connectionAge: .seconds(100))
        let connection = try connection(resolver, to: "http://collectors.test:\(port)/", policy: policy, clock: .manual(clock))
        #expect(try await connection.outcome().get().status == 201)
        // The first one stays an address: only the age leads away from it.
        resolver.answer(["127.0.0.2", "127.0.0.3"])
        clock.advance(by: .seconds(79))
        #expect(try await connection.outcome().get().status == 201)
        #expect(await eventually { resolver.count == 2 })
        #expect(try await connection.outcome().get().status == 201, "A connection lives for four fifths of its age at least.")
        var seen: Set<Int> = []
        #expect(
            try await eventually {
                clock.advance(by: .seconds(100))
                seen.insert(try await connection.outcome().get().status)
                return seen == [201, 202]
            }, "New addresses get their share.")
        for server in [first, second] { await server.shutdown(within: .seconds(5)) }
    }

    @Test func connectionThatCannotBeReplacedIsKept() async throws {
        let (port, first, second) = try receivers()
        await second.shutdown(within: .seconds(5))
        let resolver = ScriptedResolver(["127.0.0.2"])
        let clock = ManualClock()
        let connection = try connection(resolver, to: "http://collectors.test:\(port)/", clock: .manual(clock))
        #expect(try await connection.outcome().get().status == 201)
        resolver.answer(["127.0.0.3"])
        clock.advance(by: .seconds(30))
        for _ in 0..<20 { #expect(try await connection.outcome().get().status == 201) }
        #expect(await eventually { resolver.count >= 2 })
        for _ in 0..<20 { #expect(try await connection.outcome().get().status == 201) }
        await first.shutdown(within: .seconds(5))
    }

    @Test func refusedAddressIsLeftForOthers() async throws {
        let (port, first, second) = try receivers()
        await first.shutdown(within: .seconds(5))
        let resolver = ScriptedResolver(["127.0.0.2", "127.0.0.3"])
        for _ in 0..<8 {
            // The order is random: the first address that is tried is the closed one half of the time.
            let connection = try connection(resolver, to: "http://collectors.test:\(port)/")
            #expect(try await connection.outcome().get().status == 202)
        }
        await second.shutdown(within: .seconds(5))
    }

    @Test func refusedAddressIsNoOtherOneForAWhile() async throws {
        let (port, first, second) = try receivers()
        await first.shutdown(within: .seconds(5))
        let directory = HostDirectory(
            host: "collectors.test", port: port, policy: AddressPolicy(initialBackoff: .seconds(3600), maximumBackoff: .seconds(3600)),
            resolver: ScriptedResolver(["127.0.0.2", "127.0.0.3"]))
        let url = try #require(HTTPURL("http://collectors.test:\(port)/"))
        let refusing = try #require(try SocketAddress.resolve(host: "127.0.0.2", port: port, isNumeric: true).get().first)
        let answering = try #require(try SocketAddress.resolve(host: "127.0.0.3", port: port, isNumeric: true).get().first)
        // The order is random: the closed one is tried sooner or later.
        for number in 0..<64 where number == 0 || directory.hasOther(than: answering) {
            #expect(try await BlockingHTTPConnection(to: url, directory: directory).outcome().get().status == 202)
        }
        #expect(!directory.hasOther(than: answering) && directory.hasOther(than: refusing))
        await second.shutdown(within: .seconds(5))
    }
}
