// Albums that are added after the request that brought them was answered.

import ExampleSupport

/// The task of adding one album.
struct AlbumJob: Sendable, Hashable {
    enum Status: String, Sendable {
        case queued, running, done, failed
    }

    let id: UUID
    let album: Album
    var status = Status.queued
    /// The span that enqueued the job, as the header `traceparent` has it.
    let traceParent: String

    /// The job as a resource: with the album once it is added, or with the errors. Only a taken identifier makes a job fail, since the
    /// fields are checked before it is enqueued.
    var json: JSONValue {
        var members = [
            JSONObject.Member(key: "id", value: .string(id.description)), JSONObject.Member(key: "status", value: .string(status.rawValue)),
        ]
        if status == .done { members.append(JSONObject.Member(key: "album", value: album.json)) }
        if status == .failed { members.append(JSONObject.Member(key: "errors", value: [AlbumIntake.identifierIsTaken.json])) }
        return .object(JSONObject(members))
    }
}
