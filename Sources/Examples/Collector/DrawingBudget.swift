// Keeps the terminal from slowing the console down.

/// Decides whether items are decoded for the terminal: so many in a second, and after a pause all that come at once.
///
/// Items that are not taken count too. So nothing is drawn while more come than can be drawn, since parts of traces would mislead.
struct DrawingBudget: Sendable {
    private let itemsPerSecond: Double
    private var allowance: Double
    private var last = Duration.zero
    /// Items that were not taken.
    private(set) var refusedCount = 0

    init(itemsPerSecond: Int) {
        self.itemsPerSecond = Double(itemsPerSecond)
        allowance = self.itemsPerSecond
    }

    /// Returns whether so many items are taken together; if not, they are counted.
    mutating func takes(_ items: Int, at now: Duration) -> Bool {
        allowance = min(itemsPerSecond, allowance + itemsPerSecond * ((now - last) / .seconds(1)))
        last = now
        let isTaken = allowance > 0
        // A second after fewer come, it draws again.
        allowance = max(-itemsPerSecond, allowance - Double(items))
        if !isTaken { refusedCount += items }
        return isTaken
    }
}
