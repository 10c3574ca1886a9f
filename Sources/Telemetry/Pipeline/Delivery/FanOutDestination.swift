// Fan-out of a pipeline to several destinations.

/// Submits each batch to the queues of several destinations, or to the one that delivers several at a time.
struct FanOutDestination: BatchDestination {
    let queues: [DeliveryQueue]

    var name: String { queues.map(\.destination.name).joined(separator: ", ") }
    var maximumConcurrentExports: Int { 1 }
    var status: ExporterStatus { ExporterStatus() }
    /// A single destination leaves batches that it cannot deliver now in the queue of the pipeline.
    var pausedUntil: Deadline { queues.count == 1 ? queues[0].pausedUntil : Deadline(nanoseconds: 0) }

    func export(_ batch: ItemBatch, deadline: Deadline) async -> BatchOutcome {
        if queues.count == 1 {
            // A single destination leaves batches that it cannot deliver now in the queue of the pipeline.
            let hasThread = await withTaskCancellationHandler {
                queues[0].waitForIdleThread(until: deadline)
            } onCancel: {
                queues[0].interruptWaiting()
            }
            guard hasThread else { return .failed(.timedOut(reason: "no thread of \(name) became free for it")) }
        }
        for queue in queues { queue.submit(batch) }
        return .takenOver
    }

    func interruptInFlightExports() {
        for queue in queues { queue.destination.interruptInFlightExports() }
    }

    func prepareShutdown(deadline: Deadline) {
        for queue in queues { queue.prepareShutdown(deadline: deadline) }
    }

    func forceFlush(deadline: Deadline) async -> FlushResult { request(isShutdown: false, deadline) }

    func shutdown(deadline: Deadline) async -> FlushResult {
        let result = request(isShutdown: true, deadline)
        if result == .timedOut { for queue in queues { queue.cancel() } }
        return result
    }

    /// Begins the request at all queues at the same time, and waits on the thread of the pipeline, which is idle meanwhile.
    private func request(isShutdown: Bool, _ deadline: Deadline) -> FlushResult {
        let requests = queues.map { queue in
            let request = FlushRequest(isShutdown: isShutdown, deadline: deadline)
            queue.request(request)
            return request
        }
        return requests.reduce(.completed) { $0.combined(with: $1.wait()) }
    }
}
