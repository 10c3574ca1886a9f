// Tests of sockets, addresses and of waiting for them.

import Glibc
import Synchronization
import Testing

@testable import Telemetry

@Suite struct SocketTests {
    @Test(arguments: [("127.0.0.1", "127.0.0.1:80"), ("::1", "[::1]:80")])
    func numericAddressesNeedNoLookUp(host: String, text: String) throws {
        let addresses = try SocketAddress.resolve(host: host, port: 80, isNumeric: true).get()
        #expect(addresses.first?.text == text)
    }

    @Test(arguments: ["localhost", "", "256.1.1.1", "[::1]"])
    func namesAreNoNumericAddresses(host: String) {
        #expect(throws: SocketAddress.ResolutionError.self) { try SocketAddress.resolve(host: host, port: 80, isNumeric: true).get() }
    }

    @Test func aWakeDescriptorWakesOnceForManyCalls() throws {
        let wake = WakeDescriptor()
        #expect(wake.isUsable)
        let address = try #require(try SocketAddress.resolve(host: "127.0.0.1", port: 0, toListen: true).get().first)
        let listener = try Socket.listening(on: address)
        for _ in 0..<100_000 { wake.raise() }
        #expect(SocketWait.wait(listener, toWrite: false, or: wake, until: .after(RawConnection.patience)) == .woken)
        wake.clear()
        #expect(SocketWait.wait(listener, toWrite: false, or: wake, until: .after(.milliseconds(1))) == .timedOut)
    }

    /// Gives the number of a descriptor to another file, as in a program that has closed all of its descriptors and opened others.
    static func replace(_ descriptor: Int32, by path: String = "/dev/zero") throws {
        let file = open(path, O_RDWR | O_CLOEXEC)
        try #require(file >= 0 && dup2(file, descriptor) == descriptor)
        close(file)
    }

    @Test func closedWakeDescriptorEndsTheWait() throws {
        let wake = WakeDescriptor()
        close(wake.descriptor)
        #expect(SocketWait.wait(nil, toWrite: false, or: wake, until: .after(RawConnection.patience)) == .closed)
    }

    @Test func descriptorOfAnotherFileIsNeitherWaitedForNorReadNorClosed() throws {
        var number: Int32 = -1
        do {
            let wake = WakeDescriptor()
            number = wake.descriptor
            #expect(wake.isIntact)
            // Always readable, and without an end.
            try Self.replace(number)
            #expect(!wake.isIntact)
            #expect(SocketWait.wait(nil, toWrite: false, or: wake, until: .after(RawConnection.patience)) == .closed)
            wake.clear()
        }
        #expect(fcntl(number, F_GETFD) >= 0, "It belongs to another file now.")
        close(number)
    }

    @Test func socketWhoseNumberHasGoneToAnotherFileIsNotClosed() throws {
        let address = try #require(try SocketAddress.resolve(host: "127.0.0.1", port: 0, toListen: true).get().first)
        var listener: Socket? = try Socket.listening(on: address)
        let number = try #require(listener?.descriptor)
        try Self.replace(number)
        listener = nil
        #expect(fcntl(number, F_GETFD) >= 0)
        close(number)
    }

    @Test func pollerWithoutItsDescriptorSaysThatThereIsNothingToWaitWith() throws {
        let poller = try #require(Poller())
        #expect(poller.wait(milliseconds: 0) { _, _ in })
        try Self.replace(poller.descriptor)
        #expect(!poller.wait(milliseconds: 60_000) { _, _ in })
        close(poller.descriptor)
    }

    @Test func aPollerSaysWhichDescriptorIsReady() throws {
        let poller = try #require(Poller())
        let (first, second) = (WakeDescriptor(), WakeDescriptor())
        #expect(poller.add(first.descriptor, key: 1, .readable))
        #expect(poller.add(second.descriptor, key: UInt64.max - 1, .readable))
        #expect(!poller.add(second.descriptor, key: 3, .readable), "A descriptor is watched once.")
        func ready() -> [UInt64] {
            var keys: [UInt64] = []
            _ = poller.wait(milliseconds: 0) { key, _ in keys.append(key) }
            return keys.sorted()
        }
        #expect(ready() == [])
        second.raise()
        #expect(ready() == [UInt64.max - 1])
        first.raise()
        #expect(ready() == [1, UInt64.max - 1])
        second.clear()
        poller.change(first.descriptor, key: 1, [])
        #expect(ready() == [])
        poller.remove(first.descriptor)
    }

    @Test func anAddressThatNobodyListensOnRefuses() throws {
        let port = try #require(ScriptedServer.freePort())
        #expect(RawConnection(port: port) == nil)
    }
}

@Suite struct EventLoopTests {
    @Test func loopWhoseDescriptorsWereClosedEndsAndTellsItsHandlers() async throws {
        final class Handler: EventHandler, Sendable {
            let endings = Mutex<[Poller.Readiness]>([])
            func isReady(_ readiness: Poller.Readiness) { endings.withLock { $0.append(readiness) } }
            func checkTime(_ now: UInt64) -> UInt64 { .max }
        }
        let loop = try #require(EventLoop(named: "test-loop"))
        let handler = Handler()
        loop.execute {
            _ = loop.add(handler)
            try? SocketTests.replace(loop.poller.descriptor)
        }
        // A loop that spun would take work for ever.
        #expect(await eventually { !loop.execute {} })
        #expect(await eventually { handler.endings.withLock { $0 } == [.ended] })
        close(loop.poller.descriptor)
    }

    @Test func serverWhoseDescriptorsWereClosedClosesItsConnections() async throws {
        try await withServer { server in
            let port = server.port
            let rest = await onOwnThread { () -> String in
                guard let connection = RawConnection(port: port) else { return "no connection" }
                connection.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = connection.nextResponse()
                server.loop.execute { try? SocketTests.replace(server.loop.poller.descriptor) }
                return connection.readToEnd()
            }
            #expect(rest == "")
            #expect(await eventually { !server.loop.execute {} })
            close(server.loop.poller.descriptor)
        }
    }

    @Test func workIsDoneInOrderUntilTheEnd() async throws {
        let loop = try #require(EventLoop(named: "test-loop"))
        let numbers = Mutex<[Int]>([])
        for number in 0..<1000 { #expect(loop.execute { numbers.withLock { $0.append(number) } }) }
        loop.end()
        #expect(!loop.execute {})
        #expect(await eventually { numbers.withLock { $0.count } == 1000 })
        #expect(numbers.withLock { $0 } == Array(0..<1000))
    }
}
