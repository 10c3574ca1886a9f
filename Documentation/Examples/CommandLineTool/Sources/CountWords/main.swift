// Counts the words of files: a run is a trace, a file is a span, the words are a metric, and what goes wrong is a log record.

import Foundation
import Telemetry

let files = CommandLine.arguments.dropFirst()
guard !files.isEmpty else {
    FileHandle.standardError.write(Data("usage: CountWords FILE...\n".utf8))
    exit(64)
}

var failures = 0
// Two seconds at most: a tool does not wait for a collector that is away.
try await TelemetrySystem.run(resource: .service("count-words", version: "1.0.0"), within: .seconds(2)) { telemetry in
    let tracer = telemetry.tracer("count-words")
    let logger = telemetry.logger("count-words")
    let words = telemetry.meter("count-words").counter("words.counted", unit: "{word}", description: "Words in the files read.")

    // A script that is traced itself hands its context on in the variable TRACEPARENT.
    let caller = telemetry.propagator.extract(from: EnvironmentCarrier.process)
    tracer.withSpan("count words", parent: caller, ["files": files.count]) { _ in
        for file in files {
            do {
                let count = try tracer.withSpan("count file", ["file.path": file]) { span in
                    let count = try String(contentsOfFile: file, encoding: .utf8).split(whereSeparator: \.isWhitespace).count
                    span["words"] = count
                    words.add(count)
                    return count
                }
                print(count, file)
            } catch {
                failures += 1
                logger.error("file not counted", ["file.path": file], exception: error)
                FileHandle.standardError.write(Data("\(file) cannot be read.\n".utf8))
            }
        }
    }
}
exit(failures == 0 ? 0 : 1)
