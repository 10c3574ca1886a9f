// Errors in JSON, as the page reads them.

import ExampleSupport

/// Writes groups of errors.
enum ErrorAnswer {
    static func sample(_ error: ErrorOccurrence) -> JSONValue {
        var contexts: [JSONObject.Member] = []
        for one in error.contexts { contexts.append(.init(key: one.name, value: .string(one.value))) }
        return [
            "time": time(error.time), "message": .string(error.message), "stack": .string(error.stack), "release": .string(error.release),
            "environment": .string(error.environment), "user": .string(error.user), "traceId": .string(error.traceID),
            "spanId": .string(error.spanID), "eventId": .string(error.eventID), "place": .string(error.place),
            "handled": error.isHandled.map { .bool($0) } ?? .null, "contexts": .object(JSONObject(contexts)),
        ]
    }

    static func feedback(_ feedback: ErrorGroup.Feedback) -> JSONValue {
        [
            "time": time(feedback.time), "name": .string(feedback.name), "email": .string(feedback.email),
            "message": .string(feedback.message), "eventId": .string(feedback.eventID),
        ]
    }

    private static func time(_ time: UInt64) -> JSONValue { .string(String(time)) }

    private static func counts(_ parts: ErrorGroup.Parts) -> JSONValue {
        .array(
            parts.counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
                ["name": .string($0.key), "count": .integer(Int64($0.value))]
            })
    }

    private static func members(_ group: ErrorGroup, at now: UInt64) -> [JSONObject.Member] {
        [
            .init(key: "id", value: .string(group.id)), .init(key: "type", value: .string(group.type)),
            .init(key: "message", value: .string(group.message)), .init(key: "service", value: .string(group.service)),
            .init(key: "status", value: .string(group.status.rawValue)), .init(key: "count", value: .integer(Int64(group.count))),
            .init(key: "users", value: .integer(Int64(group.users.count))), .init(key: "hasMoreUsers", value: .bool(group.hasMoreUsers)),
            .init(key: "firstSeen", value: time(group.firstSeen)), .init(key: "lastSeen", value: time(group.lastSeen)),
            .init(key: "frame", value: .string(group.frames.first ?? "")),
            .init(key: "regressions", value: .integer(Int64(group.regressions))),
            .init(key: "feedback", value: .integer(Int64(group.feedback.count))),
            .init(key: "history", value: .array(history(group, at: now).map { .integer(Int64($0)) })),
        ]
    }

    /// Returns the counts of the last day by half hour, up to now.
    private static func history(_ group: ErrorGroup, at now: UInt64) -> [Int] {
        let ahead = Int(
            min(now / ErrorGroup.historyStep - min(group.historyEnd, now / ErrorGroup.historyStep), UInt64(ErrorGroup.historySteps)))
        return Array(group.history.dropFirst(ahead)) + [Int](repeating: 0, count: ahead)
    }

    /// The answer to `/data/errors`.
    static func list(_ groups: [ErrorGroup], total: Int, _ store: ErrorStore, at now: UInt64) -> JSONValue {
        let counts = store.counts
        return [
            "errors": .array(groups.map { .object(JSONObject(members($0, at: now))) }), "total": .integer(Int64(total)),
            "received": .integer(Int64(counts.received)), "evicted": .integer(Int64(counts.evicted)),
            "keptBytes": .integer(Int64(counts.bytes)), "maximumBytes": .integer(Int64(store.maximumBytes)),
        ]
    }

    /// The answer to `/data/errors/{id}`.
    static func detail(_ group: ErrorGroup, at now: UInt64) -> JSONValue {
        .object(
            JSONObject(
                members(group, at: now) + [
                    .init(key: "frames", value: .array(group.frames.map { .string($0) })),
                    .init(key: "releases", value: counts(group.releases)), .init(key: "environments", value: counts(group.environments)),
                    .init(key: "resolvedAt", value: time(group.resolvedAt)),
                    .init(key: "samples", value: .array(group.samples.map(sample))),
                    .init(key: "reports", value: .array(group.feedback.reversed().map(feedback))),
                ]))
    }
}
