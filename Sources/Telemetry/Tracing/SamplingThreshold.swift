// The threshold of consistent probability sampling.

/// Up to which randomness traces are dropped: the lower it is, the more of them are kept.
///
/// A trace has 56 random bits, R; a threshold is a number T of as many bits. A sampler keeps a trace when R ≥ T, so
/// that the same traces are kept wherever the same or a lower threshold is used.
/// <https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/>
public struct SamplingThreshold: Sendable, Hashable {
    /// Below 2⁵⁶.
    let value: UInt64

    /// The bits of randomness that a trace has.
    static let randomnessMask: UInt64 = (1 << 56) - 1
    /// Significant hexadecimal digits, besides the leading `f`s. (Specification: probability sampling, "Algorithms".)
    private static let defaultPrecision = 4

    /// The threshold that keeps every trace.
    public static let keepsAll = SamplingThreshold(value: 0)

    /// Takes a number below 2⁵⁶.
    init(value: UInt64) {
        self.value = value & Self.randomnessMask
    }

    /// The threshold that keeps this share of the traces; nil below 2⁻⁵⁶, which is no probability, and above 1.
    ///
    /// It is rounded to four hexadecimal digits, leading `f`s not counted, so that the trace state stays short.
    public init?(probability: Double) {
        self.init(probability: probability, precision: Self.defaultPrecision)
    }

    init?(probability: Double, precision: Int) {
        guard probability >= 0x1p-56, probability <= 1 else { return nil }
        // Exact: scaling by a power of two changes the exponent alone.
        let kept = UInt64((probability * 0x1p56).rounded(.toNearestOrAwayFromZero))
        let exact = (1 << 56) - kept
        let leadingOnes = (~(exact << 8)).leadingZeroBitCount
        let digits = max(1, min(14, precision + leadingOnes / 4))
        let unit: UInt64 = 1 << UInt64(4 * (14 - digits))
        let rounded = (exact + unit / 2) & ~(unit - 1)
        // A share that is tiny is still one: rounding does not make it nothing.
        value = rounded > Self.randomnessMask ? Self.randomnessMask & ~(unit - 1) : rounded
    }

    /// Takes the text of `th`: 1 to 14 lower-case hexadecimal digits, where trailing zeros were left out.
    init?(text: Substring) {
        guard (1...14).contains(text.utf8.count), let digits = Self.number(text) else { return nil }
        value = digits << UInt64(4 * (14 - text.utf8.count))
    }

    /// The share of all traces that is kept.
    public var probability: Double { Double((1 << 56) - value) * 0x1p-56 }

    /// Whether a trace with this randomness is kept.
    @inline(__always)
    func keeps(_ randomness: UInt64) -> Bool { randomness >= value }

    /// The text of `th`: hexadecimal digits without trailing zeros.
    var text: String {
        guard value != 0 else { return "0" }
        let digits = Self.fourteenDigits(value)
        return String(digits.prefix(14 - value.trailingZeroBitCount / 4))
    }

    /// The number that lower-case hexadecimal digits stand for; nil when one of them is something else.
    static func number(_ text: Substring) -> UInt64? {
        guard text.utf8.allSatisfy({ $0 < UInt8(ascii: "A") || $0 >= UInt8(ascii: "a") }) else { return nil }
        return Hexadecimal.number(text.utf8)
    }

    /// A number of 56 bits as it is written in `rv`.
    static func fourteenDigits(_ number: UInt64) -> Substring { Hexadecimal.text(number).dropFirst(2) }
}

extension SamplingThreshold: Comparable {
    public static func < (left: SamplingThreshold, right: SamplingThreshold) -> Bool { left.value < right.value }
}

extension SamplingThreshold: CustomStringConvertible {
    /// The threshold as it travels with the trace: hexadecimal digits without trailing zeros.
    public var description: String { text }
}
