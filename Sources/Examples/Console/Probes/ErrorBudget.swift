// How much may still fail.

/// What an objective allows, and how much of it is used.
struct ErrorBudget: Sendable {
    /// The share of the probes that are to succeed, below 1.
    let objective: Double
    let history: AvailabilityHistory

    /// Returns the failures in a window relative to those that would use up the budget in exactly 30 days; nil without probes.
    func burnRate(_ window: AvailabilityHistory.Window, at time: Int64) -> Double? {
        history.availability(window, at: time).map { (1 - $0) / (1 - objective) }
    }

    /// Returns the share of the failures that 30 days may have which is left, by the probes that there were; negative once it is missed.
    func remaining(at time: Int64) -> Double? { burnRate(.month, at: time).map { 1 - $0 } }
}

extension ProbePage {
    /// Adds the samples of availability and budget, which the store keeps and `/probes/metrics` shows.
    mutating func add(_ history: AvailabilityHistory, objective: Double?, at time: Int64) {
        for window in AvailabilityHistory.Window.ofAvailability {
            if let share = history.availability(window, at: time) { set(.availability, share, [("window", window.name)]) }
        }
        guard let objective else { return }
        let budget = ErrorBudget(objective: objective, history: history)
        set(.objective, objective)
        if let remaining = budget.remaining(at: time) { set(.budget, remaining) }
        for window in AvailabilityHistory.Window.ofBurnRates {
            if let rate = budget.burnRate(window, at: time) { set(.burnRate, rate, [("window", window.name)]) }
        }
    }
}
