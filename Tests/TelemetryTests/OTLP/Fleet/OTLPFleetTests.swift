// Ten receivers that come, go, hang and fail: shares, traces that stay together, and exact ledgers.

import Testing

@testable import Telemetry

@Suite(.enabled(if: HTTP2Peer.isAvailable, "needs nghttp2"))
struct OTLPFleetTests {
    // MARK: By trace

    /// The share of a member deviates by chance by one per cent of 10,000 traces, and by 2.2 of 2,000.
    @Test(arguments: [(false, 100_000, 0.05), (true, 20_000, 0.13)])
    func tracesAreSharedEquallyAndStay(isGRPC: Bool, traces: Int, tolerance: Double) async throws {
        let fleet = try Fleet(isGRPC: isGRPC, batchSize: 8192)
        #expect(await fleet.send(traces: traces) == .completed)
        fleet.expectExactDelivery()
        #expect(fleet.isSticky, "Parents and children, which are in different batches, go to one member.")
        for member in fleet.members {
            let share = Double(member.ledger.traces.count * fleet.members.count) / Double(traces)
            #expect((1 - tolerance...1 + tolerance).contains(share), "\(member.host) has \(share) of an equal share.")
        }
        await fleet.end()
    }

    @Test(arguments: [false, true]) func membersThatComeGoAndHangCostNoSpan(isGRPC: Bool) async throws {
        // No failover comes to the wait between two attempts, which is an hour.
        let fleet = try Fleet(first: 7, isGRPC: isGRPC, addresses: AddressPolicy(answerTimeout: .seconds(6)))
        await fleet.send(traces: 2000)
        fleet.expectExactDelivery()
        #expect(fleet.isSticky)
        // Two go; their traces go to the others at once.
        for member in fleet.members[..<2] { member.go() }
        await fleet.send(traces: 2000)
        fleet.expectExactDelivery()
        // One is overloaded, and one hangs after it has taken a request.
        fleet.members[2].mode = .overloaded
        fleet.members[3].mode = .hanging
        await fleet.send(traces: 2000)
        fleet.expectExactDelivery()
        let unanswered = fleet.unansweredCount
        #expect(unanswered > 0 && fleet.members[3].ledger.requestCount > 1)
        let doubled = fleet.members[3].ledger.unanswered.keys.filter { fleet.acknowledged[$0] != nil }.count
        #expect(doubled == unanswered, "What was taken without an answer was sent to another member, and is all that was sent twice.")
        // While they are left, no further span goes to them.
        await fleet.send(traces: 2000)
        fleet.expectExactDelivery()
        #expect(fleet.unansweredCount == unanswered)
        // Three come; those that were gone come back, and the others recover.
        fleet.resolver.answer(fleet.members.map(\.host))
        for member in fleet.members[..<2] { try member.come() }
        for member in fleet.members { member.mode = .taking }
        fleet.clock.advance(by: .seconds(61))
        #expect(
            await eventually {
                await fleet.send(traces: 100)
                return fleet.members.allSatisfy { $0.ledger.acknowledged.count > 0 }
            })
        let before = fleet.members.map { $0.ledger.traces.count }
        await fleet.send(traces: 20_000)
        fleet.expectExactDelivery()
        for (member, before) in zip(fleet.members, before) {
            let share = Double(member.ledger.traces.count - before) / 2000
            // Six deviations by chance.
            #expect((0.87...1.13).contains(share), "\(member.host) has \(share) of an equal share.")
        }
        await fleet.end()
    }

    @Test(arguments: [false, true]) func fleetThatIsAwayCostsCountedSpans(isGRPC: Bool) async throws {
        let fleet = try Fleet(4, isGRPC: isGRPC)
        await fleet.send(traces: 500)
        fleet.expectExactDelivery()
        for member in fleet.members { member.go() }
        #expect(await fleet.send(traces: 500) == .failed)
        #expect(fleet.health.exported == 1000 && fleet.health.droppedCount == 1000 && fleet.acknowledged.count == 1000)
        for member in fleet.members { try member.come() }
        fleet.clock.advance(by: .seconds(61))
        #expect(await fleet.send(traces: 500) == .completed)
        #expect(fleet.health.exported == 2000 && fleet.acknowledged.count == 2000)
        await fleet.end()
    }

    @Test func partOfBatchThatIsLostIsCountedAlone() async throws {
        // Half of each batch goes to a member that refuses it for good.
        let refusing = try ScriptedReceiver((0..<64).map { _ in HTTPResponse(status: 400) })
        let taking = try ScriptedReceiver()
        let options = OTLPOptions(
            timeout: .seconds(60), retry: Fleet.endless, endpoints: [refusing.url, taking.url], loadBalancing: .byTraceID,
            addresses: AddressPolicy(answerTimeout: .seconds(60)))
        let (result, health) = try await OTLPDelivering.deliver(with: OTLPSpanExporter(options: options), spans: 400)
        #expect(result == .failed)
        #expect(health.exported + health.droppedCount == 400 && Set(health.dropped.keys) == [.rejected])
        #expect((100...300).contains(health.exported), "\(health)")
        #expect(refusing.requests.count == taking.requests.count && !refusing.requests.isEmpty)
        #expect(health.lastFailure?.message.contains("127.0.0.1:\(refusing.server.port)") == true)
        for receiver in [refusing, taking] { await receiver.stop() }
    }

    @Test func concurrentSendersKeepTracesTogether() async throws {
        let fleet = try Fleet(4, batchSize: 256, concurrent: 8)
        await fleet.send(traces: 10_000)
        fleet.expectExactDelivery()
        #expect(fleet.isSticky)
        await fleet.end()
    }

    @Test func spoolKeepsPartsOfFleetThatIsAway() async throws {
        let directory = try TemporaryDirectory()
        let fleet = try Fleet(
            3, retry: OTLPDelivering.quick, spool: .directory(directory.path), clock: .system)
        for member in fleet.members { member.go() }
        await fleet.send(traces: 300)
        #expect(fleet.health.droppedCount == 0 && fleet.health.spooled == 600, "\(fleet.health)")
        for member in fleet.members { try member.come() }
        #expect(await eventually { fleet.health.exported == 600 })
        fleet.expectExactDelivery()
        #expect(fleet.isSticky)
        await fleet.end()
    }

    // MARK: By connection

    @Test(arguments: [false, true]) func connectionFailsOverWithoutWaiting(isGRPC: Bool) async throws {
        let fleet = try Fleet(4, isGRPC: isGRPC, loadBalancing: .byConnection)
        let failures: [(FleetReceiver) -> Void] = [{ $0.go() }, { $0.mode = .overloaded }, { $0.go() }]
        var failed: Set<String> = []
        for fail in failures {
            let before = fleet.members.map(\.ledger.requestCount)
            await fleet.send(traces: 10)
            let present = zip(fleet.members, before).filter { $0.ledger.requestCount > $1 }.map(\.0)
            #expect(present.count == 1 && !failed.contains(present[0].host), "One member has the connection.")
            fail(present[0])
            failed.insert(present[0].host)
            await fleet.send(traces: 10)
            fleet.expectExactDelivery()
        }
        await fleet.end()
    }

    @Test(arguments: [false, true]) func connectionLeavesMemberThatHangs(isGRPC: Bool) async throws {
        // A third of the time would be longer than the flush may take: only silence ends the attempt.
        let fleet = try Fleet(4, isGRPC: isGRPC, loadBalancing: .byConnection, addresses: AddressPolicy(), timeout: .seconds(600))
        await fleet.send(traces: 10)
        fleet.expectExactDelivery()
        let hanging = try #require(fleet.members.first { !$0.ledger.acknowledged.isEmpty })
        hanging.mode = .hanging
        #expect(await fleet.send(traces: 10) == .completed)
        let (acknowledged, health) = (fleet.acknowledged, fleet.health)
        #expect(acknowledged.count == fleet.ended && health.exported == UInt64(fleet.ended) && health.dropped.isEmpty, "\(health)")
        #expect(hanging.ledger.unanswered.count == 20, "It has taken the batch that another member has acknowledged.")
        await fleet.end()
    }

    @Test func listOfEndpointsFailsOver() async throws {
        let away = try #require(ScriptedServer.freePort())
        let taking = try ScriptedReceiver()
        let options = OTLPOptions(
            timeout: .seconds(60), retry: Fleet.endless, endpoints: ["http://127.0.0.1:\(away)", taking.url],
            addresses: AddressPolicy(answerTimeout: .seconds(60)))
        // Half of the exporters begin with the one that is away.
        var (deliveries, failovers) = (0, UInt64(0))
        while failovers == 0, deliveries < 64 {
            let (result, health) = try await OTLPDelivering.deliver(with: OTLPSpanExporter(options: options), spans: 10)
            #expect(result == .completed && health.exported == 10)
            deliveries += 1
            failovers += health.retries
        }
        #expect(failovers == 1 && taking.requests.count == deliveries)
        await taking.stop()
    }
}
