// The floors that figures are compared with, measured in the same run.

import Glibc
import Synchronization

/// The cost of basic operations of the machine.
struct Floors {
    /// The cost of reading the clock once.
    let clock: (name: String, value: Double)
    /// The cost of an uncontended atomic addition.
    let add: (name: String, value: Double)

    private final class Number: Sendable {
        let value = Atomic<Int>(0)
    }

    static func measure() -> Floors {
        let number = Number()
        let clock = Measurement.best(rounds: 30) {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            keep(time)
        }
        let add = Measurement.best(rounds: 30) { number.value.wrappingAdd(1, ordering: .relaxed) }
        return Floors(clock: ("C", clock.nanoseconds), add: ("A", add.nanoseconds))
    }
}
