// The members of a fleet of receivers, and which of them are healthy.

import Synchronization

/// Knows the members of a fleet for all senders of an exporter.
final class OTLPFleet: Sendable {
    /// One receiver: an address of an endpoint, or an endpoint that has one way to it.
    struct Member: Sendable, Hashable {
        /// The numeric address and the port, which are the same for every exporter; the endpoint if the address is not looked up here.
        let name: String
        /// The number of its endpoint.
        let endpoint: Int
        let address: SocketAddress?
        let hash: UInt64

        init(name: String, endpoint: Int, address: SocketAddress?) {
            (self.name, self.endpoint, self.address) = (name, endpoint, address)
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
        var failure: HTTPClientError?
        for (endpoint, directory) in zip(endpoints, directories) where isLookedUp(endpoint) && directory.known.isEmpty {
            do throws(HTTPClientError) {
                try directory.prepare(interruption, until: known.isEmpty ? deadline : min(deadline, .after(Self.patience)))
                known = knownMembers
            } catch {
                if error == .interrupted || error == .descriptorsClosed { throw error }
                failure = error
            }
        }
        if let failure, known.isEmpty { throw failure }
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
            // A host with both kinds of addresses is one member, the same for all exporters whichever kind they prefer.
            let isIPv4 = addresses.contains(where: \.isIPv4)
            for address in addresses where address.isIPv4 == isIPv4 {
                let name = address.text
                if members[name] == nil { members[name] = Member(name: name, endpoint: index, address: address) }
            }
        }
        return Array(members.values.sorted { $0.name < $1.name }.prefix(Self.capacity))
    }

    /// A socket of the file system has no addresses, and those behind a proxy are looked up there.
    private func isLookedUp(_ endpoint: OTLPSettings) -> Bool { endpoint.url.socketPath == nil && endpoint.proxy == nil }

    /// A connection to a member, for one request at a time, and the addresses that it uses.
    struct Route {
        let transport: any OTLPTransport
        let directory: HostDirectory
    }

    func route(to member: Member) -> Route {
        let directory = member.address.map { HostDirectory([$0], policy: policy, clock: clock) } ?? directories[member.endpoint]
        return Route(transport: endpoints[member.endpoint].transport(directory), directory: directory)
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
