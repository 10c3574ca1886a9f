// Name resolution with late, failing and unresponsive resolvers.

import Synchronization
import Testing

@testable import Telemetry

struct HostLookupTests {
    /// A resolver that answers when the test lets it.
    private final class SlowResolver: Sendable {
        let callCount = Atomic(0)
        let release = Semaphore()
        let port: Int
        private let isFailing: Bool

        init(port: Int, isFailing: Bool = false) {
            self.port = port
            self.isFailing = isFailing
        }

        func resolve() -> Result<[SocketAddress], SocketAddress.ResolutionError> {
            callCount.wrappingAdd(1, ordering: .relaxed)
            _ = release.wait(until: .after(RawConnection.patience))
            if isFailing { return .failure(.init(reason: "no such name")) }
            return SocketAddress.resolve(host: "127.0.0.1", port: port, isNumeric: true)
        }
    }

    private func connection(_ resolver: SlowResolver) throws -> BlockingHTTPConnection {
        let url = try #require(HTTPURL("http://collector.invalid:4318/"))
        return BlockingHTTPConnection(to: url) { _, _ in resolver.resolve() }
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
        let url = try #require(HTTPURL("http://127.0.0.1:\(port)/"))
        let connection = BlockingHTTPConnection(to: url) { _, _ in
            Issue.record("There is nothing to look up.")
            return .success([])
        }
        #expect(await connection.outcome().error == .refused(address: "127.0.0.1:\(port)"))
    }

    @Test func hostWithoutAddressIsReported() async throws {
        let url = try #require(HTTPURL("http://collector.invalid/"))
        let connection = BlockingHTTPConnection(to: url) { _, _ in .success([]) }
        #expect(await connection.outcome().error == .unknownHost("collector.invalid", reason: "it has no address"))
    }
}
