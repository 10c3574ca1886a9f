// The metrics of a spaceport, under the names of the original's variant with metrics.

import Telemetry

/// Counts codes, ships and passengers.
struct SpaceportMetrics: Sendable {
    private let dockingCodes: BoundCounter<Int>
    private let separationCodes: BoundCounter<Int>
    private let docked: BoundCounter<Int>
    private let separated: BoundCounter<Int>
    private let currentlyDocked: UpDownCounter<Int>
    private let currentPassengers: UpDownCounter<Int>
    private let arrivals: Histogram<Int>

    init(_ meter: Meter) {
        /// Returns a counter without attributes, which is there with 0 from the start.
        func counter(_ name: String, _ description: String) -> BoundCounter<Int> {
            let counter = meter.counter(name, description: description).bind()
            counter.add(0)
            return counter
        }
        dockingCodes = counter("docking_authorization", "Codes for docking that were issued.")
        separationCodes = counter("separation_authorization", "Codes for separation that were issued.")
        docked = counter("docked", "Ships that have docked.")
        separated = counter("separated", "Ships that have separated.")
        currentlyDocked = meter.upDownCounter("currently_docked", description: "Ships at the docks.")
        currentPassengers = meter.upDownCounter("current_passengers", description: "Passengers of the ships at the docks.")
        arrivals = meter.histogram("passenger_arrivals", of: Int.self, description: "Passengers of each ship that has docked.")
        currentlyDocked.add(0)
        currentPassengers.add(0)
    }

    func issuedCode(for action: Docks.Action) { (action == .dock ? dockingCodes : separationCodes).add(1) }

    func docked(_ ship: Docks.Ship) {
        docked.add(1)
        currentlyDocked.add(1)
        currentPassengers.add(ship.passengers)
        arrivals.record(ship.passengers, ["ship_id": .string(ship.id)])
    }

    /// Counts a ship that has left, with the passengers that it had when it docked: those of its request would make the sum drift.
    func separated(_ ship: Docks.Ship) {
        separated.add(1)
        left(ship)
    }

    /// Counts a ship that is no longer there, although it has not separated.
    func left(_ ship: Docks.Ship) {
        currentlyDocked.add(-1)
        currentPassengers.add(-ship.passengers)
    }
}
