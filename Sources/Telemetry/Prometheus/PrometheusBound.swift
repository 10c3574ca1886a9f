// The values of the labels `le` and `quantile`.

/// The text of bounds and quantiles as label values, which must be the same in all implementations.
enum PrometheusBound {
    /// Returns the text of Go's `%g`; in OpenMetrics whole numbers end in `.0`. (OpenMetrics 1.0, "Considerations: Canonical Numbers".)
    static func text(_ value: Double, _ style: PrometheusNumberStyle) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf" }
        guard value != 0 else { return style == .pointed ? "0.0" : "0" }
        let (digits, pointPlace) = decimal(value.magnitude)
        let exponent = pointPlace - 1
        var text = value < 0 ? "-" : ""
        if exponent < -4 || exponent >= 6 {
            text += digits.prefix(1)
            if digits.count > 1 { text += "." + digits.dropFirst() }
            return text + "e" + (exponent < 0 ? "-" : "+") + (abs(exponent) < 10 ? "0" : "") + "\(abs(exponent))"
        }
        if pointPlace <= 0 { return text + "0." + String(repeating: "0", count: -pointPlace) + digits }
        if pointPlace >= digits.count {
            text += digits + String(repeating: "0", count: pointPlace - digits.count)
            return style == .pointed ? text + ".0" : text
        }
        return text + digits.prefix(pointPlace) + "." + digits.dropFirst(pointPlace)
    }

    /// Returns the shortest exact digits without zeros at their ends, and the place of the point after the first digit.
    private static func decimal(_ value: Double) -> (digits: String, pointPlace: Int) {
        let sides = value.description.split(separator: "e", maxSplits: 1)
        let exponent = sides.count == 2 ? Int(sides[1]) ?? 0 : 0
        let parts = sides[0].split(separator: ".", maxSplits: 1)
        let (whole, fraction) = (parts[0], parts.count == 2 ? parts[1] : "")
        var digits = Substring(String(whole) + fraction)
        var pointPlace = whole.utf8.count + exponent
        while digits.first == "0" {
            digits.removeFirst()
            pointPlace -= 1
        }
        while digits.last == "0" { digits.removeLast() }
        return (String(digits), pointPlace)
    }
}
