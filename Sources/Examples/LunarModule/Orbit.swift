// Where the lunar module is.

import ExampleSupport

/// A reading of the module's instruments.
struct Reading: Sendable, Hashable {
    let timestamp: CalendarTime
    /// Degrees round the Moon, from 0 up to 360.
    let position: Double
    /// Kilometres a second.
    let speed: Double
    let status: String

    /// The body that the telemetry service takes.
    var json: JSONValue {
        ["timestamp": .string(timestamp.rfc3339), "position": .number(position), "speed": .number(speed), "status": .string(status)]
    }
}

/// A circular orbit, one revolution in six hours, seen by instruments with noise.
///
/// Position and noise follow from the time and the seed alone, so that an orbit goes on after a restart and a test knows it.
struct Orbit: Sendable {
    static let microsecondsOfRevolution = 6 * 3600 * 1_000_000
    /// Degrees by which a reading may be off, to either side.
    static let positionNoise = 0.25
    static let speeds = 1.6...1.7

    let seed: UInt64

    func reading(at time: CalendarTime) -> Reading {
        let elapsed = time.microsecondsSinceEpoch % Self.microsecondsOfRevolution
        let course = 360 * Double(elapsed) / Double(Self.microsecondsOfRevolution)
        var noise = SplitMix64(seed: seed ^ UInt64(bitPattern: Int64(time.microsecondsSinceEpoch)))
        let seen = course + Double.random(in: -Self.positionNoise...Self.positionNoise, using: &noise)
        let position = Self.rounded((seen + 360).truncatingRemainder(dividingBy: 360))
        let speed = Double.random(in: Self.speeds, using: &noise)
        return Reading(
            timestamp: time, position: position == 360 ? 0 : position, speed: Self.rounded(speed), status: "OK")
    }

    /// Rounds to the four decimals that the instruments have.
    private static func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
}
