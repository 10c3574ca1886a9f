// The work that goes on for each subscription.

import ExampleSupport
import Synchronization

/// Has a worker for each subscription, so that an endpoint that is slow or away holds up none but itself; those
/// of `https` share a few threads.
final class DeliveryWorkers: Sendable {
    private let workers = Mutex<[String: BackgroundWork]>([:])
    private let make: @Sendable (String) -> BackgroundWork

    /// - Parameters:
    ///   - clock: measures the intervals between looks for messages.
    ///   - round: delivers what is due to a subscription.
    init(every interval: Duration, clock: some Clock<Duration>, _ round: @escaping @Sendable (String) async -> Void) {
        make = { subscription in BackgroundWork(every: interval, clock: clock) { await round(subscription) } }
    }

    /// Begins to deliver to a subscription.
    func add(_ subscription: String) {
        workers.withLock { if $0[subscription] == nil { $0[subscription] = make(subscription) } }
    }

    /// Has the workers look at once.
    func wake(_ subscriptions: [String]) {
        for subscription in subscriptions { workers.withLock { $0[subscription] }?.wake() }
    }

    /// Keeps the workers of these subscriptions, and ends all others.
    func keep(_ subscriptions: [String]) {
        let kept = Set(subscriptions)
        workers.withLock { workers in workers = workers.filter { kept.contains($0.key) } }
    }

    /// Ends all work; deliveries that take longer are cancelled.
    func stop(within duration: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            for worker in workers.withLock({ Array($0.values) }) { group.addTask { _ = await worker.stop(within: duration) } }
        }
    }
}
