// Requests that were received from elsewhere, divided among a fleet of receivers.

import ExampleSupport
import Synchronization
import Testing

@testable import Telemetry

struct OTLPRelayTests {
    /// A request with so many spans, each of a trace of its own.
    private func request(spans: Int) async throws -> [UInt8] {
        let receiver = try ScriptedReceiver()
        _ = try await OTLPDelivering.deliver(to: receiver.url, spans: spans)
        await receiver.stop()
        return try #require(receiver.requests.first).body
    }

    private func relay(to endpoints: [String]) throws -> OTLPRelay {
        // No answer is too late, however busy the machine is, and the relay tries anew by itself.
        let policy = AddressPolicy(answerTimeout: .seconds(60), initialBackoff: .milliseconds(1), maximumBackoff: .milliseconds(5))
        let options = OTLPOptions(
            timeout: .seconds(60), compression: .uncompressed, encoding: .protobuf, retry: Fleet.endless, endpoints: endpoints,
            loadBalancing: .byTraceID, addresses: policy)
        return try OTLPRelay(.traces, options, maximumBytes: 1 << 20)
    }

    @Test func partOfFleetThatIsAwayIsSentLaterAlone() async throws {
        // The first receiver takes the first part that comes, and the others only when the test says so; the second one is away.
        let isOpen = Atomic(true)
        let taken = Mutex<[String: Int]>([:])
        let receiver = try HTTPServer.start(host: "127.0.0.1", port: 0, options: .patient) { request in
            guard isOpen.exchange(false, ordering: .sequentiallyConsistent) else { return HTTPResponse(status: 503) }
            let names = ((try? OTLPTraceRequest.decode(request.body)) ?? []).map(\.name)
            taken.withLock { for name in names { $0[name, default: 0] += 1 } }
            return HTTPResponse(status: 200)
        }
        let away = try #require(ScriptedServer.freePort())
        let relay = try relay(to: ["http://127.0.0.1:\(receiver.port)", "http://127.0.0.1:\(away)"])
        relay.submit(try await request(spans: 400), itemCount: 400)
        #expect(await eventually { relay.counts.delivered > 0 })
        let counts = relay.counts
        #expect(counts.delivered + counts.waiting == 400 && counts.waiting > 0 && counts.dropped == 0, "\(counts)")
        #expect(counts.lastFailure != nil)
        #expect(
            await eventually {
                isOpen.store(true, ordering: .sequentiallyConsistent)
                return relay.counts.delivered == 400
            })
        #expect(relay.counts.waiting == 0 && relay.counts.dropped == 0 && relay.counts.rejected == 0)
        #expect(taken.withLock { $0.count == 400 && $0.values.allSatisfy { $0 == 1 } }, "No span is sent twice.")
        await relay.shutdown(deadline: .after(.seconds(60)))
        await receiver.shutdown(within: .seconds(5))
    }

    @Test func partThatIsRefusedCountsAsRejected() async throws {
        let taking = try ScriptedReceiver()
        let refusing = try ScriptedReceiver((0..<64).map { _ in HTTPResponse(status: 400) })
        let relay = try relay(to: [taking.url, refusing.url])
        relay.submit(try await request(spans: 400), itemCount: 400)
        #expect(await eventually { relay.counts.waiting == 0 })
        let counts = relay.counts
        #expect(counts.delivered + counts.rejected == 400 && counts.dropped == 0 && (100...300).contains(counts.rejected), "\(counts)")
        await relay.shutdown(deadline: .after(.seconds(60)))
        for receiver in [taking, refusing] { await receiver.stop() }
    }
}
