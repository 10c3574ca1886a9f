// How many spans a sampled one stands for.

/// Reads the threshold that consistent samplers leave in the trace state.
/// <https://opentelemetry.io/docs/specs/otel/trace/tracestate-handling/>
enum SamplingWeight {
    /// Returns the reciprocal of the sampling probability that `ot=th:…` says; 1 without one.
    static func weight(ofTraceState state: UnsafeRawBufferPointer) -> Float {
        guard state.count >= 7 else { return 1 }
        for member in state.split(separator: UInt8(ascii: ",")) {
            let member = member.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            guard member.starts(with: "ot=".utf8) else { continue }
            for part in member.dropFirst(3).split(separator: UInt8(ascii: ";")) where part.starts(with: "th:".utf8) {
                return weight(ofThreshold: part.dropFirst(3))
            }
        }
        return 1
    }

    private static func weight(ofThreshold digits: Slice<UnsafeRawBufferPointer>.SubSequence) -> Float {
        guard (1...14).contains(digits.count) else { return 1 }
        var threshold: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): threshold = threshold << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): threshold = threshold << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default: return 1
            }
        }
        threshold <<= UInt64(4 * (14 - digits.count))
        // A threshold has 56 bits, so that the probability is above zero.
        return Float(0x1p56 / Double((1 << 56) - threshold))
    }
}
