// Objects are handed out again only when nothing else refers to them.

import Testing

@testable import Telemetry

struct ObjectPoolTests {
    private final class Thing: Sendable {
        private let freed: Counter?

        init(_ freed: Counter? = nil) {
            self.freed = freed
        }

        deinit { freed?.next() }
    }

    @Test func objectWithoutOtherReferencesIsHandedOutAgain() {
        let pool = ObjectPool<Thing>(isOff: false, isRestartable: false)
        #expect(pool.take(lane: 0) == nil)
        var thing: Thing? = Thing()
        let identity = thing.map { ObjectIdentifier($0) }
        if let thing { pool.giveBack(thing, lane: 0) }
        thing = nil
        #expect(pool.take(lane: 0).map { ObjectIdentifier($0) } == identity)
        #expect(pool.take(lane: 0) == nil)
    }

    @Test func objectThatIsStillReferredToIsForgotten() {
        let pool = ObjectPool<Thing>(isOff: false, isRestartable: false)
        let freed = Counter()
        var kept: Thing? = Thing(freed)
        if let kept { pool.giveBack(kept, lane: 0) }
        #expect(pool.take(lane: 0) == nil)
        #expect(freed.count == 0 && kept != nil)
        kept = nil
        #expect(freed.count == 1, "The pool does not refer to it any more.")
    }

    @Test func objectsBeyondTheLimitAreNotKept() {
        let pool = ObjectPool<Thing>(isOff: false, isRestartable: false)
        let freed = Counter()
        for _ in 0..<100 { pool.giveBack(Thing(freed), lane: 3) }
        #expect(freed.count == 100 - ObjectPool<Thing>.maximumCount)
        var count = 0
        while pool.take(lane: 3) != nil { count += 1 }
        #expect(count == ObjectPool<Thing>.maximumCount)
    }

    @Test func poolThatIsOffKeepsNothing() {
        let pool = ObjectPool<Thing>(isOff: true)
        let freed = Counter()
        pool.giveBack(Thing(freed), lane: 0)
        #expect(freed.count == 1 && pool.take(lane: 0) == nil)
    }

    @Test func objectsAreHandedOutAgainWithoutALockedInstruction() {
        let pool = ObjectPool<Thing>(isOff: false, isRestartable: ProcessorSums.areRestartable)
        let freed = Counter()
        // A thread that is moved between two calls, or interrupted in one, finds nothing and makes another.
        var reused = 0
        for _ in 0..<10_000 {
            if let thing = pool.take(lane: 0) {
                reused += 1
                pool.giveBack(thing, lane: 0)
            } else {
                pool.giveBack(Thing(freed), lane: 0)
            }
        }
        #expect(reused > 0)
        #expect(Int(freed.count) <= 10_000 - reused, "What was handed out again was not made anew.")
    }

    @Test(arguments: [true, false])
    func objectIsNeverHandedOutTwice(isRestartable: Bool) async {
        let pool = ObjectPool<Thing>(isOff: false, isRestartable: isRestartable && ProcessorSums.areRestartable)
        let twice = Counter()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<20_000 {
                        var thing = pool.take(lane: 0) ?? Thing()
                        if !isKnownUniquelyReferenced(&thing) { twice.next() }
                        pool.giveBack(thing, lane: 0)
                    }
                }
            }
        }
        #expect(twice.count == 0)
    }
}
