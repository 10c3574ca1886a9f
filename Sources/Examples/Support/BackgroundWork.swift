// Work of a service beside its requests: rounds on a schedule, and whenever there is something to do.

/// Does one round after another: at its start and then at regular intervals, if it has one, and when it is woken. Rounds never overlap.
package final class BackgroundWork: Sendable {
    private let wakes: AsyncStream<Void>.Continuation
    private let work: Task<Void, Never>
    private let timer: Task<Void, Never>

    /// - Parameters:
    ///   - interval: nil has rounds only when it is woken.
    ///   - clock: measures the intervals. Rounds begin at multiples of the interval however long they take; those that a round has taken
    ///     the time of are left out.
    package init(every interval: Duration?, clock: some Clock<Duration>, _ round: @escaping @Sendable () async -> Void) {
        precondition(interval.map { $0 > .zero } ?? true, "Rounds are apart from each other.")
        let (stream, wakes) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.wakes = wakes
        work = Task {
            for await _ in stream { await round() }
        }
        timer = Task {
            guard let interval else { return }
            var next = clock.now
            while !Task.isCancelled {
                wakes.yield()
                repeat { next = next.advanced(by: interval) } while next < clock.now
                try? await clock.sleep(until: next, tolerance: nil)
            }
        }
    }

    deinit {
        end()
    }

    /// Has a round follow the present one, or begin at once.
    package func wake() { wakes.yield() }

    /// Does the round that it was woken for, if it was, and no others; returns false if a round had to be cancelled after that time.
    package func stop(within duration: Duration) async -> Bool {
        end()
        let limit = Task { [work] in
            try await Task.sleep(for: duration)
            work.cancel()
        }
        await work.value
        limit.cancel()
        return !work.isCancelled
    }

    private func end() {
        timer.cancel()
        wakes.finish()
    }
}
