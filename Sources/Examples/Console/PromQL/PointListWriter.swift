// Writes the points of matrices, of which an answer may have hundreds of thousands.

import Telemetry

/// Appends pairs of time and value to bytes, without a text for each.
struct PointListWriter {
    private(set) var bytes: [UInt8] = []

    /// Doubles up to this one are whole numbers if they have no fraction.
    private static let largestWhole = 9_007_199_254_740_992.0

    /// Returns the beginnings of the pairs at all steps, which all series share.
    static func prefixes(_ steps: QuerySteps) -> [[UInt8]] {
        (0..<steps.count).map { prefix(steps.time($0)) }
    }

    static func prefix(_ milliseconds: Int64) -> [UInt8] {
        var writer = JSONWriter()
        PromQLAnswer.time(milliseconds, to: &writer)
        return [UInt8(ascii: "[")] + writer.bytes + [UInt8(ascii: ","), UInt8(ascii: "\"")]
    }

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    mutating func append(_ prefix: [UInt8], _ value: Double) {
        if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
        bytes.append(contentsOf: prefix)
        append(value)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func append(_ value: Double) {
        if value.magnitude < Self.largestWhole, value == value.rounded(.towardZero), value != 0 || value.sign == .plus {
            return append(Int64(value))
        }
        let written = value.description.utf8
        // Large and special values need another form, as do exponents.
        guard value.magnitude < Self.largestWhole, value != 0, !written.contains(UInt8(ascii: "e")) else {
            return bytes.append(contentsOf: GoNumber.text(value).utf8)
        }
        bytes.append(contentsOf: written)
    }

    private mutating func append(_ number: Int64) {
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        let start = bytes.count
        var rest = number.magnitude
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }
}
