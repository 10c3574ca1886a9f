// The SDK's own messages, for tests of what is reported.

import Synchronization

@testable import Telemetry

/// Returns the first message with a text that an action causes; nil if none comes.
///
/// The action is repeated, since tests of other suites may take the handler or use up the rate limit meanwhile.
func diagnostic(containing text: String, _ act: () -> Void) -> Diagnostic? {
    let found = Mutex<Diagnostic?>(nil)
    defer { Diagnostics.setHandler(nil) }
    let deadline = Deadline.after(.seconds(60))
    repeat {
        Diagnostics.setHandler { diagnostic in
            guard diagnostic.message.contains(text) else { return }
            found.withLock { if $0 == nil { $0 = diagnostic } }
        }
        act()
        if let diagnostic = found.withLock({ $0 }) { return diagnostic }
    } while !deadline.hasPassed
    return nil
}
