// HTTP over Unix sockets.

import Foundation
import Testing

@testable import Telemetry

struct UnixSocketTests {
    private let path = FileManager.default.temporaryDirectory.appending(path: "telemetry-\(UInt64.random(in: 0 ... .max)).sock").path

    @Test func requestsAreSentOverUnixSocket() async throws {
        let address = try #require(try SocketAddress.unix(path: path).get().first)
        #expect(address.text == path)
        let listener = try Socket.listening(on: address)
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = WorkerThread.start(named: "test-server") {
            guard SocketWait.wait(listener, toWrite: false, or: WakeDescriptor(), until: .after(RawConnection.patience)) == .ready,
                let socket = try? listener.accept()
            else { return }
            let connection = RawConnection(socket)
            for _ in 0..<2 {
                let head = connection.read(until: "\r\n\r\n")
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(head.utf8.count)\r\n\r\n\(head)")
            }
        }
        let url = try #require(HTTPURL("unix:\(path):/v1/traces"))
        let connection = BlockingHTTPConnection(to: url)
        for _ in 0..<2 {
            let text = String(decoding: try await connection.outcome(of: []).get().body.bytes, as: UTF8.self)
            #expect(text == "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
        }
    }

    @Test func missingSocketIsReported() async throws {
        let url = try #require(HTTPURL("unix://\(path)"))
        let error = await BlockingHTTPConnection(to: url).outcome().error
        #expect(error == .unreachable(address: path, reason: "No such file or directory"))
        #expect(error?.isTransient == true, "The server may not have been started yet.")
    }

    @Test func pathBeyondLimitIsRefused() async throws {
        let long = "/" + String(repeating: "x", count: 120)
        let error = await BlockingHTTPConnection(to: try #require(HTTPURL("unix:\(long)"))).outcome().error
        #expect(error?.description.contains("the path of a Unix socket has 1 to 107 bytes, this one 121") == true)
        #expect(error?.isTransient == false)
        #expect(throws: SocketAddress.ResolutionError.self) { try SocketAddress.unix(path: "").get() }
        #expect(throws: SocketAddress.ResolutionError.self) { try SocketAddress.unix(path: "/a\0b").get() }
        #expect(throws: Never.self) { try SocketAddress.unix(path: String(long.prefix(107))).get() }
    }
}
