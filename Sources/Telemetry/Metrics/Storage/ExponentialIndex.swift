// Finds the bucket of a value in an exponential histogram, exactly and without a logarithm (hot).

/// Finds the bucket of a value in an exponential histogram, exactly and without a logarithm.
///
/// Bucket i holds the magnitudes beyond base^i and up to base^(i+1), where the base is 2^(2^-scale). Within an octave its number
/// is the first `scale` bits of the binary logarithm of the significand. A cubic polynomial gives these bits for all but one value
/// in 2^(30 - scale); for the others, which lie next to a boundary, they are computed exactly. Hence the index at any scale is
/// that of the finest scale shifted right, with no exception.
/// (Specification: metrics data model, "Exponential Scale", "Producer Expectations".)
struct ExponentialIndex: Sendable {
    /// The binary logarithm over a part of the octave: `constant + linear t - quadratic t² + cubic t³` for t from 0 to 1, in 2^-64.
    private struct Piece {
        var constant: UInt64
        var linear: UInt64
        var quadratic: UInt64
        var cubic: UInt64
    }

    /// The bits of the significand that choose the piece.
    private static let pieceBits = 6
    private static let fractionMask: UInt64 = (1 << 52) - 1
    /// More than twice what a polynomial is ever wrong by, in 2^-64.
    static let uncertainty: UInt64 = 1 << 33
    private static let smallestNormal = Double.leastNormalMagnitude.bitPattern

    /// Made once for the whole process, and never changed or freed afterwards: hence safe to read from every thread.
    private nonisolated(unsafe) static let sharedPieces = makePieces()

    /// Held here so that a lookup need not ask whether they have been made; what they point to never changes.
    private nonisolated(unsafe) let pieces: UnsafePointer<Piece>

    init() {
        pieces = Self.sharedPieces
    }

    /// The index of the bucket for a value other than zero, whose sign is left aside.
    ///
    /// Subnormal values are rounded up to the smallest normal one. What is not finite gets an index of no meaning.
    @inline(__always)
    func index(of value: Double, scale: Int) -> Int {
        let bits = max(value.magnitude.bitPattern, Self.smallestNormal)
        let exponent = Int(truncatingIfNeeded: bits >> 52) &- 1023
        let fraction = bits & Self.fractionMask
        // A bucket includes its upper bound: a power of two belongs to the bucket below.
        if scale <= 0 { return (exponent &- (fraction == 0 ? 1 : 0)) &>> (0 &- scale) }
        if fraction == 0 { return (exponent &<< scale) &- 1 }
        return (exponent &<< scale) &+ position(of: fraction, scale: scale)
    }

    /// The number of the bucket in its octave, for scales above zero.
    @inline(__always)
    private func position(of fraction: UInt64, scale: Int) -> Int {
        let logarithm = approximateLogarithm(of: fraction)
        // Less than `uncertainty` away from a boundary, the bits before the point may be those of the neighbour.
        if (logarithm &+ Self.uncertainty) &<< scale < (2 * Self.uncertainty) &<< scale {
            return Self.exactPosition(of: fraction, scale: scale)
        }
        return Int(truncatingIfNeeded: logarithm &>> (64 &- scale))
    }

    @inline(never)
    private static func exactPosition(of fraction: UInt64, scale: Int) -> Int {
        // What arithmetic misses a power of two by is far less than the width of the buckets beside it.
        if fraction < 1 << 30 { return 0 }
        if fraction > fractionMask - (1 << 30) { return (1 << scale) - 1 }
        return Int(truncatingIfNeeded: logarithm(of: fraction, bits: scale))
    }

    /// The binary logarithm of 1 + fraction · 2^-52, in 2^-64.
    @inline(__always)
    func approximateLogarithm(of fraction: UInt64) -> UInt64 {
        let piece = pieces[Int(truncatingIfNeeded: fraction >> UInt64(52 - Self.pieceBits))]
        let t = fraction << UInt64(12 + Self.pieceBits)
        var value = piece.quadratic &- piece.cubic.multipliedFullWidth(by: t).high
        value = piece.linear &- value.multipliedFullWidth(by: t).high
        return piece.constant &+ value.multipliedFullWidth(by: t).high
    }

    /// The first bits, 64 at most, of the binary logarithm of 1 + fraction · 2^-52: the first 20 are exact.
    ///
    /// Squaring a number doubles its logarithm, whose next bit is one when the square reaches two. They are exact
    /// because no double but 1 itself comes nearer than 2^-78 to one of the 2^20 boundaries, and the errors of 20 squarings
    /// in 127 bits stay below 2^-105.
    static func logarithm(of fraction: UInt64, bits: Int) -> UInt64 {
        var power = UInt128(fraction | 1 << 52) << (127 - 52)
        var result: UInt64 = 0
        for _ in 0..<bits {
            let square = power.multipliedFullWidth(by: power).high
            let isTwoOrMore = square >> 127 != 0
            result = result << 1 | (isTwoOrMore ? 1 : 0)
            power = isTwoOrMore ? square : square << 1
        }
        return result
    }

    /// Lays a cubic through four points of each piece, which are placed so that the largest error is smallest (2^-32).
    private static func makePieces() -> UnsafePointer<Piece> {
        let count = 1 << pieceBits
        let pieces = UnsafeMutablePointer<Piece>.allocate(capacity: count)
        let t = [2, 20, 44, 62].map { Double($0) / 64 }  // The roots of the fourth Chebyshev polynomial, rounded.
        for number in 0..<count {
            let values = t.map { seriesLogarithm(of: 1 + (Double(number) + $0) / Double(count)) }
            // Newton's divided differences, then the same polynomial in powers of t.
            var differences = values
            for order in 1..<4 {
                for place in stride(from: 3, through: order, by: -1) {
                    differences[place] = (differences[place] - differences[place - 1]) / (t[place] - t[place - order])
                }
            }
            let (first, second, third) = (differences[1], differences[2], differences[3])
            let constant = values[0] - first * t[0] + second * t[0] * t[1] - third * t[0] * t[1] * t[2]
            let linear = first - second * (t[0] + t[1]) + third * (t[0] * t[1] + t[0] * t[2] + t[1] * t[2])
            let quadratic = second - third * (t[0] + t[1] + t[2])
            pieces[number] = Piece(
                // The very first constant would lie a little below zero.
                constant: UInt64(max(0, constant) * 0x1p64), linear: UInt64(linear * 0x1p64), quadratic: UInt64(-quadratic * 0x1p64),
                cubic: UInt64(third * 0x1p64))
        }
        return UnsafePointer(pieces)
    }

    /// The binary logarithm of a number from 1 to 2, within 2^-50.
    private static func seriesLogarithm(of number: Double) -> Double {
        // ln x = 2 (z + z³/3 + z⁵/5 + …) with z = (x - 1) / (x + 1), which is at most a third.
        let z = (number - 1) / (number + 1)
        var power = z
        var sum = 0.0
        for exponent in stride(from: 1.0, through: 35, by: 2) {
            sum += power / exponent
            power *= z * z
        }
        return sum * 2 * 1.4426950408889634
    }
}
