// The delivery of requests to the members of a fleet.

import Synchronization

/// Delivers requests to a fleet, each to one member or divided by the traces of its items, over one connection to each member.
///
/// The parts of a request are sent one after another. A part whose member fails is divided among the others at once; only if none is healthy
/// is there a wait before the next attempt.
final class OTLPFleetSender: OTLPRequestSender {
    private typealias Member = OTLPFleet.Member

    /// A part of a request, and the member that it goes to.
    private struct Part {
        let member: Member
        let body: OTLPRequestBody
    }

    /// How long members that have failed ask to be left: known only if each of them asks, since any other may be tried before.
    private struct RequestedPause {
        private(set) var duration: Duration?
        private var isEmpty = true

        mutating func add(_ requested: Duration?) {
            duration = isEmpty ? requested : duration.flatMap { known in requested.map { min(known, $0) } }
            isEmpty = false
        }
    }

    private struct State {
        var routes: [String: any OTLPTransport] = [:]
        /// The member that requests go to, and the time after which another one is chosen.
        var current: (member: Member, expiry: UInt64)?
        var inUse: (any OTLPTransport)?
        /// True if the round was interrupted: what is left waits for the next attempt.
        var isInterrupted = false
        var cause: String?
    }

    private let fleet: OTLPFleet
    private let settings: OTLPSettings
    private let destination: String
    private let encoder: OTLPBodyEncoder
    private let interruption = Interruption()
    /// Raised to end a wait between two attempts.
    private let wake = WakeSignal()
    private let isShutDown = Atomic(false)
    private let isCancelled = Atomic(false)
    private let retryCount = Atomic<UInt64>(0)
    private let state = Locked(State())

    /// - Parameter endpoints: the settings of the endpoints, which differ in their addresses alone.
    init(_ fleet: OTLPFleet, _ endpoints: [OTLPSettings]) {
        self.fleet = fleet
        settings = endpoints[0]
        destination = endpoints.map(\.destination).joined(separator: ", ")
        encoder = OTLPBodyEncoder(endpoints[0])
    }

    var name: String { destination }
    var retries: UInt64 { retryCount.load(ordering: .relaxed) }
    var retryCause: String? { state.withLock { $0.cause } }

    func send(_ body: OTLPRequestBody, deadline: Deadline, maximumAttempts: Int) async -> OTLPSending {
        isCancelled.store(Task.isCancelled, ordering: .sequentiallyConsistent)
        interruption.clear()
        return await withTaskCancellationHandler {
            deliver(body, until: min(deadline, .after(settings.timeout)), maximumAttempts)
        } onCancel: {
            isCancelled.store(true, ordering: .sequentiallyConsistent)
            interrupt()
            wake.raise()
        }
    }

    func parts(of body: OTLPRequestBody) -> [OTLPRequestBody] {
        let members = fleet.knownMembers
        guard fleet.routesTraces, members.count > 1 else { return [body] }
        return divide(body, among: members).map(\.body)
    }

    /// Makes the attempt in progress end, or the next one.
    func interrupt() {
        interruption.raise()
        state.withLock { $0.inUse }?.interrupt()
    }

    func shutdown() {
        isShutDown.store(true, ordering: .sequentiallyConsistent)
        wake.raise()
        for route in state.withLock({ Array($0.routes.values) }) { route.close() }
    }

    // MARK: Rounds

    private func deliver(_ body: OTLPRequestBody, until limit: Deadline, _ maximumAttempts: Int) -> OTLPSending {
        var sending = OTLPSending(itemCount: body.itemCount)
        var pending = [body]
        var waits = 0
        // Since the last wait.
        var rounds = 0
        var pause = RequestedPause()
        var isFirst = true
        state.withLock { $0.cause = nil }
        while true {
            if let failure = failureWithoutRetry { return sending.failing(pending, failure) }
            do throws(HTTPClientError) {
                let members = try fleet.members(interruption, until: limit)
                pending = sendRound(pending, members, &sending, &pause, isRetry: !isFirst, until: limit)
                if pending.isEmpty {
                    state.withLock { $0.cause = nil }
                    return sending
                }
                let isInterrupted = state.withLock { $0.isInterrupted }
                rounds += 1
                if rounds < members.count, !isInterrupted, !limit.hasPassed, !fleet.healthy(members).isEmpty, failureWithoutRetry == nil {
                    isFirst = false
                    continue
                }
            } catch {
                if error != .interrupted { note(error.withAdvice("OTLP listen there")) }
            }
            isFirst = false
            waits += 1
            fleet.refresh()
            if let failure = failureWithoutRetry { return sending.failing(pending, failure) }
            let reason = "\(destination): \(retryCause ?? "no answer so far")"
            if limit.hasPassed { return sending.failing(pending, .timedOut(reason: reason)) }
            let requested = pause.duration
            let next = Deadline.after(settings.retry.delay(afterAttempt: waits, requested: requested, fraction: LaneGenerator.fraction()))
            guard next < limit, waits < maximumAttempts else {
                return sending.failing(pending, .retryable(after: requested, reason: reason))
            }
            (rounds, pause) = (0, RequestedPause())
            while wake.wait(until: next), failureWithoutRetry == nil {}
        }
    }

