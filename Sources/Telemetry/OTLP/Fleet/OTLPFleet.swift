// The members of a fleet of receivers, and which of them are healthy.

import Synchronization

/// Knows the members of a fleet for all senders of an exporter.
final class OTLPFleet: Sendable {
    /// One receiver: an address of an endpoint, or an endpoint that has one way to it.
    struct Member: Sendable, Hashable {
        /// The numeric address and the port, which are the same for every exporter; the endpoint if the address is not looked up here.
        let name: String
        /// True if its address is of the family that the resolver does not prefer: requests go to it only if no other is healthy.
        let isFallback: Bool
        /// The number of its endpoint.
        let endpoint: Int
        let address: SocketAddress?
        let hash: UInt64

        init(name: String, endpoint: Int, address: SocketAddress?, isFallback: Bool = false) {
            (self.name, self.endpoint, self.address, self.isFallback) = (name, endpoint, address, isFallback)
            hash = RendezvousHash.member(name)
        }
    }

    /// Further members are ignored.
    private static let capacity = 1024
    /// How long the first request waits for the addresses of every endpoint when those of some are known.
    private static let patience = Duration.seconds(1)

    /// True if all items of a trace go to one member.
    let routesTraces: Bool
    let policy: AddressPolicy
    private let endpoints: [OTLPSettings]
    private let directories: [HostDirectory]
    private let clock: TelemetryClock
    private let health = Locked<[String: PeerHealth]>([:])
    private let hasWaited = Atomic(false)

    init(_ endpoints: [OTLPSettings], _ directories: [HostDirectory], routesTraces: Bool, _ clock: TelemetryClock) {
        self.endpoints = endpoints
        self.directories = directories
        self.routesTraces = routesTraces
        self.clock = clock
        policy = endpoints[0].options.addresses
    }

    var now: UInt64 { clock.monotonicNanoseconds() }

    // MARK: Members

    /// Returns the members that are known, waiting for the first ones, in an order that all exporters share.
    func members(_ interruption: Interruption, until deadline: Deadline) throws(HTTPClientError) -> [Member] {
        for (endpoint, directory) in zip(endpoints, directories) where isLookedUp(endpoint) { directory.refreshIfDue() }
        var known = knownMembers
        let isFirst = !hasWaited.exchange(true, ordering: .relaxed)
        guard isFirst || known.isEmpty else { return known }
        var looking = zip(endpoints, directories).filter { isLookedUp($0.0) }.map(\.1)
        var failure: HTTPClientError?
        repeat {
            // All lookups run at the same time. The rest of the time is spent only if no name has an address yet.
            let limit = looking.count > 1 || !knownMembers.isEmpty ? min(deadline, .after(Self.patience)) : deadline
            var late: [HostDirectory] = []
            for directory in looking where directory.known.isEmpty {
                do throws(HTTPClientError) {
                    try directory.prepare(interruption, until: limit)
                } catch {
                    if error == .interrupted || error == .descriptorsClosed { throw error }
                    failure = error
                    if limit.hasPassed { late.append(directory) }
                }
            }
            looking = late
            known = knownMembers
        } while known.isEmpty && !looking.isEmpty && !deadline.hasPassed
        if known.isEmpty { throw failure ?? .unknownHost(endpoints[0].url.host, reason: "it has no address") }
        return known
    }

    /// The members by the addresses that are known now.
    var knownMembers: [Member] {
        var members: [String: Member] = [:]
        for (index, endpoint) in endpoints.enumerated() {
            guard isLookedUp(endpoint) else {
                members[endpoint.url.origin] = Member(name: endpoint.url.origin, endpoint: index, address: nil)
                continue
            }
            let addresses = directories[index].known
            // A host with both kinds of addresses owns traces once, by the same address for all exporters whichever kind they prefer.
            let preferred = routesTraces ? addresses.first(where: \.isIPv4)?.family ?? addresses.first?.family : addresses.first?.family
            for address in addresses {
                let (name, isFallback) = (address.text, address.family != preferred)
                if isFallback && routesTraces || members[name].map({ !$0.isFallback || isFallback }) ?? false { continue }
                members[name] = Member(name: name, endpoint: index, address: address, isFallback: isFallback)
            }
        }
        return Array(members.values.sorted { $0.name < $1.name }.prefix(Self.capacity))
    }

    /// A socket of the file system has no addresses, and those behind a proxy are looked up there.
    private func isLookedUp(_ endpoint: OTLPSettings) -> Bool { endpoint.url.socketPath == nil && endpoint.proxy == nil }

    /// Returns a connection to a member, for one request at a time.
    func route(to member: Member) -> any OTLPTransport {
        let directory = directories[member.endpoint]
        guard let address = member.address else { return endpoints[member.endpoint].transport(directory) }
        let own = HostDirectory([address], policy: policy, clock: clock, answers: directory.answers)
        return endpoints[member.endpoint].transport(own)
    }

    /// Looks all names up again in the background, since no member is healthy.
    func refresh() {
        for (endpoint, directory) in zip(endpoints, directories) where isLookedUp(endpoint) { directory.refresh() }
    }

    // MARK: Health

    /// Returns the members that are not left at present.
    func healthy(_ members: [Member]) -> [Member] {
        let now = now
        return health.withLock { health in
            health.isEmpty ? members : members.filter { !(health[$0.name]?.isLeft(at: now) ?? false) }
        }
    }

    /// Leaves a member for a while; forgets those that are gone.
    ///
    /// - Parameter requested: how long it has asked for.
    func fail(_ member: Member, requested: Duration?) {
        let (now, fraction) = (now, LaneGenerator.fraction())
        let names = Set(knownMembers.map(\.name))
        health.withLock { health in
            health[member.name, default: PeerHealth()].fail(at: now, policy, requested: requested, fraction: fraction)
            if health.count > names.count { health = health.filter { names.contains($0.key) } }
        }
    }

    func succeed(_ member: Member) {
        health.withLock { health in
            if !health.isEmpty { health[member.name] = nil }
        }
    }

    // MARK: Choice

    /// Returns the number of the member that a trace belongs to.
    static func owner(of key: UInt64, among members: [Member]) -> Int {
        var (best, highest) = (0, UInt64.min)
        for (index, member) in members.enumerated() {
            let score = RendezvousHash.score(member.hash, key)
            if score > highest || index == 0 { (best, highest) = (index, score) }
        }
        return best
    }
}
