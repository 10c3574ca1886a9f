// The edges of a fleet: names without an answer, interruptions, pauses that are asked for, and requests of a spool.

import Testing

@testable import Telemetry

@Suite(.enabled(if: HTTP2Peer.isAvailable, "needs nghttp2"))
struct OTLPFleetSenderTests {
    /// Answers one name late, and the others never until the test ends.
    private final class PartlyHangingResolver: NameResolver {
        let end = Semaphore()

        func resolve(host: String, port: Int) -> Result<ResolvedName, SocketAddress.ResolutionError> {
            if host == "good.test" {
                _ = Semaphore().wait(until: .after(.milliseconds(50)))
                return SocketAddress.resolve(host: "127.0.0.1", port: port, isNumeric: true).map { ResolvedName(addresses: $0) }
            }
            _ = end.wait(until: .after(RawConnection.patience))
            return .failure(.init(reason: "no such name"))
        }
    }

    /// No answer is too late, however busy the machine is.
    private static let patient = AddressPolicy(answerTimeout: .seconds(60))

    private func settings(
        _ endpoint: String, isGRPC: Bool = false, addresses: AddressPolicy = Self.patient, retry: RetryPolicy = Fleet.endless
    ) throws -> OTLPSettings {
        let options = OTLPOptions(
            endpoint: endpoint, timeout: .seconds(60), encoding: isGRPC ? .grpc : .protobuf, retry: retry, addresses: addresses)
        return try OTLPSettings(.traces, options, EnvironmentReader([:]))
    }

    private func fleet(
        _ endpoints: [String], _ resolver: any NameResolver = ScriptedResolver(), routesTraces: Bool = false,
        clock: TelemetryClock = .system
    ) throws -> (fleet: OTLPFleet, sender: OTLPFleetSender) {
        let settings = try endpoints.map { try self.settings($0) }
        let fleet = OTLPFleet(settings, settings.map { $0.directory(resolver, clock) }, routesTraces: routesTraces, clock)
        return (fleet, OTLPFleetSender(fleet, settings))
    }

    /// Two receivers at two addresses of one port, and the directory of a name that has both.
    private func pair(isGRPC: Bool = false) throws -> (members: [FleetReceiver], resolver: ScriptedResolver, endpoint: String) {
        let port = try #require(ScriptedServer.freePort())
        let members = try (2...3).map { try FleetReceiver("127.0.0.\($0)", port: port, isGRPC: isGRPC) }
        return (members, ScriptedResolver(members.map(\.host)), "http://collectors.test:\(port)")
    }

    /// Sends a request with one item on a thread of its own, as the export worker does: a blocked thread of the pool would hold up receivers.
    private func send(
        through sender: some OTLPRequestSender, within limit: Duration = .seconds(60), maximumAttempts: Int = 1
    ) async -> OTLPSending {
        await onOwnThread {
            ExportRunner(wake: WakeSignal()).run(until: .never) {
                let body = OTLPRequestBody(encoded: [], itemCount: 1)
                return await sender.send(body, deadline: .after(limit), maximumAttempts: maximumAttempts)
            }
        }
    }

    // MARK: Names

    @Test func membersAreFoundHoweverQuicklyTheResolverAnswers() throws {
        for _ in 0..<1000 {
            let (fleet, _) = try fleet(["http://a.test:1"], ScriptedResolver(["127.0.0.1"]))
            #expect(try fleet.members(Interruption(), until: .after(.seconds(60))).map(\.name) == ["127.0.0.1:1"])
        }
    }

