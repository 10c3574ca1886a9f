// The cost of starting and ending spans.

import Glibc
import Telemetry

/// Discards batches, so that only the cost of recording remains.
struct DiscardingExporter: SpanExporter {
    func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) {}
}

enum SpanRows {
    static func measure(_ floors: Floors) async throws -> [Row] {
        let sampled = try TelemetrySystem.start(sampler: .alwaysOn, spans: [.batch(DiscardingExporter())])
        let unsampled = try TelemetrySystem.start(sampler: .alwaysOff, spans: [.batch(DiscardingExporter())])
        let tracer = sampled.tracer("benchmark", version: "1.0")
        let dropping = unsampled.tracer("benchmark", version: "1.0")
        var rows: [Row] = []

        func row(_ name: String, _ budgets: (Double, Double), allocations: Double, _ work: @escaping @Sendable (Int) -> Void) {
            for threads in 1...2 {
                let cost = Measurement.best(threads: threads, between: { Blocking.run { await sampled.forceFlush() } }, work)
                rows.append(
                    Row(
                        name: "\(name), \(threads) thread\(threads == 1 ? "" : "s")", value: cost.nanoseconds, floor: floors.clock,
                        allocations: cost.allocations, budget: threads == 1 ? budgets.0 : budgets.1, allocationBudget: allocations))
            }
        }

        row("sampled span, 0 attributes", (5, 6), allocations: 1) { calls in
            for _ in 0..<calls { tracer.startSpan("get album").end() }
        }
        row("sampled span, 5 attributes", (9, 10), allocations: 1) { calls in
            for _ in 0..<calls { fiveAttributes(tracer) }
        }
        row("unsampled span", (2, 2.2), allocations: 0) { calls in
            for _ in 0..<calls { dropping.startSpan("get album").end() }
        }
        // Services run inside tasks, where a binding uses the memory of the task.
        func flush() async { await sampled.forceFlush() }
        let inner = await Measurement.best(between: flush) { tracer.startSpan("get album").end() }
        let scoped = await Measurement.best(between: flush) { tracer.withSpan("get album") { span in keep(span) } }
        let bound = await Measurement.best(between: flush) { Bare.$value.withValue(tracer) { keep(tracer) } }
        rows.append(
            Row(
                name: "withSpan on top of start and end", value: scoped.nanoseconds - inner.nanoseconds, floor: floors.clock,
                allocations: scoped.allocations - inner.allocations, budget: 2,
                note: "binding a task-local alone: \(Report.short(bound.nanoseconds)) ns"))
        return rows
    }
}

/// The cost of binding one task-local reference.
private enum Bare {
    @TaskLocal static var value: Tracer?
}

extension SpanRows {
    /// The span of the budgets: three strings, an integer and a Boolean.
    static func fiveAttributes(_ tracer: Tracer) {
        let span = tracer.startSpan("get album", kind: .server)
        span["http.request.method"] = "GET"
        span["http.route"] = "/albums/:id"
        span["server.address"] = "albums.example.com"
        span["http.response.status_code"] = 200
        span["cache.hit"] = true
        span.end()
    }

    /// A literal with variables, each wrapped as an `AttributeValue`.
    @inline(never)
    static func wrappedVariables(_ tracer: Tracer, _ method: String, _ status: Int) {
        tracer.startSpan(
            "get album",
            ["http.request.method": .string(method), "http.route": "/albums/:id", "http.response.status_code": .int(Int64(status))]
        ).end()
    }

    /// The same literal as services write it.
    @inline(never)
    static func variables(_ tracer: Tracer, _ method: String, _ status: Int) {
        tracer.startSpan(
            "get album", ["http.request.method": method, "http.route": "/albums/:id", "http.response.status_code": status]
        ).end()
    }
}

/// Prevents the optimizer from removing work.
@inline(never)
func keep<Value>(_ value: Value) {}

/// Waits on a plain thread for asynchronous work.
enum Blocking {
    private final class Done: Sendable {
        let semaphore = UnsafeSemaphore()
    }

    static func run(_ work: @escaping @Sendable () async -> Void) {
        let done = Done()
        Task.detached {
            await work()
            done.semaphore.post()
        }
        done.semaphore.wait()
    }
}

/// A semaphore; `@unchecked` since the pointer is set once and its functions are made for several threads.
final class UnsafeSemaphore: @unchecked Sendable {
    private let handle = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(handle, 0, 0) }

    deinit {
        sem_destroy(handle)
        handle.deallocate()
    }

    func post() { sem_post(handle) }

    func wait() { while sem_wait(handle) != 0 {} }
}