    /// Sends each request to its members; returns what is to be sent again.
    private func sendRound(
        _ requests: [OTLPRequestBody], _ members: [Member], _ sending: inout OTLPSending, _ pause: inout RequestedPause, isRetry: Bool,
        until limit: Deadline
    ) -> [OTLPRequestBody] {
        guard !members.isEmpty else { return requests }
        forgetMembers(except: members)
        state.withLock { $0.isInterrupted = false }
        var rest: [OTLPRequestBody] = []
        for request in requests {
            let healthy = fleet.healthy(members)
            for part in assign(request, healthy.isEmpty ? members : healthy) {
                let healthyNow = fleet.healthy(members)
                // The member may have failed with another part of this round.
                let isAlone = healthyNow.isEmpty || healthyNow == [part.member]
                let isEnding = limit.hasPassed || failureWithoutRetry != nil || state.withLock { $0.isInterrupted }
                guard !isEnding, isAlone || healthyNow.contains(part.member) else {
                    rest.append(part.body)
                    continue
                }
                if isRetry { retryCount.wrappingAdd(1, ordering: .relaxed) }
                let outcome = part.body.withPieces { post($0, to: part.member, isAlone: isAlone, until: limit) }
                if !isDone(outcome, part, &sending, &pause) { rest.append(part.body) }
            }
        }
        return rest
    }

    /// Records the outcome of a part; returns false if it is to be sent again.
    private func isDone(_ outcome: OTLPOutcome, _ part: Part, _ sending: inout OTLPSending, _ pause: inout RequestedPause) -> Bool {
        let name = part.member.name
        switch outcome {
        case .delivered: break
        case .deliveredWithWarning(let warning):
            Diagnostics.report(.warning, topic: "otlp.warning.\(name)", "\(name) took the \(settings.signal.items), but \(warning).")
        case .partiallyRejected(let count, let reason):
            sending.fail(part.body, .partiallyRejected(count: count, reason: "\(name): \(reason)"))
        case .rejected(let reason): sending.fail(part.body, .rejected(reason: "\(name): \(reason)"))
        case .interrupted:
            state.withLock { $0.isInterrupted = true }
            return false
        case .retryable(let after, let reason):
            fail(part.member, after, reason)
            pause.add(after)
            return false
        case .timedOut(let reason):
            fail(part.member, nil, reason)
            pause.add(nil)
            return false
        }
        fleet.succeed(part.member)
        return true
    }

    private func fail(_ member: Member, _ requested: Duration?, _ reason: String) {
        fleet.fail(member, requested: requested)
        note("\(member.name): \(reason)")
        state.withLock { if $0.current?.member == member { $0.current = nil } }
    }

    private func note(_ cause: String) { state.withLock { $0.cause = cause } }

    private var failureWithoutRetry: ExportFailure? {
        if isShutDown.load(ordering: .sequentiallyConsistent) { return .shutDown }
        guard isCancelled.load(ordering: .sequentiallyConsistent) else { return nil }
        return .timedOut(reason: "\(destination): \(retryCause ?? "no answer so far")")
    }

    // MARK: Members

    private func assign(_ request: OTLPRequestBody, _ members: [Member]) -> [Part] {
        fleet.routesTraces ? divide(request, among: members) : [Part(member: current(of: members), body: request)]
    }

    /// Returns the member that requests go to until it fails or its connection is old; then chooses another one, and leaves the former.
    private func current(of members: [Member]) -> Member {
        let now = fleet.now
        if let current = state.withLock({ $0.current }), now < current.expiry, members.contains(current.member) { return current.member }
        var generator = LaneGenerator()
        let preferred = members.filter { !$0.isFallback }
        let candidates = preferred.isEmpty ? members : preferred
        let chosen = candidates[Int.random(in: 0..<candidates.count, using: &generator)]
        let expiry = fleet.policy.expiry(from: now, fraction: LaneGenerator.fraction())
        state.withLock { $0.current = (chosen, expiry) }
        forgetMembers(except: [chosen])
        return chosen
    }

