import Telemetry

let telemetry = try TelemetrySystem.start(
    resource: .service("album-store", version: "1.0.0"),
    spans: [.console()], metrics: [.console()], logs: [.console()])

await telemetry.shutdown()