    @Test func fleetWithoutMembersFailsTheRequest() async throws {
        let sender = try fleet(["http://a.test:1", "http://b.test:1"]).sender
        let sending = await send(through: sender)
        guard case .retryable(_, let reason)? = sending.failure else { return #expect(Bool(false), "\(sending)") }
        #expect(reason.contains("it has no address") && sending.undelivered.count == 1, "\(reason)")
    }

    @Test(arguments: [["http://bad.test:1", "http://good.test:1"], ["http://good.test:1", "http://bad.test:1", "http://worse.test:1"]])
    func nameThatHangsKeepsNoRequestFromOthers(endpoints: [String]) async throws {
        let resolver = PartlyHangingResolver()
        let fleet = try fleet(endpoints, resolver).fleet
        let names = await onOwnThread { try? fleet.members(Interruption(), until: .after(.seconds(60))).map(\.name) }
        #expect(names == ["127.0.0.1:1"])
        for _ in endpoints { resolver.end.post() }
    }

    @Test func socketOfFileSystemIsNotLookedUp() throws {
        let resolver = ScriptedResolver(["127.0.0.1"])
        let directory = try settings("unix:/tmp/collector.sock").directory(resolver, .system)
        try directory.prepare(Interruption(), until: .after(.seconds(60)))
        #expect(resolver.count == 0 && directory.known.isEmpty)
    }

    @Test func memberOfOtherFamilyIsTriedLast() async throws {
        let port = try #require(ScriptedServer.freePort())
        let (first, second) = (try settings("http://a.test:\(port)"), try settings("http://b.test:\(port)"))
        let resolver = ScriptedResolver(["127.0.0.1", "::1"])
        let directories = [first, second].map { $0.directory(resolver, .system) }
        let routing = OTLPFleet([first, second], directories, routesTraces: true, .system)
        #expect(try routing.members(Interruption(), until: .after(.seconds(60))).map(\.name) == ["127.0.0.1:\(port)"])
        let plain = OTLPFleet([first, second], directories, routesTraces: false, .system)
        #expect(plain.knownMembers.map(\.name) == ["127.0.0.1:\(port)", "[::1]:\(port)"])
        #expect(plain.knownMembers.map(\.isFallback) == [false, true])
        // Only the second one is there; were the first member chosen of both, one sender in two would begin with it.
        let receiver = try FleetReceiver("::1", port: port, isGRPC: false)
        for number in 1...8 {
            let own = OTLPFleet([first, second], [first, second].map { $0.directory(resolver, .system) }, routesTraces: false, .system)
            let sender = OTLPFleetSender(own, [first, second])
            #expect(await send(through: sender).failure == nil)
            #expect(receiver.ledger.requestCount == number && sender.retries == 1)
        }
        receiver.go()
    }

    @Test func orderOfEndpointsDoesNotChangeTheKey() throws {
        let keys = try [["http://a:1", "http://b:1"], ["http://b:1", "http://a:1"]].map { endpoints in
            try OTLPReceivers(.traces, OTLPOptions(endpoints: endpoints), EnvironmentReader([:]), ScriptedResolver(), .system).key
        }
        #expect(keys[0] == keys[1] && keys[0] == "http://a:1/v1/traces, http://b:1/v1/traces")
    }

    // MARK: Interruptions

    @Test(arguments: [false, true]) func interruptionDoesNotSendToOtherAddress(isGRPC: Bool) async throws {
        let (members, resolver, endpoint) = try pair(isGRPC: isGRPC)
        for member in members { member.mode = .hanging }
        let settings = try settings(endpoint, isGRPC: isGRPC)
        let directory = settings.directory(resolver, .system)
        let sender = OTLPSender(settings, directory)
        async let outcome = send(through: sender)
        #expect(await eventually { members.contains { $0.ledger.requestCount == 1 } })
        sender.interrupt()
        #expect(await outcome.undelivered.count == 1)
        #expect(members.reduce(0) { $0 + $1.ledger.requestCount } == 1)
        #expect(directory.known.allSatisfy { directory.hasOther(than: $0) }, "No address counts as failed.")
        for member in members { member.go() }
    }

    @Test func interruptedReplayIsNoSuccess() throws {
        let (fleet, sender) = try fleet(["http://127.0.0.1:1", "http://127.0.0.2:1"], clock: .manual(ManualClock()))
        let members = try fleet.members(Interruption(), until: .after(.seconds(60)))
        for member in members { fleet.fail(member, requested: nil) }
        sender.interrupt()
        #expect(sender.send(UnsafeRawBufferPointer(start: nil, count: 0), deadline: .after(.seconds(60))) == .interrupted)
        #expect(fleet.healthy(members).isEmpty)
    }

    // MARK: Failures

    @Test(arguments: [false, true]) func replayLeavesOverloadedAddress(isGRPC: Bool) throws {
        let (members, resolver, endpoint) = try pair(isGRPC: isGRPC)
        members[0].mode = .overloaded
        let settings = try settings(endpoint, isGRPC: isGRPC)
        // Half of the senders begin with the other address.
        for _ in 0..<64 where members[0].ledger.requestCount == 0 {
            let sender = OTLPSender(settings, settings.directory(resolver, .system))
            for _ in 0..<2 {
                let outcome = sender.send(UnsafeRawBufferPointer(start: nil, count: 0), deadline: .after(.seconds(60)))
                #expect([.delivered, .deliveredWithWarning("its answer holds no message")].contains(outcome), "\(outcome)")
            }
        }
        #expect(members[0].ledger.requestCount == 1 && members[1].ledger.requestCount > 1)
        for member in members { member.go() }
    }

    /// Each answer that asks for another attempt counts as a failure, and one that takes the request ends the count.
    @Test(arguments: [false, true]) func overloadedAddressIsLeftTwiceAsLongEachTime(isGRPC: Bool) throws {
        let (members, resolver, endpoint) = try pair(isGRPC: isGRPC)
        let clock = ManualClock()
        let settings = try settings(endpoint, isGRPC: isGRPC)
        let directory = settings.directory(resolver, .manual(clock))
        try directory.prepare(Interruption(), until: .after(.seconds(60)))
        let (address, other) = (directory.known[0], directory.known[1])
        directory.fail(other, requested: .seconds(3600))
        let transport = settings.transport(directory)
        func post() -> Bool {
            if case .retryable = transport.post([], until: .after(.seconds(60))) { false } else { true }
        }
        #expect(post())
        members[0].mode = .overloaded
        for _ in 0..<3 {
            #expect(!post())
            #expect(!transport.leave(for: nil))
        }
        // One to two seconds after the second failure, two to four after the third one.
        clock.advance(by: .milliseconds(1999))
        #expect(!directory.hasOther(than: other))
        members[0].mode = .taking
        #expect(post())
        #expect(directory.hasOther(than: other) && directory.holds(address))
        #expect(members[1].ledger.requestCount == 0)
        for member in members { member.go() }
    }

    @Test func membersAreTriedOnceBetweenTwoWaits() async throws {
        // While one is asked, the time for which the other one is left ends.
        let clock = ManualClock()
        let receivers = try (0..<2).map { _ in
            try HTTPServer.start(host: "127.0.0.1", port: 0, options: .patient) { _ in
                clock.advance(by: .seconds(120))
                return HTTPResponse(status: 503)
            }
        }
        let sender = try fleet(receivers.map { "http://127.0.0.1:\($0.port)" }, clock: .manual(clock)).sender
        let sending = await send(through: sender, maximumAttempts: .max)
        guard case .retryable? = sending.failure else { return #expect(Bool(false), "\(sending)") }
        #expect(sender.retries == 1)
        for receiver in receivers { await receiver.shutdown(within: .seconds(5)) }
    }

    @Test(arguments: [["3600", nil], ["20", "10"]]) func pauseIsObeyedOnlyIfEveryMemberAsks(pauses: [String?]) async throws {
        for _ in 0..<8 {
            let receivers = try pauses.map { pause in
                try ScriptedReceiver([HTTPResponse(status: 503, headers: pause.map { ["Retry-After": $0] } ?? [:])])
            }
            let sender = try fleet(receivers.map(\.url), clock: .manual(ManualClock())).sender
            let sending = await send(through: sender)
            guard case .retryable(let after, _)? = sending.failure else { return #expect(Bool(false), "\(sending)") }
            #expect(after == (pauses.contains(nil) ? nil : .seconds(10)))
            #expect(sender.retries == 1)
            for receiver in receivers { await receiver.stop() }
        }
    }

    @Test func causeOfFailureEndsWithTheNextSuccess() async throws {
        let taking = try ScriptedReceiver()
        let away = try #require(ScriptedServer.freePort())
        var failovers: UInt64 = 0
        for _ in 0..<64 where failovers == 0 {
            let sender = try fleet(["http://127.0.0.1:\(away)", taking.url]).sender
            #expect(await send(through: sender).failure == nil)
            #expect(sender.retryCause == nil)
            failovers = sender.retries
        }
        #expect(failovers == 1)
        await taking.stop()
    }

    // MARK: Connections

    @Test func connectionToFormerMemberIsClosed() async throws {
        let (members, resolver, endpoint) = try pair()
        let clock = ManualClock()
        let sender = try fleet([endpoint, "http://127.0.0.1:1"], resolver, clock: .manual(clock)).sender
        // The member at the third address refuses, and is left.
        #expect(
            await eventually {
                clock.advance(by: .seconds(301))
                guard await send(through: sender).failure == nil else { return false }
                return members.allSatisfy { $0.ledger.requestCount > 0 }
            })
        #expect(await eventually { members.reduce(0) { $0 + $1.connectionCount } == 1 })
        for member in members { member.go() }
    }

    @Test func replayForgetsMembersThatAreGone() async throws {
        let (members, resolver, endpoint) = try pair()
        let clock = ManualClock()
        let sender = try fleet([endpoint], resolver, routesTraces: true, clock: .manual(clock)).sender
        func replay() async -> OTLPOutcome {
            await onOwnThread { sender.send(UnsafeRawBufferPointer(start: nil, count: 0), deadline: .after(.seconds(60))) }
        }
        // A request without a trace goes to the first member.
        #expect(await replay() == .delivered)
        #expect(members[0].connectionCount == 1)
        resolver.answer([members[1].host])
        #expect(
            await eventually {
                clock.advance(by: .seconds(31))
                let isDelivered = await replay() == .delivered
                return isDelivered && members[1].ledger.requestCount > 0 && members[0].connectionCount == 0
            })
        for member in members { member.go() }
    }
}
