import Telemetry

let telemetry = try TelemetrySystem.start(
    resource: .service("album-store", version: "1.0.0"),
    spans: [.console()], metrics: [.console()], logs: [.console()])

let tracer = telemetry.tracer("album-store")

func findAlbum(_ id: Int) async -> String {
    await tracer.withSpan("find album", ["album.id": id]) { span in
        let title = await tracer.withSpan("query", kind: .client) { _ in
            try? await Task.sleep(for: .milliseconds(20))
            return "Blue Train"
        }
        span["album.title"] = title
        return title
    }
}

_ = await findAlbum(42)
await telemetry.shutdown()
