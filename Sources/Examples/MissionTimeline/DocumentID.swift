// Identifiers of documents.

import Synchronization
import Telemetry

/// An identifier of 24 hexadecimal digits, made as MongoDB makes its object identifiers: of the second, of a random number of the
/// process, and of a counter.
struct DocumentID: Sendable, Hashable {
    let text: String

    private static let process = UInt64.random(in: 0..<1 << 40)
    /// Relaxed: each value is given once, whatever the order.
    private static let counter = Atomic(UInt64.random(in: 0..<1 << 24))

    init(at time: Timestamp) {
        let seconds = time.nanosecondsSinceEpoch / 1_000_000_000 & 0xFFFF_FFFF
        let count = Self.counter.add(1, ordering: .relaxed).newValue & 0xFF_FFFF
        text = Self.digits(seconds, 8) + Self.digits(Self.process, 10) + Self.digits(count, 6)
    }

    /// An identifier that was stored.
    init(stored text: String) {
        self.text = text
    }

    private static func digits(_ number: UInt64, _ width: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: width - digits.count) + digits
    }
}
