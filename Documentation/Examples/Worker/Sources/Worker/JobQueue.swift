// Stands in for a message queue.

/// A message with the headers that its sender gave it.
struct Job: Sendable {
    let id: Int
    let headers: [String: String]
}

/// Hands out a job every tenth of a second.
struct JobQueue: AsyncSequence, Sendable {
    struct AsyncIterator: AsyncIteratorProtocol {
        private var id = 0

        mutating func next() async -> Job? {
            guard (try? await Task.sleep(for: .milliseconds(100))) != nil else { return nil }
            id += 1
            return Job(id: id, headers: ["traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"])
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator() }
}
