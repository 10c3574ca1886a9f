// Keeps the terminal from slowing the console down.

/// The number of items that are decoded for the terminal: so many in a second, and for a while many times as many.
struct DrawingBudget: Sendable {
    /// Seconds without items after which as many as that come at once are taken.
    private static let burstSeconds = 60.0

    private let itemsPerSecond: Double
    private var allowance: Double
    private var last = Duration.zero
    /// Items that were not taken.
    private(set) var refusedCount = 0

    init(itemsPerSecond: Int) {
        self.itemsPerSecond = Double(itemsPerSecond)
        allowance = self.itemsPerSecond * Self.burstSeconds
    }

    /// Returns whether so many items are taken together; if not, they are counted.
    mutating func takes(_ items: Int, at now: Duration) -> Bool {
        allowance = min(itemsPerSecond * Self.burstSeconds, allowance + itemsPerSecond * ((now - last) / .seconds(1)))
        last = now
        guard allowance > 0 else {
            refusedCount += items
            return false
        }
        allowance -= Double(items)
        return true
    }
}
