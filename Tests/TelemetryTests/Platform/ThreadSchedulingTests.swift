// A thread that is started late has the scheduling of the one that prepared it.

import Testing

@testable import Telemetry

struct ThreadSchedulingTests {
    @Test func boundThreadGetsTheProcessorsOfAnother() async {
        let own = ThreadScheduling()
        #expect(own.isThatOfThread)
        await onThreads(1) { _ in
            guard staysOnOneProcessor() else { return }
            #expect(!own.isThatOfThread || ProcessorLane.count == 1)
            own.apply()
            #expect(own.isThatOfThread)
        }
    }
}
