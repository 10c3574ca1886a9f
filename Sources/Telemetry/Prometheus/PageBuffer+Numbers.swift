// Numbers as readers of pages expect them.

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
