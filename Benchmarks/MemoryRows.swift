// The memory of idle telemetry.

import Glibc
import Telemetry

enum MemoryRows {
    static func measure() async throws -> [Row] { [try await atRest(), try await perQueuedSpan()] }

    /// A queue that is not emptied, filled with spans of five attributes.
    private static func perQueuedSpan() async throws -> Row {
        let count = 100_000
        let options = BatchOptions(maxQueueSize: 2 * count, maxExportBatchSize: 2 * count, scheduleDelay: .seconds(3600))
        let telemetry = try TelemetrySystem.start(sampler: .alwaysOn, spans: [.batch(DiscardingExporter(), options: options)])
        let tracer = telemetry.tracer("benchmark", version: "1.0")
        for _ in 0..<1_000 { SpanRows.fiveAttributes(tracer) }
        let before = Memory.resident
        for _ in 0..<count { SpanRows.fiveAttributes(tracer) }
        let taken = Double(Memory.resident - before) / Double(count)
        await telemetry.shutdown(within: .seconds(10))
        return Row(
            name: "memory per queued span, 5 attributes", value: taken, unit: "B", floor: ("218 B", 218), budget: 1.1,
            note: "resident; the floor is the span in an OTLP request")
    }

    private static func atRest() async throws -> Row {
        let before = (resident: Memory.resident, own: Memory.own)
        let telemetry = try TelemetrySystem.start(spans: [.batch(.otlp(endpoint: "http://127.0.0.1:9"))])
        telemetry.tracer("benchmark").startSpan("first").end()
        let after = (resident: Memory.resident, own: Memory.own)
        await telemetry.shutdown(within: .milliseconds(1))
        return Row(
            name: "memory at rest", value: Double(max(0, after.resident - before.resident)) / 1024, unit: "KiB", floor: ("2 MiB", 2048),
            budget: 1,
            note: "resident, on top of the program; \((after.own - before.own) / 1024) KiB of it are no code")
    }
}

/// The resident memory of the process.
enum Memory {
    static var resident: Int { pages[1] * Int(sysconf(Int32(_SC_PAGESIZE))) }

    /// The resident memory without file-backed pages, which are mostly code.
    static var own: Int { (pages[1] - pages[2]) * Int(sysconf(Int32(_SC_PAGESIZE))) }

    private static var pages: [Int] {
        let file = open("/proc/self/statm", O_RDONLY)
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: 128)
        let count = read(file, &text, text.count)
        let fields = String(decoding: text.prefix(max(0, count)), as: UTF8.self).split(separator: " ").map { Int($0) ?? 0 }
        return fields.count > 2 ? fields : [0, 0, 0]
    }

    /// The peak resident memory.
    static var peak: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss * 1024
    }
}
