// Numbers as readers of pages expect them.

/// How whole floating-point numbers are told from whole numbers.
enum PrometheusNumberStyle {
    /// `5`: as Go writes them.
    case bare
    /// `5.0`: in OpenMetrics a number without a point is a whole number.
    case pointed
}

extension PageBuffer {
    /// No number takes more bytes.
    static let longestNumber = 32

    private static let powersOfTen: [UInt64] = (0..<20).map { (0..<$0).reduce(1) { power, _ in power * 10 } }

    /// Writes a number for which there is room.
    @inline(__always)
    mutating func writeUnchecked(_ value: UInt64) {
        if value < 10 { return writeUnchecked(UInt8(truncatingIfNeeded: value) &+ 0x30) }
        writeDigitsUnchecked(value, count: Self.digitCount(value))
    }

    @inline(__always)
    private static func digitCount(_ value: UInt64) -> Int {
        // A decimal digit takes 1233/4096 of a binary one, or one more.
        let estimate = ((64 &- value.leadingZeroBitCount) &* 1233) >> 12
        return powersOfTen.withUnsafeBufferPointer { value < $0[estimate] ? estimate : estimate &+ 1 }
    }

    @inline(__always)
    mutating func writeUnchecked(_ value: Int64) {
        if value < 0 { writeUnchecked(UInt8(ascii: "-")) }
        writeUnchecked(value.magnitude)
    }

    @inline(__always)
    mutating func writeUnchecked(_ value: MetricNumber, _ style: PrometheusNumberStyle) {
        switch value {
        case .int(let number): writeUnchecked(number)
        case .double(let number): writeUnchecked(number, style)
        }
    }

    /// Writes a number that reads back as the same one, `NaN`, `+Inf` or `-Inf`.
    mutating func writeUnchecked(_ value: Double, _ style: PrometheusNumberStyle) {
        // Exact below 2⁵³, and the usual case: seconds and bytes that were counted.
        if abs(value) < 9_007_199_254_740_992 {
            let whole = Int64(value)
            if Double(whole) == value {
                writeUnchecked(whole)
                if style == .pointed {
                    writeUnchecked(UInt8(ascii: "."))
                    writeUnchecked(UInt8(ascii: "0"))
                }
                return
            }
        }
        var text = value.isFinite ? value.description : Self.special(value)
        text.withUTF8 { if let start = $0.baseAddress { copyUnchecked(start, $0.count) } }
    }

    private static func special(_ value: Double) -> String { value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf" }

    /// Writes a point in time in seconds, to the millisecond.
    mutating func writeUnchecked(_ time: Timestamp) {
        let milliseconds = time.nanosecondsSinceEpoch / 1_000_000
        writeUnchecked(milliseconds / 1000)
        writeUnchecked(UInt8(ascii: "."))
        let fraction = milliseconds % 1000
        writeUnchecked(UInt8(truncatingIfNeeded: fraction / 100) &+ 0x30)
        writeUnchecked(UInt8(truncatingIfNeeded: fraction / 10 % 10) &+ 0x30)
        writeUnchecked(UInt8(truncatingIfNeeded: fraction % 10) &+ 0x30)
    }
}

/// Bounds and quantiles as text: the value of a label, which has to be the same whoever writes it.
enum PrometheusBound {
    /// As Go's `%g` has it, and in OpenMetrics with `.0` after whole numbers. (OpenMetrics 1.0, "Considerations: Canonical Numbers".)
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

    /// The shortest digits that stand for a number, without zeros at their ends, and where the point is, counted from the first.
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
