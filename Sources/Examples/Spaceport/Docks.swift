// The state of a spaceport, and the rules by which ships come and go.

import ExampleSupport

/// The ships at the docks, and the codes that ships have asked for.
struct Docks: Sendable {
    /// What a ship asks for: a code and its use, in the words of paths, messages and counters.
    enum Action: Sendable {
        case dock, separate
    }

    /// A ship that presents its code.
    struct Ship: Sendable, Equatable {
        let id: String
        let authorizationCode: String
        let passengers: Int
    }

    /// Why a ship is refused, in the words of the contract.
    enum Refusal: String, Error, CustomStringConvertible {
        case invalidCode = "Invalid authorization code"
        case alreadyDocked = "Ship already docked"
        case limitReached = "Docking limit reached"
        case notFound = "Ship not found"

        var description: String { rawValue }
    }

    let limit: Int
    /// In the order of docking.
    private(set) var docked: [Ship] = []
    private(set) var dockingRequests = PendingCodes()
    private(set) var separationRequests = PendingCodes()

    init(limit: Int) {
        self.limit = limit
    }

    /// Issues a new code, which takes the place of an earlier one.
    mutating func requestCode(for action: Action, ship: String) -> String {
        switch action {
        case .dock: dockingRequests.issue(to: ship)
        case .separate: separationRequests.issue(to: ship)
        }
    }

    /// Docks a ship; its code is used up only if that succeeds.
    mutating func dock(_ ship: Ship) throws(Refusal) {
        guard dockingRequests[ship.id] == ship.authorizationCode else { throw .invalidCode }
        guard !docked.contains(where: { $0.id == ship.id }) else { throw .alreadyDocked }
        guard docked.count < limit else { throw .limitReached }
        docked.append(ship)
        dockingRequests.remove(ship.id)
    }

    /// Separates a ship and returns it as it has docked; its code is used up only if that succeeds.
    mutating func separate(_ ship: Ship) throws(Refusal) -> Ship {
        guard separationRequests[ship.id] == ship.authorizationCode else { throw .invalidCode }
        guard let place = docked.firstIndex(where: { $0.id == ship.id }) else { throw .notFound }
        separationRequests.remove(ship.id)
        return docked.remove(at: place)
    }

    /// Forgets all ships and codes; returns the ships that were docked.
    mutating func clear() -> [Ship] {
        let ships = docked
        self = Docks(limit: limit)
        return ships
    }
}
