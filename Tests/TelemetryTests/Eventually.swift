// Polls for a condition that another thread or process fulfils.

@testable import Telemetry

/// Waits until a condition holds, at most for the timeout of a test.
func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
    let begin = ContinuousClock.now
    let deadline = Deadline.after(.patience)
    while !deadline.hasPassed {
        if try await condition() { return true }
        // Asking without a pause would take a processor from what is waited for, which may be in this process too.
        let waited = begin.duration(to: .now)
        if waited < .milliseconds(1) {
            await Task.yield()
        } else {
            try? await Task.sleep(for: min(max(waited / 16, .milliseconds(1)), .milliseconds(50)))
        }
    }
    return try await condition()
}
