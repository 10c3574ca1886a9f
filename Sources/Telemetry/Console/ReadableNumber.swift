// Writes a number as a person reads it: few digits, and no more of them than tell something.

/// A number as text: `12`, `0.25`, `1234.6`, `3.2e+20`.
enum ReadableNumber {
    private static let digits = 5

    static func text(_ number: MetricNumber) -> String {
        switch number {
        case .int(let value): "\(value)"
        case .double(let value): text(value)
        }
    }

    /// Rounded to five digits; the digits of larger whole parts are all written, as far as a screen has room for them.
    static func text(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-∞" : "∞" }
        guard value != 0 else { return "0" }
        let exponent = decimalExponent(of: value.magnitude)
        guard (-4..<15).contains(exponent) else {
            // In two steps, since the powers of ten do not reach as far as the smallest numbers do.
            let mantissa = rounded(value / power(exponent / 2) / power(exponent - exponent / 2), decimals: digits - 1)
            return "\(plain(mantissa))e\(exponent < 0 ? "-" : "+")\(exponent.magnitude)"
        }
        return plain(rounded(value, decimals: max(0, digits - 1 - exponent)))
    }

    private static func rounded(_ value: Double, decimals: Int) -> Double {
        let scale = power(decimals)
        return (value * scale).rounded() / scale
    }

    /// Without a fraction that is zero.
    private static func plain(_ value: Double) -> String {
        let text = value.description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// The largest n for which 10ⁿ is not above the number.
    private static func decimalExponent(of magnitude: Double) -> Int {
        // From the binary exponent it is at most one off.
        var exponent = Int((Double(magnitude.exponent) * 0.301_029_995_663_981).rounded(.down))
        while exponent < 308, magnitude >= power(exponent + 1) { exponent += 1 }
        while magnitude < power(exponent), exponent > -330 { exponent -= 1 }
        return exponent
    }

    private static func power(_ exponent: Int) -> Double {
        // Two steps for what lies below the smallest normal number.
        if exponent < -300 { return power(-300) * power(exponent + 300) }
        let magnitude = (0..<exponent.magnitude).reduce(1.0) { power, _ in power * 10 }
        return exponent < 0 ? 1 / magnitude : magnitude
    }
}
