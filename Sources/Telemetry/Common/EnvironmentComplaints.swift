// Collects what is wrong with environment variables, for programs that refuse to start then.

/// What is wrong with environment variables. Telemetry reports it and uses defaults; a service whose variables are all its own had better
/// not start with others than those that were meant.
package final class EnvironmentComplaints: Sendable {
    /// Takes what would be reported otherwise.
    @TaskLocal static var current: EnvironmentComplaints?

    private let texts = Locked<[String]>([])

    /// Performs the work, and returns what is wrong with the variables that it reads on the calling thread.
    package static func collect<Result>(during work: () throws -> Result) rethrows -> (result: Result, complaints: [String]) {
        let complaints = EnvironmentComplaints()
        let result = try $current.withValue(complaints) { try work() }
        return (result, complaints.texts.withLock { $0 })
    }

    func add(_ text: String) {
        texts.withLock { texts in
            // A variable may be read for several signals.
            if !texts.contains(text) { texts.append(text) }
        }
    }
}
