// Identifiers of traces as the columns have them.

import Telemetry

/// The identifier of a trace as two numbers.
package struct TraceKey: Sendable, Hashable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Takes 32 hexadecimal digits; fewer have zeros before them.
    package init?(hexadecimal text: some StringProtocol) {
        guard (1...32).contains(text.utf8.count), let id = TraceID(hexadecimal: Self.padded(text)) else { return nil }
        let bytes = id.bytes
        high = bytes.withUnsafeBytes { $0.bigEndian(at: 0) }
        low = bytes.withUnsafeBytes { $0.bigEndian(at: 8) }
    }

    private static func padded(_ text: some StringProtocol) -> String {
        String(repeating: "0", count: 32 - text.utf8.count) + text
    }

    package var text: String { HexadecimalText.text(high) + HexadecimalText.text(low) }
}
