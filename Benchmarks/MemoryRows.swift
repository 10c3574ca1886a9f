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
        let before = (resident: Memory.resident, dirty: Memory.dirty)
        let telemetry = try TelemetrySystem.start(spans: [.batch(.otlp(endpoint: "http://127.0.0.1:9"))])
        telemetry.tracer("benchmark").startSpan("first").end()
        let after = (resident: Memory.resident, dirty: Memory.dirty)
        await telemetry.shutdown(within: .milliseconds(1))
        return Row(
            name: "memory at rest", value: Double(max(0, after.resident - before.resident)) / 1024, unit: "KiB", floor: ("2 MiB", 2048),
            budget: 1,
            note: "resident, on top of the program; \((after.dirty - before.dirty) / 1024) KiB of it are private")
    }

    /// What a process of its own takes with idle telemetry, as text.
    static func text() async throws -> String {
        let row = try await atRest()
        return "memory at rest: \(Report.short(row.value)) KiB \(row.note);"
            + " the process: \(Memory.dirty / 1024) KiB private, \(Memory.resident / 1024) KiB resident"
    }
}

/// The resident memory of the process.
enum Memory {
    static var resident: Int { pages[1] * Int(sysconf(Int32(_SC_PAGESIZE))) }

    /// The memory that only this process has, which it has written: the code and what else lies in files is not in it.
    static var dirty: Int {
        guard let file = fopen("/proc/self/smaps_rollup", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let words = String(decoding: line.prefix { $0 > 0 }.map { UInt8($0) }, as: UTF8.self).split(whereSeparator: \.isWhitespace)
            if words.count > 1, words[0] == "Private_Dirty:" { return (Int(words[1]) ?? 0) * 1024 }
        }
        return 0
    }

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
