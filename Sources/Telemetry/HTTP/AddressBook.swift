// The addresses of a name, and which of them are worth trying.

/// Keeps the addresses of one name with their failures, and orders them for the next connection.
struct AddressBook {
    private struct Entry {
        let address: SocketAddress
        var health = PeerHealth()
    }

    /// Further addresses are ignored.
    static let capacity = 256

    private var entries: [Entry] = []

    var addresses: [SocketAddress] { entries.map(\.address) }

    var isEmpty: Bool { entries.isEmpty }

    func holds(_ address: SocketAddress) -> Bool { entries.contains { $0.address == address } }

    /// Replaces the addresses; those that stay keep their health. Returns whether any has come or gone.
    mutating func replace(_ addresses: [SocketAddress]) -> Bool {
        var made: [Entry] = []
        for address in addresses.prefix(Self.capacity) where !made.contains(where: { $0.address == address }) {
            made.append(entries.first { $0.address == address } ?? Entry(address: address))
        }
        let isChanged = made.count != entries.count || made.contains { !holds($0.address) }
        entries = made
        return isChanged
    }

    /// Returns all addresses in the order in which they are to be tried.
    ///
    /// Healthy ones come first: those of one family together, the family that the resolver has put first before the other, and within it in
    /// random order, so that many clients spread. Those that are left follow, the one whose time ends first before the others.
    func candidates(at now: UInt64, using generator: inout some RandomNumberGenerator) -> [SocketAddress] {
        let healthy = entries.filter { !$0.health.isLeft(at: now) }
        let left = entries.filter { $0.health.isLeft(at: now) }.sorted { $0.health.leftUntil < $1.health.leftUntil }
        guard let first = healthy.first?.address.family else { return left.map(\.address) }
        var preferred = healthy.filter { $0.address.family == first }
        var others = healthy.filter { $0.address.family != first }
        preferred.shuffle(using: &generator)
        others.shuffle(using: &generator)
        return (preferred + others + left).map(\.address)
    }

    /// Returns whether there is a healthy address of the same family besides this one. The other family mostly leads to the same hosts.
    func hasOther(than address: SocketAddress, at now: UInt64) -> Bool {
        entries.contains { $0.address != address && $0.address.family == address.family && !$0.health.isLeft(at: now) }
    }

    mutating func fail(_ address: SocketAddress, at now: UInt64, _ policy: AddressPolicy, requested: Duration?, fraction: Double) {
        guard let index = entries.firstIndex(where: { $0.address == address }) else { return }
        entries[index].health.fail(at: now, policy, requested: requested, fraction: fraction)
    }

    mutating func succeed(_ address: SocketAddress) {
        guard let index = entries.firstIndex(where: { $0.address == address }) else { return }
        entries[index].health.succeed()
    }
}
