// What a fork does with a cache that another thread is changing.

import Testing

@testable import Telemetry

struct LockedCacheTests {
    private final class Guarded: Sendable {
        let cache = LockedCache<[Int]> { [] }

        var count: Int32 { cache.withLock { Int32($0.count) } }
    }

    @Test func childHasTheValueOfTheParent() throws {
        let guarded = Guarded()
        guarded.cache.withLock { $0 += [1, 2] }
        #expect(try ForkedChild { guarded.count }.wait() == 2)
    }

    @Test func childBeginsAnewIfAThreadOfTheParentWasChangingTheValue() throws {
        let guarded = Guarded()
        let (isInside, mayLeave, hasLeft) = (Semaphore(), Semaphore(), Semaphore())
        let isStarted = WorkerThread.start(named: "writer") {
            guarded.cache.withLock { value in
                value.append(1)
                isInside.post()
                _ = mayLeave.wait(until: .after(.seconds(60)))
            }
            hasLeft.post()
        }
        try #require(isStarted && isInside.wait(until: .after(.seconds(60))))
        let child = try ForkedChild {
            guarded.cache.withLock { $0.append(7) }
            return guarded.cache.withLock { $0 == [7] } ? 0 : 1
        }
        #expect(child.wait() == 0)
        mayLeave.post()
        #expect(hasLeft.wait(until: .after(.seconds(60))))
        #expect(guarded.count == 1)
    }
}
