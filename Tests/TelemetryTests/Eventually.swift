// Polls for a condition that another thread or process fulfils.

@testable import Telemetry

/// Waits until a condition holds, at most for the timeout of a test.
func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
    let deadline = Deadline.after(.patience)
    var attempts = 0
    while !deadline.hasPassed {
        if try await condition() { return true }
        attempts += 1
        // Asking without a pause would take a processor from what is waited for.
        if attempts < 100 { await Task.yield() } else { try? await Task.sleep(for: .milliseconds(1)) }
    }
    return try await condition()
}
