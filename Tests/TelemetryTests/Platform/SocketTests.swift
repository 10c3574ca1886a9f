// Tests of sockets, addresses and of waiting for them.

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

    @Test func aPollerSaysWhichDescriptorIsReady() throws {
        let poller = try #require(Poller())
        let (first, second) = (WakeDescriptor(), WakeDescriptor())
        #expect(poller.add(first.descriptor, key: 1, .readable))
        #expect(poller.add(second.descriptor, key: UInt64.max - 1, .readable))
        #expect(!poller.add(second.descriptor, key: 3, .readable), "A descriptor is watched once.")
        func ready() -> [UInt64] {
            var keys: [UInt64] = []
            poller.wait(milliseconds: 0) { key, _ in keys.append(key) }
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
