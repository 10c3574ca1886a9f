// Hot: the built-in reservoirs, as functions on the slots of a cell.

enum ExemplarSampling {
    /// After how many measurements that were no candidates only every few are looked at, so that recording outside of sampled spans
    /// does not pay for looking each time; and how many are passed over at most. (Specification: a reservoir may sample further.)
    private static let patience: UInt64 = 4
    private static let longestSkip: UInt64 = 31

    /// Up to which count measurements are passed over after one that was no candidate, where `count` have been seen.
    static func skipUntilCount(afterSeeing count: UInt64, leastDraw draw: Double) -> UInt64 {
        guard draw > 0 else { return count &+ min(count / patience, longestSkip) }
        var generator = SmallGenerator(state: RandomLanes.shared.number())
        return count &+ generator.failures(until: draw)
    }

    /// The least draw of those that are kept; 0 while there is room.
    static func leastDraw(in slots: UnsafeMutableBufferPointer<ExemplarSlot>) -> Double { slots[leastDraw(slots)].draw }

    /// Keeps an offer in the slot of its bucket. Returns nothing: the slot says how many are passed over.
    static func keep(_ offer: ExemplarOffer, inBucket slot: UnsafeMutablePointer<ExemplarSlot>, count: UInt64, random: UInt64) {
        var generator = SmallGenerator(state: random)
        slot.pointee.draw = generator.number(above: slot.pointee.draw)
        fill(slot, offer)
        slot.pointee.skipUntilCount = count &+ generator.failures(until: slot.pointee.draw)
    }

    /// Keeps an offer in a free slot, or in that of the least draw. Returns up to which count measurements are passed over.
    static func keep(
        _ offer: ExemplarOffer, in slots: UnsafeMutableBufferPointer<ExemplarSlot>, count: UInt64, random: UInt64
    ) -> UInt64 {
        var generator = SmallGenerator(state: random)
        let place = leastDraw(slots)
        slots[place].draw = generator.number(above: slots[place].draw)
        fill(slots.baseAddress.unsafelyUnwrapped + place, offer)
        let least = slots[leastDraw(slots)].draw
        return least > 0 ? count &+ generator.failures(until: least) : count
    }

    /// Joins what one cell has kept to what another has: the greatest draws stay.
    static func merge(
        _ source: UnsafeMutableBufferPointer<ExemplarSlot>, into target: UnsafeMutableBufferPointer<ExemplarSlot>, isByBucket: Bool
    ) {
        for index in source.indices where source[index].isTaken {
            let place = isByBucket ? index : leastDraw(target)
            if source[index].draw > target[place].draw { target[place] = source[index] }
        }
    }

    private static func leastDraw(_ slots: UnsafeMutableBufferPointer<ExemplarSlot>) -> Int {
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

/// A few random numbers out of one.
private struct SmallGenerator {
    var state: UInt64

    private mutating func next() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        // Between 0 and 1, neither included.
        return (Double(mixed >> 12) + 0.5) * 0x1p-52
    }

    /// A number between another and 1.
    mutating func number(above bound: Double) -> Double {
        // Never 1 itself, above which nothing could be drawn, nor the bound.
        min(bound + (1 - bound) * next(), 1.0.nextDown)
    }

    /// How many draws fall short of a bound before one does not.
    mutating func failures(until bound: Double) -> UInt64 {
        let failures = NaturalLogarithm.of(next()) / NaturalLogarithm.of(bound)
        return failures >= 0x1p62 ? 1 << 62 : UInt64(failures)
    }
}
