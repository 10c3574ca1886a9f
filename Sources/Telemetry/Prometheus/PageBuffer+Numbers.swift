// Hot: renders numbers in the notation of the Prometheus text formats.

extension PageBuffer {
    /// The maximum of bytes that a number takes; callers reserve it before they write one.
    static let longestNumber = 32

    private static let powersOfTen: [UInt64] = (0..<20).map { (0..<$0).reduce(1) { power, _ in power * 10 } }

    /// Writes a number; the caller must have reserved `longestNumber` bytes.
    @inline(__always)
    mutating func writeUnchecked(_ value: UInt64) {
        if value < 10 { return writeUnchecked(UInt8(truncatingIfNeeded: value) &+ 0x30) }
        writeDigitsUnchecked(value, count: Self.digitCount(value))
    }

    @inline(__always)
    private static func digitCount(_ value: UInt64) -> Int {
        // log₁₀ 2 is about 1233/4096: the estimate is the number of digits or one less.
        let estimate = ((64 &- value.leadingZeroBitCount) &* 1233) >> 12
        assert(powersOfTen.indices.contains(estimate), "The estimate is an index of the table.")
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

    /// Writes the shortest text that parses to the same number, `NaN`, `+Inf` or `-Inf`.
    mutating func writeUnchecked(_ value: Double, _ style: PrometheusNumberStyle) {
        // Integers are exact below 2⁵³; counts of seconds and bytes take this path.
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
        assert(text.utf8.count <= Self.longestNumber, "A number fits into the reserved bytes.")
        text.withUTF8 { if let start = $0.baseAddress { copyUnchecked(start, $0.count) } }
    }

    private static func special(_ value: Double) -> String { value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf" }

    /// Writes a time in seconds with three decimals.
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
