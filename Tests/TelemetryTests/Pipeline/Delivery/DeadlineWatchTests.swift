// Late items are acted on, items that are done are not, and a flush needs no thread.

import Testing

@testable import Telemetry

#if canImport(Glibc)
    import Glibc
#endif

struct DeadlineWatchTests {
    @Test func lateItemIsActedOnOnce() async {
        let (watch, acted) = (DeadlineWatch(), Counter())
        _ = watch.watch(until: .after(.milliseconds(1))) { acted.next() }
        #expect(await eventually { acted.count == 1 })
        let next = Counter()
        _ = watch.watch(until: .after(.milliseconds(1))) { next.next() }
        #expect(await eventually { next.count == 1 })
        #expect(acted.count == 1)
    }

    @Test func finishedItemIsNotActedOn() async {
        let (watch, late) = (DeadlineWatch(), Counter())
        var (acted, limit) = (Counter(), Deadline.never)
        repeat {
            // An item that a busy machine has finished too late shows nothing.
            let counter = Counter()
            (acted, limit) = (counter, .after(.milliseconds(30)))
            watch.watch(until: limit) { counter.next() }.finish()
        } while limit.hasPassed
        _ = watch.watch(until: .after(.milliseconds(60))) { late.next() }
        #expect(await eventually { late.count == 1 })
        #expect(acted.count == 0)
    }

    @Test func earlierDeadlineIsNotHeldUpByALaterOne() async {
        let (watch, acted) = (DeadlineWatch(), Counter())
        let later = watch.watch(until: .after(.seconds(600))) {}
        _ = watch.watch(until: .after(.milliseconds(1))) { acted.next() }
        #expect(await eventually { acted.count == 1 })
        later.finish()
    }

    #if os(Linux)
        /// Keeps the names of the threads that there are during its flush.
        private final class ThreadListing: SpanExporter {
            let names = Journal<String>()

            func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) {}

            func forceFlush(deadline: Deadline) async -> FlushResult {
                guard let folder = opendir("/proc/self/task") else { return .failed }
                defer { closedir(folder) }
                while let entry = readdir(folder) {
                    let name = withUnsafePointer(to: &entry.pointee.d_name) {
                        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                    }
                    if let text = ProcessInformation.contents(of: "/proc/self/task/\(name)/comm") { names.note(text) }
                }
                return .completed
            }
        }

        @Test func flushThatIsAnsweredInTimeStartsNoThread() async {
            let exporter = ThreadListing()
            let processor = BatchSpanProcessor(exporter)
            for _ in 0..<20 { #expect(await processor.forceFlush(deadline: .after(.seconds(600))) == .completed) }
            #expect(exporter.names.entries.contains("telemetry-watch\n"))
            // Requests of other tests that run beside this one may be late.
            let waiting = exporter.names.entries.filter { $0 == "telemetry-wait\n" }
            #expect(waiting.count < 20)
            #expect(await processor.shutdown(deadline: .after(.seconds(600))) == .completed)
        }
    #endif
}
