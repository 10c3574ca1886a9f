// Numbers as Prometheus writes them.

import Telemetry

/// The texts of numbers in answers and in the labels `le` and `quantile`.
package enum GoNumber {
    /// Returns the shortest digits that are read as the same number, without an exponent: `0.005`, `10`, `+Inf`, `NaN`.
    package static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        let written = value.magnitude.description
        var digits = written
        if let mark = written.firstIndex(of: "e") {
            let exponent = Int(written[written.index(after: mark)...]) ?? 0
            let mantissa = written[..<mark]
            let whole = mantissa.prefix { $0 != "." }
            var fraction = mantissa.dropFirst(whole.count + 1)
            if fraction == "0" { fraction = "" }
            let all = whole + fraction
            if exponent < 0 {
                digits = "0." + String(repeating: "0", count: -exponent - whole.count) + all
            } else {
                digits = String(all) + String(repeating: "0", count: max(0, exponent - fraction.count))
            }
        } else if digits.hasSuffix(".0") {
            digits.removeLast(2)
        }
        return value.sign == .minus ? "-" + digits : digits
    }

    /// Returns a bound as OpenMetrics writes it, with a point or an exponent: `10.0`, `1e+06`, `0.005`, `+Inf`.
    package static func openMetricsText(_ value: Double) -> String {
        guard value.isFinite else { return text(value) }
        let plain = text(value.magnitude)
        let sign = value.sign == .minus ? "-" : ""
        guard value != 0, value.magnitude < 1e-4 || value.magnitude >= 1e6 else {
            return sign + (plain.contains(".") ? plain : plain + ".0")
        }
        let whole = plain.prefix { $0 != "." }
        let fraction = plain.dropFirst(whole.count + 1)
        let zeros = fraction.prefix { $0 == "0" }.count
        let exponent = whole == "0" ? -zeros - 1 : whole.count - 1
        var digits = whole == "0" ? String(fraction.dropFirst(zeros)) : String(whole + fraction)
        while digits.count > 1, digits.hasSuffix("0") { digits.removeLast() }
        let mantissa = digits.prefix(1) + (digits.count > 1 ? "." + digits.dropFirst() : "")
        // Go writes an exponent with a sign and at least two digits.
        let size = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
        return sign + mantissa + "e" + (exponent < 0 ? "-" : "+") + size
    }

    /// Returns the number that a text of Prometheus states; nil if it states none.
    package static func value(_ text: some StringProtocol) -> Double? {
        switch text.lowercased() {
        case "+inf", "inf", "+infinity", "infinity": return .infinity
        case "-inf", "-infinity": return -.infinity
        case "nan", "+nan", "-nan": return .nan
        default:
            guard let first = text.utf8.first, first != UInt8(ascii: " ") else { return nil }
            guard text.utf8.allSatisfy({ "0123456789+-.eExXpPabcdefABCDEF_".utf8.contains($0) }) else { return nil }
            return Double(String(text))
        }
    }
}
