// Rounds numbers for display.

/// A number as text: `12`, `0.25`, `1234.6`, `3.2e+20`.
enum ReadableNumber {
    private static let digits = 5

    static func text(_ number: MetricNumber) -> String {
        switch number {
        case .int(let value): "\(value)"
        case .double(let value): text(value)
        }
    }

    /// Rounds to five digits; larger whole parts keep all digits up to a limit.
    static func text(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-∞" : "∞" }
        guard value != 0 else { return "0" }
        let exponent = decimalExponent(of: value.magnitude)
        guard (-4..<15).contains(exponent) else {
            // Two steps are needed: the table of powers of ten does not reach the smallest numbers.
            let mantissa = rounded(value / power(exponent / 2) / power(exponent - exponent / 2), decimals: digits - 1)
            return "\(plain(mantissa))e\(exponent < 0 ? "-" : "+")\(exponent.magnitude)"
        }
        return plain(rounded(value, decimals: max(0, digits - 1 - exponent)))
    }

    private static func rounded(_ value: Double, decimals: Int) -> Double {
        let scale = power(decimals)
        return (value * scale).rounded() / scale
    }

    /// Removes a fraction of zero.
    private static func plain(_ value: Double) -> String {
        let text = value.description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// Returns the largest n for which 10ⁿ does not exceed the number.
    private static func decimalExponent(of magnitude: Double) -> Int {
        // The estimate from the binary exponent is off by at most one.
        var exponent = Int((Double(magnitude.exponent) * 0.301_029_995_663_981).rounded(.down))
        while exponent < 308, magnitude >= power(exponent + 1) { exponent += 1 }
        while magnitude < power(exponent), exponent > -330 { exponent -= 1 }
        return exponent
    }

    private static func power(_ exponent: Int) -> Double {
        // Numbers below the smallest normal one need two steps.
        if exponent < -300 { return power(-300) * power(exponent + 300) }
        let magnitude = (0..<exponent.magnitude).reduce(1.0) { power, _ in power * 10 }
        return exponent < 0 ? 1 / magnitude : magnitude
    }
}
