import Telemetry

let telemetry = try TelemetrySystem.start(
    resource: .service("album-store", version: "1.0.0"),
    spans: [.console()], metrics: [.console()], logs: [.console()])

let tracer = telemetry.tracer("album-store")

func findAlbum(_ id: Int) async -> String {
    await tracer.withSpan("find album") { _ in
        try? await Task.sleep(for: .milliseconds(20))
        return "Blue Train"
    }
}

_ = await findAlbum(42)
await telemetry.shutdown()
