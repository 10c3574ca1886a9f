// A Hummingbird server whose requests are traced, measured and logged.

import Foundation
import Hummingbird
import Logging
import Metrics
import Telemetry
import Tracing

let telemetry = try TelemetrySystem.start(
    resource: .service("shop", version: "1.0.0"), logs: [.batch(.otlp()), .console()])
LoggingSystem.bootstrap(telemetry.swiftLogHandler)
InstrumentationSystem.bootstrap(telemetry.distributedTracer())
MetricsSystem.bootstrap(telemetry.swiftMetricsFactory)

let tracer = telemetry.tracer("shop")
let router = Router()
router.add(middleware: TracingMiddleware())
router.add(middleware: MetricsMiddleware())
router.get("/albums/:id") { _, context in
    let id = try context.parameters.require("id", as: Int.self)
    context.logger.info("album wanted", metadata: ["album.id": "\(id)"])
    return tracer.withSpan("find album", ["album.id": id]) { _ in "Album \(id)" }
}

let logger = Logger(label: "shop")
let port = Environment().get("PORT", as: Int.self) ?? 8080
let shop = Application(router: router, configuration: .init(address: .hostname(port: port)), logger: logger)
var status: Int32 = 0
do {
    try await shop.runService()
} catch {
    logger.critical("shop cannot serve", error: error)
    status = 1
}
await telemetry.shutdown()
exit(status)
