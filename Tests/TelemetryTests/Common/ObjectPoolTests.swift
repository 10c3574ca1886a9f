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
        let pool = ObjectPool<Thing>(isOff: false)
        #expect(pool.take(lane: 0) == nil)
        var thing: Thing? = Thing()
        let identity = thing.map { ObjectIdentifier($0) }
        if let thing { pool.giveBack(thing, lane: 0) }
        thing = nil
        #expect(pool.take(lane: 0).map { ObjectIdentifier($0) } == identity)
        #expect(pool.take(lane: 0) == nil)
    }

    @Test func objectThatIsStillReferredToIsForgotten() {
        let pool = ObjectPool<Thing>(isOff: false)
        let freed = Counter()
        var kept: Thing? = Thing(freed)
        if let kept { pool.giveBack(kept, lane: 0) }
        #expect(pool.take(lane: 0) == nil)
        #expect(freed.count == 0 && kept != nil)
        kept = nil
        #expect(freed.count == 1, "The pool does not refer to it any more.")
    }

    @Test func objectsBeyondTheLimitAreNotKept() {
        let pool = ObjectPool<Thing>(isOff: false)
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

    @Test func objectIsNeverHandedOutTwice() async {
        let pool = ObjectPool<Thing>(isOff: false)
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
