// Bodies of any length, slow peers on both sides, and connections that are kept.

import ExampleSupport
import Telemetry
import Testing

@testable import Sidecar

@Suite("POC-43: sidecar, streams") struct SidecarStreamTests {
    private static let size = 24 << 20

    @Test func largeBodyIsNotHeldForASlowClient() async throws {
        let release = OneSignal()
        let server = try ScriptedServer { connection in
            _ = connection.readHead()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(Self.size)\r\n\r\n")
            let piece = [UInt8](repeating: 65, count: 64 << 10)
            for _ in 0..<(Self.size / piece.count) {
                guard connection.send(piece) else { return }
            }
        }
        try await RunningSidecar.before(server.port) { sidecar in
            async let received = sidecar.connected { connection -> Int in
                connection.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                // Nothing is read before the upstream has come to a stop.
                release.wait()
                var count = 0
                while case let next = connection.read(), !next.isEmpty { count += next.count }
                return count
            }
            // It has stopped reading while there is much more to read, and holds no more than a bounded part.
            #expect(await eventually { await sidecar.hasStoppedReading() })
            release.raise()
            let count = try await received
            #expect(count > Self.size && count < Self.size + 1000)
        }
    }

    @Test func largeRequestArrivesWhole() async throws {
        let received = Notes<Int>()
        let server = try ScriptedServer { connection in
            _ = connection.readHead()
            var count = 0
            // The head was read with the first bytes of the body behind it.
            while count < Self.size - 64 * 1024, case let next = connection.read(), !next.isEmpty { count += next.count }
            received.add(count)
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        }
        try await RunningSidecar.before(server.port) { sidecar in
            let answer = try await sidecar.connected { connection -> String in
                connection.send("PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: \(Self.size)\r\n\r\n")
                connection.send([UInt8](repeating: 66, count: Self.size))
                return connection.read(until: "ok")
            }
            #expect(answer.hasSuffix("ok"))
        }
        #expect((received.all.first ?? 0) >= Self.size - 64 * 1024)
    }

    @Test func connectionsAreKeptOnBothSides() async throws {
        let server = try ScriptedServer { connection in
            for number in 0..<50 {
                guard !connection.readHead().isEmpty else { return }
                let text = "answer \(number)"
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)")
            }
        }
        try await RunningSidecar.before(server.port) { sidecar in
            let answers = try await sidecar.connected { connection in
                (0..<50).map { number in
                    connection.send("GET /\(number) HTTP/1.1\r\nHost: a\r\n\r\n")
                    return String(decoding: connection.nextResponse()?.body ?? [], as: UTF8.self)
                }
            }
            #expect(answers == (0..<50).map { "answer \($0)" })
        }
    }

    @Test func staleConnectionIsReplacedWithoutTheClientNoticing() async throws {
        let answer: @Sendable (RawConnection) -> Void = { connection in
            guard !connection.readHead().isEmpty else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        }
        // The second request is taken and not answered: as if the server had closed just before.
        let server = try ScriptedServer(
            { connection in
                answer(connection)
                _ = connection.readHead()
            }, answer)
        try await RunningSidecar.before(server.port, upstream: ", retries: {attempts: 0}") { sidecar in
            let statuses = try await sidecar.connected { connection in
                (0..<2).map { _ in
                    connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    return connection.nextResponse()?.head.status
                }
            }
            #expect(statuses == [200, 200])
        }
    }

    @Test func clientThatHasGoneEndsTheRequestAtTheUpstream() async throws {
        let (arrived, ended) = (OneSignal(), Notes<Bool>())
        let server = try ScriptedServer { connection in
            _ = connection.readHead()
            arrived.raise()
            _ = connection.read()
            ended.add(connection.isEnded)
        }
        try await RunningSidecar.before(server.port) { sidecar in
            try await sidecar.connected { connection in
                connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                arrived.wait()
                connection.close()
            }
            #expect(await eventually { ended.all == [true] })
            let line = try #require(await eventually { !sidecar.logs.finishedRecords.isEmpty } ? sidecar.logs.finishedRecords.first : nil)
            #expect(line.attributes["reason"] == "client_gone" && line.attributes["status"] == 499)
            #expect(await sidecar.finished(.server).first?.status == .unset, "That is no error of the service.")
        }
    }

    @Test func answerThatBreaksOffBreaksOffForTheClient() async throws {
        let server = try ScriptedServer { connection in
            _ = connection.readHead()
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        }
        try await RunningSidecar.before(server.port) { sidecar in
            let answer = await sidecar.answer(to: "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(answer.contains("3\r\nabc\r\n") && !answer.contains("0\r\n\r\n"))
            let span = try #require(await sidecar.finished(.client).first)
            #expect(span.attributes["error.type"] != nil)
        }
    }

    @Test func requestsInFlightAreAnsweredBeforeTheSidecarStops() async throws {
        let (arrived, release) = (OneSignal(), OneSignal())
        let server = try ScriptedServer { connection in
            _ = connection.readHead()
            arrived.raise()
            release.wait()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        }
        try await RunningSidecar.before(server.port) { sidecar in
            async let answer = sidecar.answer(to: "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            await onOwnThread { arrived.wait() }
            async let stopped: Void = sidecar.server.stop(within: .seconds(60))
            release.raise()
            let text = await answer
            await stopped
            #expect(text.hasSuffix("\r\n\r\nok"))
        }
    }
}
