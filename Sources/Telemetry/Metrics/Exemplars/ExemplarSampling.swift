// Hot: the built-in reservoirs, as functions on the slots of a cell.

enum ExemplarSampling {
    /// Returns how many measurements are skipped after one that was no candidate, so that recording outside of sampled spans does not look at
    /// each: a quarter of the first 124, then 31 up to 4,000, then a 128th, at most 1,023. From 3,100 measurements on, a span that is sampled
    /// late is found before the count has grown by a hundredth. (Specification: a reservoir may sample further.)
    ///
    /// As long as the process has had no span it is a quarter of all, at most 1,023: of 20,000 measurements 50 are looked at in place of 350. The
    /// process's first sampled span is so found later, by that many measurements of a series at most.
    private static func skip(afterSeeing count: UInt64, _ mayBeSampled: Bool) -> UInt64 {
        min(count / 4, mayBeSampled ? max(31, min(count / 128, 1_023)) : 1_023)
    }

    /// Returns the count up to which measurements are skipped after one that was no candidate.
    ///
    /// - Parameters:
    ///   - count: the measurements so far.
    ///   - draw: the least draw of the exemplars kept; 0 while a slot is free.
    ///   - mayBeSampled: false if the process has had no sampled span.
    static func skipUntilCount(afterSeeing count: UInt64, leastDraw draw: Double, mayBeSampled: Bool) -> UInt64 {
        guard draw > 0 else { return count &+ skip(afterSeeing: count, mayBeSampled) }
        var generator = SmallGenerator(state: RandomLanes.shared.number())
        return count &+ generator.failures(until: draw)
    }

    /// Returns the least draw of the exemplars kept; 0 while a slot is free.
    static func leastDraw(in slots: UnsafeMutableBufferPointer<ExemplarSlot>) -> Double { slots[leastDraw(slots)].draw }

    /// Keeps an offer in the slot of its bucket, and sets the slot's `skipUntilCount`.
    static func keep(_ offer: ExemplarOffer, inBucket slot: UnsafeMutablePointer<ExemplarSlot>, count: UInt64, random: UInt64) {
        var generator = SmallGenerator(state: random)
        slot.pointee.draw = generator.number(above: slot.pointee.draw)
        fill(slot, offer)
        slot.pointee.skipUntilCount = count &+ generator.failures(until: slot.pointee.draw)
    }

    /// Keeps an offer in a free slot or the one with the least draw.
    ///
    /// Returns the count up to which measurements are skipped.
    static func keep(
        _ offer: ExemplarOffer, in slots: UnsafeMutableBufferPointer<ExemplarSlot>, count: UInt64, random: UInt64
    ) -> UInt64 {
        var generator = SmallGenerator(state: random)
        assert(slots.baseAddress != nil, "There is at least one slot.")
        let place = leastDraw(slots)
        slots[place].draw = generator.number(above: slots[place].draw)
        fill(slots.baseAddress.unsafelyUnwrapped + place, offer)
        let least = slots[leastDraw(slots)].draw
        return least > 0 ? count &+ generator.failures(until: least) : count
    }

    /// Merges the exemplars of one cell into those of another: the greatest draws stay.
    static func merge(
        _ source: UnsafeMutableBufferPointer<ExemplarSlot>, into target: UnsafeMutableBufferPointer<ExemplarSlot>, isByBucket: Bool
    ) {
        assert(source.count == target.count, "Cells of one store have the same number of slots.")
        for index in source.indices where source[index].isTaken {
            let place = isByBucket ? index : leastDraw(target)
            if source[index].draw > target[place].draw { target[place] = source[index] }
        }
    }

    private static func leastDraw(_ slots: UnsafeMutableBufferPointer<ExemplarSlot>) -> Int {
        assert(!slots.isEmpty, "There is at least one slot.")
        var least = 0
        for index in slots.indices where slots[index].draw < slots[least].draw { least = index }
        return least
    }

    private static func fill(_ slot: UnsafeMutablePointer<ExemplarSlot>, _ offer: ExemplarOffer) {
        slot.pointee.value = offer.value
        slot.pointee.nanoseconds = offer.nanoseconds
        slot.pointee.traceHigh = offer.spanContext?.traceID.high ?? 0
        slot.pointee.traceLow = offer.spanContext?.traceID.low ?? 0
        slot.pointee.span = offer.spanContext?.spanID.number ?? 0
        slot.pointee.filtered = offer.filtered
    }
}

/// Derives a few random numbers from one.
private struct SmallGenerator {
    /// Three failures are to be expected until a draw does not fall below it, and 64 once in a hundred million draws.
    private static let mostDrawn = 0.75

    var state: UInt64

    private mutating func next() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        // The result lies between 0 and 1, both excluded.
        return (Double(mixed >> 12) + 0.5) * 0x1p-52
    }

    /// Returns a number between the bound and 1.
    mutating func number(above bound: Double) -> Double {
        // Neither 1, above which nothing could be drawn, nor the bound itself.
        min(bound + (1 - bound) * next(), 1.0.nextDown)
    }

    /// Returns how many draws fall below a bound before one does not.
    mutating func failures(until bound: Double) -> UInt64 {
        // As long as few are to be expected they are drawn: two logarithms take longer, with code of another library that is seldom in a cache.
        if bound < Self.mostDrawn {
            var count: UInt64 = 0
            while count < 64, next() < bound { count += 1 }
            return count
        }
        let failures = NaturalLogarithm.of(next()) / NaturalLogarithm.of(bound)
        return failures >= 0x1p62 ? 1 << 62 : UInt64(failures)
    }
}
