// Order, eviction and expiry of batches.

import Testing

@testable import Telemetry

extension SpoolCounts.Tally {
    /// True if every stored item is counted once.
    var isBalanced: Bool { stored == delivered + rejected + expired + evicted + lost + waiting }
}

struct SpoolIndexTests {
    private static let second: UInt64 = 1_000_000_000

    private static func index(blocks: Int, age: Duration = .seconds(60)) -> SpoolIndex {
        SpoolIndex(maximumBytes: blocks * 4096, maximumAge: age)
    }

    private static func store(_ index: inout SpoolIndex, bytes: Int = 100, items: Int = 1, now: UInt64) throws -> (
        entry: SpoolEntry, evicted: [SpoolEntry]
    ) {
        let reservation = try index.reserve(byteCount: bytes, itemCount: items, now: now).unwrapped()
        index.add([reservation.entry])
        return reservation
    }

    @Test func orderSurvivesClockSetBack() throws {
        var index = Self.index(blocks: 100)
        let stored = try [5, 9, 3, 3, 10].map { try Self.store(&index, now: $0 * Self.second).entry.sequence }
        #expect(stored == stored.sorted() && Set(stored).count == 5)
        #expect(index.entries.map(\.sequence) == stored)
        #expect(index.newestSequence == stored.last)
    }

    @Test func fullIndexEvictsOldestButNotBatchInFlight() throws {
        var index = Self.index(blocks: 3)
        let stored = try (1...3).map { try Self.store(&index, items: $0, now: UInt64($0) * Self.second).entry }
        let taken = index.takeOldest()
        #expect(taken == stored[0])
        let fourth = try Self.store(&index, items: 4, now: 4 * Self.second)
        #expect(fourth.evicted == [stored[1]])
        #expect(index.entries.map(\.sequence) == [stored[0], stored[2], fourth.entry].map(\.sequence))
        index.finish(stored[0], .delivered(rejected: 0))
        #expect(index.counts.own == SpoolCounts.Tally(stored: 10, delivered: 1, evicted: 2, waiting: 7))
        #expect(index.counts.waitingBatches == 2 && index.counts.waitingBytes == 2 * 4096)
    }

    @Test func batchAboveLimitIsRefused() throws {
        var index = Self.index(blocks: 3)
        _ = try Self.store(&index, now: Self.second)
        var reservation = index.reserve(byteCount: 3 * 4096, itemCount: 1, now: Self.second)
        #expect(reservation == nil)
        #expect(index.entries.count == 1, "No batch was evicted for the refused one.")
        // A batch that leaves no room for the one in flight is refused too.
        _ = index.takeOldest()
        reservation = index.reserve(byteCount: 2 * 4096, itemCount: 1, now: Self.second)
        #expect(reservation == nil)
        index.putBack()
        reservation = index.reserve(byteCount: 2 * 4096, itemCount: 1, now: Self.second)
        #expect(reservation?.evicted.count == 1)
        #expect(!index.isEmpty)
    }

    @Test func batchAboveMaximumAgeExpires() throws {
        var index = Self.index(blocks: 100, age: .seconds(10))
        let stored = try (1...3).map { try Self.store(&index, now: UInt64($0) * Self.second).entry }
        var expired = [11, 12, 0].map { index.expire(now: $0 * Self.second) }
        // A clock that is set back expires no batch.
        #expect(expired == [[], [stored[0]], []])
        let taken = index.takeOldest()
        expired = [index.expire(now: 100 * Self.second)]
        #expect(taken == stored[1] && expired == [[]], "The batch in flight does not expire.")
        index.putBack()
        expired = [index.expire(now: 100 * Self.second)]
        #expect(expired == [[stored[1], stored[2]]])
        #expect(index.counts.own == SpoolCounts.Tally(stored: 3, expired: 3))
        #expect(index.isEmpty)
    }

    @Test func sequenceIsNotReservedTwice() throws {
        var index = Self.index(blocks: 100)
        let own = try Self.store(&index, now: 5 * Self.second).entry
        let twin = SpoolEntry(sequence: own.sequence, created: 1, itemCount: 1, byteCount: 1, isRecovered: true)
        let older = SpoolEntry(sequence: 17, created: 1, itemCount: 2, byteCount: 1, isRecovered: true)
        let adopted = [index.reserve(older), index.reserve(twin), index.reserve(twin)]
        #expect(adopted.map(\.sequence) == [17, own.sequence + 1, own.sequence + 2])
        index.add(adopted)
        #expect(index.entries.map(\.sequence) == [17, own.sequence, own.sequence + 1, own.sequence + 2])
        #expect(index.counts.recovered.stored == 4 && index.counts.own.stored == 1)
    }

    @Test func everyItemIsCountedAfterRandomOperations() {
        var random = SplitMix64(seed: 11)
        for _ in 0..<50 {
            var index = Self.index(blocks: 12, age: .seconds(20))
            var now: UInt64 = 100 * Self.second
            var taken: SpoolEntry?
            for _ in 0..<300 {
                switch Int.random(in: 0..<8, using: &random) {
                case 0...3:
                    let bytes = Int.random(in: 0..<20_000, using: &random)
                    if let (entry, _) = index.reserve(byteCount: bytes, itemCount: .random(in: 0..<9, using: &random), now: now) {
                        if Bool.random(using: &random) { index.add([entry]) } else { index.cancel(entry) }
                    }
                case 4: if taken == nil { taken = index.takeOldest() }
                case 5:
                    guard let entry = taken else { continue }
                    let fates: [SpoolIndex.Fate] = [.delivered(rejected: .random(in: -1..<9, using: &random)), .rejected, .lost]
                    index.finish(entry, fates[Int.random(in: 0..<3, using: &random)])
                    taken = nil
                case 6: _ = index.expire(now: now)
                default: now += UInt64.random(in: 0..<5 * Self.second, using: &random)
                }
                let counts = index.counts
                #expect(counts.own.isBalanced)
                #expect(counts.own.waiting == index.entries.reduce(0) { $0 + UInt64($1.itemCount) })
                #expect(counts.waitingBytes == index.entries.reduce(0) { $0 + UInt64($1.diskBytes) } && counts.waitingBytes <= 12 * 4096)
                #expect(index.entries.map(\.sequence) == index.entries.map(\.sequence).sorted())
                if let taken { #expect(index.entries.contains(taken)) }
            }
        }
    }
}
