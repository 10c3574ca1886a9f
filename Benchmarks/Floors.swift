// What the machine itself takes, measured in the same run as all that is compared with it.

import Glibc
import Synchronization

/// What the machine itself takes.
struct Floors {
    /// Reading the clock once.
    let clock: (name: String, value: Double)
    /// Adding to an atomic number that no other processor touches.
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
