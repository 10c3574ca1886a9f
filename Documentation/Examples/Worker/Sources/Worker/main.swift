// Works through jobs until SIGTERM or Ctrl-C. Telemetry is a service of the same group: listed first, it ends last.

import Foundation
import Logging
import ServiceLifecycle
import Telemetry

let telemetry = try TelemetrySystem.start(
    resource: .service("thumbnails", version: "1.0.0"), logs: [.batch(.otlp()), .console()])
LoggingSystem.bootstrap(telemetry.swiftLogHandler)

let logger = Logger(label: "thumbnails")
let group = ServiceGroup(
    services: [telemetry, ThumbnailWorker(telemetry, logger)], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
do {
    try await group.run()
} catch {
    FileHandle.standardError.write(Data("thumbnails: \(error)\n".utf8))
    exit(1)
}
