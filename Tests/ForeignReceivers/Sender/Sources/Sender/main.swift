// Sends spans, log records and a metric as the environment says, and prints what became of them; with `speak` it speaks other protocols.

import Glibc
import Telemetry

/// Writes what was printed to a pipe at once.
func flush() { fflush(nil) }

let arguments = CommandLine.arguments.dropFirst()
if arguments.first == "speak" {
    try await Speaker().run()
    exit(0)
}
let count = arguments.first.flatMap { Int($0) } ?? 1000
let telemetry = try TelemetrySystem.start(resource: .service("sender"))
let tracer = telemetry.tracer("sender")
let logger = telemetry.logger("sender")
let numbers = telemetry.meter("sender").counter("numbers")
for number in 0..<count {
    tracer.withSpan("span \(number)", ["number": .int(Int64(number))]) { _ in logger.info("record \(number)") }
    numbers.add(1, ["number": .int(Int64(number % 10))])
}
await telemetry.shutdown(within: .seconds(60))
for pipeline in telemetry.health.pipelines {
    let reasons = pipeline.dropped.map(\.key.rawValue).sorted().joined(separator: "+")
    print(
        pipeline.name, pipeline.accepted, pipeline.exported, pipeline.droppedCount, pipeline.retries, reasons.isEmpty ? "-" : reasons)
}
