// The memory of connections, which is not copied by its uses.

import Testing

@testable import Telemetry

struct ReceiveBufferTests {
    private final class Connection {
        var buffer = ReceiveBuffer(size: 64)
    }

    @Test func bytesAreUsedInPlace() {
        let connection = Connection()
        var addresses: Set<UInt> = []
        for number in 0..<3 as Range<UInt8> {
            connection.buffer.withUnsafeMutableBytes { bytes in
                #expect(bytes.count == 64)
                bytes.storeBytes(of: number, as: UInt8.self)
                addresses.insert(UInt(bitPattern: bytes.baseAddress))
            }
            #expect(connection.buffer.withUnsafeBytes { $0.first } == number)
            #expect(Array(connection.buffer.prefix(2)) == [number, 0])
        }
        #expect(addresses.count == 1)
    }

    @Test func bufferThatWasNotUsedHasNoBytes() {
        let buffer = ReceiveBuffer(size: 64)
        #expect(buffer.withUnsafeBytes { $0.count } == 0)
        #expect(buffer.prefix(1).isEmpty)
    }
}
