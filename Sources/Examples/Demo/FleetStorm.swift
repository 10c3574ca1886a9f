// Ships of a fleet that dock and separate as fast as they are answered.

import ExampleSupport
import Telemetry

/// Sends the requests of a storm, and counts what the ships were told.
struct FleetStorm: Sendable {
    /// The answers of all ships.
    struct Counts: Sendable, Equatable {
        var docked = 0
        var separated = 0
        var refused = 0
        /// Requests with any other answer, or none.
        var failed = 0
        var firstFailure: String?

        var actions: Int { docked + separated + refused + failed }

        static func += (counts: inout Counts, more: Counts) {
            counts.docked += more.docked
            counts.separated += more.separated
            counts.refused += more.refused
            counts.failed += more.failed
            counts.firstFailure = counts.firstFailure ?? more.firstFailure
        }
    }

    let fleet: Fleet
    let transport: any Transport

    /// Has each ship dock at one spaceport after the other and separate again, until the time is over or a signal comes.
    func run() async -> Counts {
        let end = ContinuousClock.now + fleet.duration
        return await withTaskGroup(of: Counts.self) { group in
            for (index, ship) in fleet.ships.enumerated() { group.addTask { await travel(ship, from: index, until: end) } }
            return await group.reduce(into: Counts()) { $0 += $1 }
        }
    }

    private func travel(_ ship: Fleet.Member, from first: Int, until end: ContinuousClock.Instant) async -> Counts {
        var counts = Counts()
        var place = first
        while ContinuousClock.now < end, !StopSignal.hasCome {
            let port = fleet.spaceports[place % fleet.spaceports.count].name
            place += 1
            switch await answer("POST", "\(ship.url)/dock/\(port)") {
            case .success(200): counts.docked += 1
            case .success(400):
                counts.refused += 1
                continue
            case let other:
                counts.note(other)
                continue
            }
            // A ship that docks also leaves, so that the next run of the loop finds it away.
            switch await answer("POST", "\(ship.url)/separate/\(port)") {
            case .success(200): counts.separated += 1
            case .success(400): counts.refused += 1
            case let other: counts.note(other)
            }
        }
        return counts
    }

    private func answer(_ method: String, _ url: String) async -> Result<Int, any Error> {
        do { return .success(try await transport.send(method, url, headers: [:], body: []).status) } catch { return .failure(error) }
    }
}

extension FleetStorm.Counts {
    fileprivate mutating func note(_ answer: Result<Int, any Error>) {
        failed += 1
        guard firstFailure == nil else { return }
        switch answer {
        case .success(let status): firstFailure = "a ship answered \(status)"
        case .failure(let error): firstFailure = "\(error)"
        }
    }
}
