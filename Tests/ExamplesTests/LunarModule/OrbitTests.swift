// APO-01: the orbit that readings are made of.

import ExampleSupport
import Testing

@testable import LunarModule

struct OrbitTests {
    private static let orbit = Orbit(seed: 11)

    private static func position(_ seconds: Int) -> Double {
        orbit.reading(at: CalendarTime(microsecondsSinceEpoch: seconds * 1_000_000)).position
    }

    @Test("APO-01: the module goes round the Moon once in six hours") func oneRevolutionTakesSixHours() {
        for (minutes, degrees) in [(1, 1.0), (90, 90), (180, 180), (359, 359), (360 + 45, 45)] {
            #expect((Self.position(minutes * 60) - degrees).magnitude <= Orbit.positionNoise)
        }
    }

    @Test("APO-01: readings are off by noise, within limits") func noiseIsBounded() {
        var (offsets, speeds): (Set<Double>, Set<Double>) = ([], [])
        for second in 0..<2000 {
            let reading = Self.orbit.reading(at: CalendarTime(microsecondsSinceEpoch: (21_600 * 100 + second) * 1_000_000))
            #expect((0..<360).contains(reading.position) && Orbit.speeds.contains(reading.speed) && reading.status == "OK")
            offsets.insert((reading.position - Double(second) / 60).rounded(to: 0.01))
            speeds.insert(reading.speed)
        }
        #expect(offsets.count > 20 && speeds.count > 500)
    }

    @Test("APO-01: the same seed and time make the same reading, another seed another one") func noiseIsSeeded() {
        let time = CalendarTime(microsecondsSinceEpoch: 1_753_042_660_000_000)
        #expect(Orbit(seed: 1).reading(at: time) == Orbit(seed: 1).reading(at: time))
        #expect(Orbit(seed: 1).reading(at: time) != Orbit(seed: 2).reading(at: time))
    }
}

extension Double {
    fileprivate func rounded(to unit: Double) -> Double { (self / unit).rounded() * unit }
}
