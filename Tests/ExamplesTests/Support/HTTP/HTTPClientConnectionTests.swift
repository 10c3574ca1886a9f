// Connections to hosts with several addresses, some of which do not respond.

import func Glibc.listen
import Synchronization
import Testing

@testable import ExampleSupport
@testable import Telemetry

struct HTTPClientConnectionTests {
    /// An address that does not respond to the first packet: its backlog is full.
    private struct UnansweringAddress {
        let address: SocketAddress
        private let listener: Socket
        private let fillers: [Socket]

        init() throws {
            let any = try #require(try SocketAddress.resolve(host: "127.0.0.1", port: 0, toListen: true).get().first)
            listener = try Socket.listening(on: any)
            try #require(listen(listener.descriptor, 0) == 0)
            let port = try #require(listener.localAddress?.hostAndPort.port)
            let address = try HTTPClientConnectionTests.address(port)
            self.address = address
            // One more than the queue holds is established; those after that wait.
            fillers = try (0..<4).map { _ in try Socket.connecting(to: address) }
        }
    }

    private static func address(_ port: Int) throws -> SocketAddress {
        try #require(try SocketAddress.resolve(host: "127.0.0.1", port: port, isNumeric: true).get().first)
    }

    /// Returns the result of a request to a host with these addresses.
    private static func result(_ addresses: [SocketAddress], within duration: Duration) async throws -> Result<
        HTTPResponse, HTTPClientError
    > {
        let loop = try #require(EventLoop(named: "test-client"))
        let pool = HTTPClientPool(loop: loop, maximumResponseBytes: 1000, maximumConnectionsPerHost: 1)
        let url = try #require(HTTPURL("http://several.invalid/"))
        let exchange = HTTPExchange(HTTPClient.Request(method: "GET", url: url), .after(duration))
        let connection = HTTPClientConnection(pool, authority: url.authority, maximumResponseBytes: 1000)
        let result = await withCheckedContinuation { continuation in
            exchange.whenDone { continuation.resume(returning: $0) }
            loop.execute { connection.start(exchange, addresses) }
        }
        // A connection does not own its pool, which is there for as long as it is open.
        loop.execute {
            connection.close()
            pool.shutdown()
        }
        loop.end()
        return result
    }

    /// The pool of one connection.
    private final class Owner: HTTPClientConnectionOwner, Sendable {
        let loop: EventLoop
        let idleCount = Atomic(0)

        init(_ loop: EventLoop) { self.loop = loop }

        func becameIdle(_ connection: HTTPClientConnection) { idleCount.add(1, ordering: .relaxed) }
        func closed(_ connection: HTTPClientConnection) {}
        func takeBack(_ exchange: HTTPExchange) {}
        func forgetAddresses(of authority: String) {}
    }

    @Test func idleConnectionHasNoExchange() async throws {
        let owner = Owner(try #require(EventLoop(named: "test-client")))
        try await withServer { server in
            let addresses = [try Self.address(server.port)]
            let url = try #require(HTTPURL("http://127.0.0.1:\(server.port)/"))
            let exchange = HTTPExchange(HTTPClient.Request(method: "GET", url: url), .after(.seconds(60)))
            let connection = HTTPClientConnection(owner, authority: url.authority, maximumResponseBytes: 1000)
            let result = await withCheckedContinuation { continuation in
                exchange.whenDone { continuation.resume(returning: $0) }
                owner.loop.execute { connection.start(exchange, addresses) }
            }
            #expect(try result.get().status == 200)
            let isFree = await withCheckedContinuation { continuation in
                owner.loop.execute {
                    let isFree = connection.exchange == nil
                    // Before the test goes on, which lets go of the owner.
                    connection.close()
                    continuation.resume(returning: isFree)
                }
            }
            #expect(isFree && owner.idleCount.load(ordering: .relaxed) == 1)
        }
        owner.loop.end()
    }

    @Test func unresponsiveAddressLeavesTimeForNextAddress() async throws {
        let silent = try UnansweringAddress()
        try await withServer { server in
            // The first address gets half of the time.
            let result = try await Self.result([silent.address, Self.address(server.port)], within: .seconds(10))
            #expect(try result.get().status == 200)
        }
    }

    @Test func refusingAddressIsFollowedByNextAddress() async throws {
        let free = try #require(ScriptedServer.freePort())
        try await withServer { server in
            let result = try await Self.result([Self.address(free), Self.address(server.port)], within: .seconds(60))
            #expect(try result.get().status == 200)
        }
    }

    @Test func errorNamesLastAddressTried() async throws {
        let ports = try (0..<2).map { _ in try #require(ScriptedServer.freePort()) }
        let result = try await Self.result(ports.map { try Self.address($0) }, within: .seconds(60))
        #expect(throws: HTTPClientError.refused(address: "127.0.0.1:\(ports[1])")) { try result.get() }
        let none = try await Self.result([], within: .seconds(60))
        #expect(throws: HTTPClientError.unreachable(address: "several.invalid", reason: "it has no address")) { try none.get() }
    }
}
