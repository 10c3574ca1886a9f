// The benchmark that the OpenTelemetry specification describes for all SDKs ("Performance Benchmark of OpenTelemetry API").

import AllocationCounter
import Glibc
import Telemetry

/// Throughput with ten attributes, and processor and memory use at a steady rate, over OTLP to a receiver in another process.
enum SpecificationBenchmark {
    private static let spansPerSecond = 10_000
    private static let seconds = 15

    /// Runs each measurement repeatedly and prints one line for each run.
    static func run(iterations: Int) async throws {
        let cores = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        print("\(cores) logical cores; CPU is the share of one core that the whole process uses.\n")
        for iteration in 1...iterations {
            print("iteration \(iteration)")
            let created = try await createSpans(cores)
            print("  create and export, ten attributes: \(created.perCore) spans a second and core, \(created.dropped) dropped")
            for isBatch in [true, false] { print("  " + (try await steady(isBatch: isBatch))) }
        }
    }

    private static func start(_ sink: SinkProcess, isBatch: Bool, options: BatchOptions?) throws -> TelemetrySystem {
        let exporter = OTLPSpanExporter(endpoint: "http://127.0.0.1:\(sink.port)")
        return try TelemetrySystem.start(
            resource: Resource(attributes: [
                "service.name": "benchmarks", "service.version": "1.0.000000",
                "service.instance.id": "627cc493-f310-47de-96bd-71410b7dec09",
            ]), detectors: [], sampler: .alwaysOn,
            spans: isBatch ? [.batch(exporter, options: options)] : [.simple(exporter)], environment: [:])
    }

    // MARK: Create spans

    private static func createSpans(_ cores: Int) async throws -> (perCore: Int, dropped: Int) {
        let total = 1_000_000 / cores * cores
        let sink = SinkProcess()
        defer { sink.end() }
        // No span is dropped, so every counted span was exported.
        let telemetry = try start(sink, isBatch: true, options: BatchOptions(fullQueuePolicy: .wait(atMost: .seconds(10))))
        let tracer = telemetry.tracer("benchmark")
        let start = Measurement.monotonic()
        let threads = (0..<cores).map { _ in Thread.start { for _ in 0..<total / cores { tenAttributes(tracer) } } }
        await Task.detached { threads.forEach(Thread.join) }.value
        await telemetry.shutdown(within: .seconds(60))
        let elapsed = Double(Measurement.monotonic() - start) / 1e9
        let delivered = sink.spans()
        return (Int(Double(delivered) / elapsed / Double(cores)), total - delivered)
    }

    private static func tenAttributes(_ tracer: Tracer) {
        let span = tracer.startSpan("benchmark", parent: .root)
        span["attribute.name.00001"] = "attribute.value.0001"
        span["attribute.name.00002"] = "attribute.value.0002"
        span["attribute.name.00003"] = "attribute.value.0003"
        span["attribute.name.00004"] = "attribute.value.0004"
        span["attribute.name.00005"] = "attribute.value.0005"
        span["attribute.name.00006"] = "attribute.value.0006"
        span["attribute.name.00007"] = "attribute.value.0007"
        span["attribute.name.00008"] = "attribute.value.0008"
        span["attribute.name.00009"] = "attribute.value.0009"
        span["attribute.name.00010"] = "attribute.value.0010"
        span.end()
    }

    // MARK: A steady rate

    private static func steady(isBatch: Bool) async throws -> String {
        let sink = SinkProcess()
        defer { sink.end() }
        let heapBefore = Int(heap_bytes())
        let telemetry = try start(sink, isBatch: isBatch, options: nil)
        let tracer = telemetry.tracer("benchmark")
        let usage = await Task.detached { load(tracer) }.value
        let heap = Int(heap_bytes()) - heapBefore
        await telemetry.shutdown(within: .seconds(10))
        let total = spansPerSecond * seconds
        return
            "\(isBatch ? "batching" : "simple") processor, \(spansPerSecond) spans a second for \(seconds) s: CPU \(percent(usage.mean)) on"
            + " average, \(percent(usage.peak)) at most; heap \(max(0, heap) / 1024) KiB more; \(total - sink.spans()) of \(total) dropped"
    }

    /// Creates spans in equal portions every ten milliseconds; returns the processor use as a share of one core.
    private static func load(_ tracer: Tracer) -> (mean: Double, peak: Double) {
        let portion = UInt64(10_000_000)
        let begin = Measurement.monotonic()
        let beginUsed = Measurement.processTime()
        var (secondBegan, secondUsed, peak) = (begin, beginUsed, 0.0)
        for step in 1...UInt64(seconds * 100) {
            for index in 0..<spansPerSecond / 100 { oneSpan(tracer, index) }
            let now = Measurement.monotonic()
            if now - secondBegan >= 1_000_000_000 {
                let used = Measurement.processTime()
                peak = max(peak, Double(used - secondUsed) / Double(now - secondBegan))
                (secondBegan, secondUsed) = (now, used)
            }
            sleep(until: begin + step * portion)
        }
        return (Double(Measurement.processTime() - beginUsed) / Double(Measurement.monotonic() - begin), peak)
    }

    private static func oneSpan(_ tracer: Tracer, _ index: Int) {
        let span = tracer.startSpan("benchmark", parent: .root)
        span["index"] = AttributeValue(index)
        span.addEvent("event")
        span.end()
    }

    private static func sleep(until nanoseconds: UInt64) {
        var time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
    }

    private static func percent(_ share: Double) -> String { "\(Report.short(share * 100)) %" }
}
