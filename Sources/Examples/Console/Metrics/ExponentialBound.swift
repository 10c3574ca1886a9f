// The bounds of exponential buckets.

import Glibc

enum ExponentialBound {
    /// Returns 2^(index / 2^scale), with no rounding error at whole powers of two.
    static func value(_ index: Int, scale: Int) -> Double {
        if scale <= 0 {
            let exponent = index << -scale
            return exponent > 1_023 ? .infinity : exponent < -1_074 ? 0 : scalbn(1, CInt(exponent))
        }
        let whole = index >> scale
        guard whole <= 1_023 else { return .infinity }
        let rest = index & ((1 << scale) - 1)
        let fraction = rest == 0 ? 1 : exp2(Double(rest) / Double(1 << scale))
        return scalbn(fraction, CInt(max(whole, -1_100)))
    }
}
