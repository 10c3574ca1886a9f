// What telemetry takes of the memory while nothing happens.

import Glibc
import Telemetry

enum MemoryRows {
    static func measure() async throws -> [Row] {
        let before = residentBytes()
        let telemetry = try TelemetrySystem.start(spans: [.batch(.otlp(endpoint: "http://127.0.0.1:9"))])
        telemetry.tracer("benchmark").startSpan("first").end()
        let after = residentBytes()
        await telemetry.shutdown(within: .milliseconds(1))
        return [
            Row(
                name: "memory at rest", value: Double(max(0, after - before)) / 1024, unit: "KiB", floor: ("2 MiB", 2048), budget: 1,
                note: "resident, on top of the program")
        ]
    }

    private static func residentBytes() -> Int {
        let file = open("/proc/self/statm", O_RDONLY)
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: 128)
        let count = read(file, &text, text.count)
        let fields = String(decoding: text.prefix(max(0, count)), as: UTF8.self).split(separator: " ")
        return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