    /// Returns the part of each member; the order begins at another member each time, so that none is the last always.
    private func divide(_ request: OTLPRequestBody, among members: [Member]) -> [Part] {
        guard members.count > 1, let field = settings.signal.traceID else { return [Part(member: members[0], body: request)] }
        var generator = LaneGenerator()
        // Items without a trace stay together.
        let anywhere = Int.random(in: 0..<members.count, using: &generator)
        var last = (key: UInt64(0), owner: OTLPFleet.owner(of: 0, among: members))
        let parts = request.contiguous.withUnsafeBytes { bytes in
            try? OTLPRequestSplitter.split(bytes, by: field, groupCount: members.count) { identifier in
                if identifier.isEmpty { return anywhere }
                let key = RendezvousHash.key(identifier)
                // The spans of a trace often follow one another.
                if key != last.key { last = (key, OTLPFleet.owner(of: key, among: members)) }
                return last.owner
            }
        }
        // A request that cannot be read is refused by its receiver.
        guard let parts, !parts.isEmpty else { return [Part(member: members[anywhere], body: request)] }
        let start = parts.firstIndex { $0.group >= anywhere } ?? 0
        return (parts[start...] + parts[..<start]).map {
            Part(member: members[$0.group], body: OTLPRequestBody(encoded: $0.bytes, itemCount: $0.itemCount))
        }
    }

    private func forgetMembers(except members: [Member]) {
        let names = Set(members.map(\.name))
        let gone = state.withLock { state in
            let gone = state.routes.filter { !names.contains($0.key) }
            if !gone.isEmpty { state.routes = state.routes.filter { names.contains($0.key) } }
            return Array(gone.values)
        }
        for route in gone { route.close() }
    }

    // MARK: One attempt

    /// - Parameter isAlone: whether no other member could be tried, so that this one gets all of the time.
    private func post(_ request: [UnsafeRawBufferPointer], to member: Member, isAlone: Bool, until deadline: Deadline) -> OTLPOutcome {
        let transport = route(to: member)
        transport.setOtherReceivers(!isAlone)
        transport.clearInterruption()
        state.withLock { $0.inUse = transport }
        defer { state.withLock { $0.inUse = nil } }
        // An interruption that came before the transport was in use.
        if interruption.take() { return .interrupted }
        var outcome: OTLPOutcome?
        let encoding = encoder.withEncoded(request) { pieces in
            outcome = transport.post(pieces, until: deadline)
            return .success(())
        }
        if case .failure(let failure) = encoding { return .rejected(reason: failure.description) }
        return outcome ?? .rejected(reason: "nothing was sent")
    }

    private func route(to member: Member) -> any OTLPTransport {
        if let known = state.withLock({ $0.routes[member.name] }) { return known }
        let made = fleet.route(to: member)
        state.withLock { $0.routes[member.name] = made }
        return made
    }
}

extension OTLPFleetSender {
    /// Sends a request that was kept, which belongs to one member, with other members in its place if that one fails.
    func send(_ request: UnsafeRawBufferPointer, deadline: Deadline) -> OTLPOutcome {
        var outcome = OTLPOutcome.interrupted
        do throws(HTTPClientError) {
            let members = try fleet.members(interruption, until: deadline)
            forgetMembers(except: members)
            for _ in members {
                let healthy = fleet.healthy(members)
                let candidates = healthy.isEmpty ? members : healthy
                let member = fleet.routesTraces ? candidates[firstOwner(request, candidates)] : current(of: candidates)
                outcome = post([request], to: member, isAlone: healthy.count < 2, until: deadline)
                switch outcome {
                case .retryable(let after, let reason): fail(member, after, reason)
                case .timedOut(let reason): fail(member, nil, reason)
                case .interrupted: return outcome
                default:
                    fleet.succeed(member)
                    return outcome
                }
                if healthy.count < 2 || deadline.hasPassed { return outcome }
            }
        } catch {
            return OTLPOutcome(error, from: "OTLP listen there")
        }
        return outcome
    }

    /// Returns the number of the member that the first trace of a request belongs to.
    private func firstOwner(_ request: UnsafeRawBufferPointer, _ members: [OTLPFleet.Member]) -> Int {
        var owner: Int?
        guard let field = settings.signal.traceID else { return 0 }
        _ = try? OTLPRequestSplitter.split(request, by: field, groupCount: 1) { identifier in
            if owner == nil, !identifier.isEmpty { owner = OTLPFleet.owner(of: RendezvousHash.key(identifier), among: members) }
            return 0
        }
        return owner ?? 0
    }
}

extension OTLPSending {
    /// Returns the same with requests that were not delivered.
    fileprivate func failing(_ requests: [OTLPRequestBody], _ failure: ExportFailure) -> OTLPSending {
        var sending = self
        for request in requests { sending.fail(request, failure) }
        return sending
    }
}
