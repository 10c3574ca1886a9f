// Hot: the lookup for exponential histograms.

/// Finds the bucket of a value in an exponential histogram, exactly and without a logarithm.
///
/// Bucket i holds magnitudes greater than base^i and at most base^(i+1), where the base is 2^(2^-scale). Its number within an octave is the
/// first `scale` bits of the binary logarithm of the significand. A cubic polynomial gives these bits for all but one value in 2^(30 -
/// scale); those next to a boundary are computed exactly. So the index at any scale is that of the finest scale shifted right, without
/// exception.
/// (Specification: metrics data model, "Exponential Scale", "Producer Expectations".)
struct ExponentialIndex: Sendable {
    /// The binary logarithm in one part of the octave, in 2^-64.
    ///
    /// It is `constant + linear t - quadratic t² + cubic t³` for t from 0 to 1.
    private struct Piece {
        var constant: UInt64
        var linear: UInt64
        var quadratic: UInt64
        var cubic: UInt64
    }

    /// The number of leading bits of the significand that select the piece.
    private static let pieceBits = 6
    private static let fractionMask: UInt64 = (1 << 52) - 1
    /// More than twice the largest error of a polynomial, in 2^-64.
    static let uncertainty: UInt64 = 1 << 33
    private static let smallestNormal = Double.leastNormalMagnitude.bitPattern

    /// Made once in the process and never changed or freed: safe to read on every thread.
    private nonisolated(unsafe) static let sharedPieces = makePieces()

    /// A copy of the pointer, so that a lookup does not test whether the pieces are made.
    ///
    /// What it points to never changes.
    private nonisolated(unsafe) let pieces: UnsafePointer<Piece>

    init() {
        pieces = Self.sharedPieces
    }

    /// Returns the bucket index of the magnitude of a value other than zero.
    ///
    /// Subnormal values are rounded up to the least normal one. The index of a value that is not finite has no meaning.
    @inline(__always)
    func index(of value: Double, scale: Int) -> Int {
        assert(scale <= 20, "The scale is one that positions are exact for.")
        let bits = max(value.magnitude.bitPattern, Self.smallestNormal)
        let exponent = Int(truncatingIfNeeded: bits >> 52) &- 1023
        let fraction = bits & Self.fractionMask
        // A bucket includes its upper bound: a power of two belongs to the bucket below.
        if scale <= 0 { return (exponent &- (fraction == 0 ? 1 : 0)) &>> (0 &- scale) }
        if fraction == 0 { return (exponent &<< scale) &- 1 }
        return (exponent &<< scale) &+ position(of: fraction, scale: scale)
    }

    /// Returns the bucket number within the octave, for scales above zero.
    @inline(__always)
    private func position(of fraction: UInt64, scale: Int) -> Int {
        let logarithm = approximateLogarithm(of: fraction)
        // Closer than `uncertainty` to a boundary, the leading bits may be those of the neighbour.
        if (logarithm &+ Self.uncertainty) &<< scale < (2 * Self.uncertainty) &<< scale {
            return Self.exactPosition(of: fraction, scale: scale)
        }
        return Int(truncatingIfNeeded: logarithm &>> (64 &- scale))
    }

    @inline(never)
    private static func exactPosition(of fraction: UInt64, scale: Int) -> Int {
        // Close to a power of two, arithmetic errors are far less than the width of the buckets beside it.
        if fraction < 1 << 30 { return 0 }
        if fraction > fractionMask - (1 << 30) { return (1 << scale) - 1 }
        return Int(truncatingIfNeeded: logarithm(of: fraction, bits: scale))
    }

    /// Returns the binary logarithm of 1 + fraction · 2^-52, in 2^-64.
    @inline(__always)
    func approximateLogarithm(of fraction: UInt64) -> UInt64 {
        assert(fraction <= Self.fractionMask, "The fraction has 52 bits, of which the first choose a piece.")
        let piece = pieces[Int(truncatingIfNeeded: fraction >> UInt64(52 - Self.pieceBits))]
        let t = fraction << UInt64(12 + Self.pieceBits)
        var value = piece.quadratic &- piece.cubic.multipliedFullWidth(by: t).high
        value = piece.linear &- value.multipliedFullWidth(by: t).high
        return piece.constant &+ value.multipliedFullWidth(by: t).high
    }

    /// Returns the first bits of the binary logarithm of 1 + fraction · 2^-52, at most 64.
    ///
    /// The first 20 are exact.
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

    /// Returns for each piece a cubic through four points, chosen for the least maximal error (2^-32).
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
                // The exact first constant would be slightly negative.
                constant: UInt64(max(0, constant) * 0x1p64), linear: UInt64(linear * 0x1p64), quadratic: UInt64(-quadratic * 0x1p64),
                cubic: UInt64(third * 0x1p64))
        }
        return UnsafePointer(pieces)
    }

    /// Returns the binary logarithm of a number from 1 to 2, within 2^-50.
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
