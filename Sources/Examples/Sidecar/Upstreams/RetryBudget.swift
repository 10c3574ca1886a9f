// Bounds the retries of an upstream by the number of its requests.

/// Each request adds a share of a retry and each retry takes a whole one, so that retries never multiply the load of an upstream that fails.
struct RetryBudget {
    /// The share of retries among requests, in thousandths.
    let share: Int
    /// The most retries that are saved up.
    let burst: Int
    private var thousandths: Int

    init(share: Int, burst: Int) {
        precondition(share >= 0 && burst > 0, "A share is not negative, and there is room for a retry.")
        self.share = share
        self.burst = burst
        thousandths = burst * 1000
    }

    mutating func addRequest() {
        thousandths = min(burst * 1000, thousandths + share)
    }

    /// Takes a retry out of the budget; returns whether there was one.
    mutating func takeRetry() -> Bool {
        guard thousandths >= 1000 else { return false }
        thousandths -= 1000
        return true
    }
}
