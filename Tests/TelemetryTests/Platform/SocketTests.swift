// Sockets, addresses, wake descriptors and the poller.

import Glibc
import Testing

@testable import Telemetry

struct SocketTests {
    @Test(arguments: [("127.0.0.1", "127.0.0.1:80"), ("::1", "[::1]:80")])
    func numericAddressesResolveWithoutLookup(host: String, text: String) throws {
        let addresses = try SocketAddress.resolve(host: host, port: 80, isNumeric: true).get()
        #expect(addresses.first?.text == text)
    }

    @Test(arguments: ["localhost", "", "256.1.1.1", "[::1]"])
    func hostNamesAreRefusedAsNumericAddresses(host: String) {
        #expect(throws: SocketAddress.ResolutionError.self) { try SocketAddress.resolve(host: host, port: 80, isNumeric: true).get() }
    }

    @Test func repeatedRaisesWakeOnce() throws {
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

    @Test func closedWakeDescriptorEndsWait() throws {
        let wake = WakeDescriptor()
        close(wake.descriptor)
        #expect(SocketWait.wait(nil, toWrite: false, or: wake, until: .after(RawConnection.patience)) == .closed)
    }

    @Test func reusedWakeDescriptorNumberIsLeftAlone() throws {
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

    @Test func reusedSocketDescriptorNumberIsNotClosed() throws {
        let address = try #require(try SocketAddress.resolve(host: "127.0.0.1", port: 0, toListen: true).get().first)
        var listener: Socket? = try Socket.listening(on: address)
        let number = try #require(listener?.descriptor)
        try Self.replace(number)
        listener = nil
        #expect(fcntl(number, F_GETFD) >= 0)
        close(number)
    }

    @Test func pollerWithClosedDescriptorReportsFailure() throws {
        let poller = try #require(Poller())
        #expect(poller.wait(milliseconds: 0) { _, _ in })
        try Self.replace(poller.descriptor)
        #expect(!poller.wait(milliseconds: 60_000) { _, _ in })
        close(poller.descriptor)
    }

    @Test func pollerReportsKeysOfReadyDescriptors() throws {
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

    @Test func connectionToUnusedPortIsRefused() throws {
        let port = try #require(ScriptedServer.freePort())
        #expect(RawConnection(port: port) == nil)
    }
}
