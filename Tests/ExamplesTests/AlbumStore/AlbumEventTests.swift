// ALB-27: what the album store tells when its data change.

import ExampleSupport
import Telemetry
import Testing

@testable import AlbumStore

struct AlbumEventTests {
    private static func album(_ id: Int) -> String { #"{"id":\#(id),"title":"The Ozzman Cometh","artist":"Black Sabbath","price":66.6}"# }

    @Test("ALB-27: an album that is added is an event in its trace, by a request and by a job; a refused one is none")
    func additionsAreEvents() async throws {
        let (spans, logs) = (InMemorySpanExporter(), InMemoryLogExporter())
        let store = try await AlbumStoreApp(
            ServiceEnvironment([:]), try ServiceHarness.telemetry("album-store", .simple(spans), logs: [.simple(logs)]))
        func events() -> [ReadableLogRecord] { logs.finishedRecords.filter { $0.eventName == AlbumIntake.createdEvent } }
        for body in [Self.album(10), Self.album(10), "{"] {
            _ = await store.application.respond(to: ServiceRequest(method: "POST", target: "/albums", body: Array(body.utf8)))
        }
        #expect(await eventually { events().count == 1 })
        let event = try #require(events().first)
        #expect(event.severity == .info && event.severityText == "INFO" && event.body == "album added")
        #expect(
            event.attributes["album.id"] == 10 && event.attributes["album.title"] == "The Ozzman Cometh"
                && event.attributes["album.artist"] == "Black Sabbath" && event.attributes["album.price"] == 66.6)
        #expect(await eventually { spans.finishedSpans.contains { $0.context.traceID == event.traceID } })

        let answer = await store.application.respond(
            to: ServiceRequest(method: "POST", target: "/albums?async=true", body: Array(Self.album(11).utf8)))
        #expect(answer.status == 202)
        #expect(await eventually { events().count == 2 })
        #expect(events().last?.attributes["album.id"] == 11)
        #expect(await store.stop(within: ServiceHarness.patience))
    }
}
