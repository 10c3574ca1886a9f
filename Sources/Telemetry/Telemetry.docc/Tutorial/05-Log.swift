import Telemetry

let telemetry = try TelemetrySystem.start(
    resource: .service("album-store", version: "1.0.0"),
    spans: [.console()], metrics: [.console()], logs: [.console()])

let tracer = telemetry.tracer("album-store")
let meter = telemetry.meter("album-store")
let log = telemetry.logger("album-store")
let searches = meter.counter(
    "albums.searches", unit: "{search}", description: "Searches for an album.")

func findAlbum(_ id: Int) async -> String {
    await tracer.withSpan("find album", ["album.id": id]) { span in
        searches.add(1, ["search.kind": "id"])
        let title = await tracer.withSpan("query", kind: .client) { _ in
            try? await Task.sleep(for: .milliseconds(20))
            return "Blue Train"
        }
        span["album.title"] = title
        log.info("album found", ["album.id": id])
        return title
    }
}

_ = await findAlbum(42)
await telemetry.shutdown()
