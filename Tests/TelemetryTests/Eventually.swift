// Polls for a condition that another thread or process fulfils.

@testable import Telemetry

/// Waits until a condition holds, at most for the timeout of a test.
func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
    let deadline = Deadline.after(.seconds(60))
    while !deadline.hasPassed {
        if try await condition() { return true }
        await Task.yield()
    }
    return try await condition()
}
