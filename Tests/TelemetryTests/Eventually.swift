// Polls for a condition that another thread fulfils.

@testable import Telemetry

/// Waits until a condition holds, at most for the timeout of a test.
func eventually(_ condition: @Sendable () -> Bool) async -> Bool {
    let deadline = Deadline.after(.seconds(60))
    while !deadline.hasPassed {
        if condition() { return true }
        await Task.yield()
    }
    return condition()
}
