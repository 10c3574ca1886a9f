// What every new album passes, whether a request or a job adds it.

import ExampleSupport
import Telemetry

/// Reads albums from requests, and counts those that were added, and emits events of them.
struct AlbumIntake: Sendable {
    private let created: BoundCounter<Int>
    private let log: TelemetryLogger

    init(_ telemetry: ServiceTelemetry) {
        log = telemetry.log
        created = telemetry.meter.counter("albums.created", unit: "{album}", description: "Albums added since the store was started.")
            .bind()
    }

    func album(of request: ServiceRequest) throws(Refusal) -> Album {
        do { return try request.decoded("The album") { Album(&$0) } } catch { throw Self.refusal(of: error) }
    }

    /// Counts an album that was added, and tells of it by an event.
    func record(_ album: Album) {
        created.add(1)
        log.info(
            "album added",
            ["album.id": album.id, "album.title": album.title, "album.artist": album.artist, "album.price": album.price],
            eventName: Self.createdEvent)
    }

    static let createdEvent = "album.created"

    static let identifierIsTaken = FieldError("id", .unique)

    static func refusal(of error: JSONBodyError) -> Refusal {
        Refusal(error, malformed: "Malformed JSON. Not valid for Album", invalid: "Album JSON field validation failed")
    }
}

extension Refusal {
    /// Creates the refusal of a request that the database did not serve, in the shape of the store's other answers.
    static func albumsUnavailable(_ error: DatabaseError) -> Refusal {
        var refusal = Refusal(unavailable: error)
        refusal.body = ["message": .string(refusal.reason)]
        refusal.recordedBody = refusal.body.description
        return refusal
    }
}
