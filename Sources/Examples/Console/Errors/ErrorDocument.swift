// Groups of errors as the file of the console keeps them.

import ExampleSupport

/// Writes and reads groups.
enum ErrorDocument {
    private static let maximumBytes = 8 << 20

    /// Returns the groups as JSON, the newest first; those that would make it too long are left out.
    static func bytes(of groups: [ErrorGroup]) -> [UInt8] {
        var size = 0
        var listed: [JSONValue] = []
        for group in groups.sorted(by: { $0.lastSeen > $1.lastSeen }) {
            let value = json(group)
            size += value.bytes.count + 1
            guard size < maximumBytes - 1_024 else { break }
            listed.append(value)
        }
        let document: JSONValue = ["version": 1, "groups": .array(listed)]
        return document.bytes
    }

    private static func time(_ time: UInt64) -> JSONValue { .integer(Int64(clamping: time)) }

    private static func counts(_ parts: ErrorGroup.Parts) -> JSONValue {
        .object(JSONObject(parts.counts.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: .integer(Int64($0.value))) }))
    }

    private static func json(_ group: ErrorGroup) -> JSONValue {
        [
            "id": .string(group.id), "type": .string(group.type), "message": .string(group.message), "service": .string(group.service),
            "frames": .array(group.frames.map { .string($0) }), "first": time(group.firstSeen), "last": time(group.lastSeen),
            "count": .integer(Int64(group.count)), "releases": counts(group.releases), "environments": counts(group.environments),
            "users": .array(group.users.sorted().map { .integer(Int64(bitPattern: $0)) }), "moreUsers": .bool(group.hasMoreUsers),
            "status": .string(group.status.rawValue), "resolvedAt": time(group.resolvedAt),
            "regressions": .integer(Int64(group.regressions)),
            "samples": .array(group.samples.map { ErrorAnswer.sample($0) }),
            "feedback": .array(group.feedback.map { ErrorAnswer.feedback($0) }),
            "history": .array(group.history.map { .integer(Int64($0)) }), "historyEnd": time(group.historyEnd),
        ]
    }

    /// Reads groups; those that cannot be read are left out.
    static func groups(_ document: [UInt8]) -> [ErrorGroup] {
        guard document.count <= maximumBytes, let value = try? JSONValue(parsing: document), value["version"] == 1 else { return [] }
        return (value["groups"]?.arrayValue ?? []).prefix(ErrorStore.maximumGroups).compactMap(group)
    }

    private static func number(_ value: JSONValue?) -> UInt64 {
        switch value {
        case .integer(let number): UInt64(max(0, number))
        case .string(let text): UInt64(text) ?? 0
        default: 0
        }
    }

    private static func group(_ value: JSONValue) -> ErrorGroup? {
        func text(_ name: String) -> String { value[name]?.stringValue ?? "" }
        guard UInt64(text("id"), radix: 16) != nil, let status = ErrorGroup.Status(rawValue: text("status")) else { return nil }
        var group = ErrorGroup(
            id: text("id"), type: text("type"), message: text("message"), service: text("service"),
            frames: (value["frames"]?.arrayValue ?? []).compactMap(\.stringValue), firstSeen: number(value["first"]),
            lastSeen: number(value["last"]))
        group.status = status
        group.count = value["count"]?.integerValue ?? 0
        group.resolvedAt = number(value["resolvedAt"])
        group.regressions = value["regressions"]?.integerValue ?? 0
        group.hasMoreUsers = value["moreUsers"] == true
        for member in members(value["releases"]) { group.releases.add(member.key, member.value.integerValue ?? 0) }
        for member in members(value["environments"]) { group.environments.add(member.key, member.value.integerValue ?? 0) }
        for user in (value["users"]?.arrayValue ?? []).prefix(ErrorGroup.maximumUsers) {
            if case .integer(let hash) = user { group.users.insert(UInt64(bitPattern: hash)) }
        }
        group.samples = (value["samples"]?.arrayValue ?? []).prefix(ErrorGroup.maximumSamples).map { sample($0, of: group) }
        group.feedback = (value["feedback"]?.arrayValue ?? []).suffix(ErrorGroup.maximumFeedback).map(feedback)
        let history = (value["history"]?.arrayValue ?? []).compactMap(\.integerValue)
        if history.count == ErrorGroup.historySteps { (group.history, group.historyEnd) = (history, number(value["historyEnd"])) }
        return group
    }

    private static func members(_ value: JSONValue?) -> [JSONObject.Member] {
        if case .object(let object)? = value { object.members } else { [] }
    }

    private static func sample(_ value: JSONValue, of group: ErrorGroup) -> ErrorOccurrence {
        func text(_ name: String) -> String { value[name]?.stringValue ?? "" }
        var error = ErrorOccurrence()
        (error.type, error.service) = (group.type, group.service)
        (error.message, error.stack, error.release, error.environment) = (
            text("message"), text("stack"), text("release"), text("environment")
        )
        (error.user, error.traceID, error.spanID, error.eventID, error.place) = (
            text("user"), text("traceId"), text("spanId"), text("eventId"), text("place")
        )
        error.time = number(value["time"])
        if case .bool(let isHandled)? = value["handled"] { error.isHandled = isHandled }
        error.contexts = members(value["contexts"]).map { ($0.key, $0.value.stringValue ?? "") }
        error.bound()
        return error
    }

    private static func feedback(_ value: JSONValue) -> ErrorGroup.Feedback {
        func text(_ name: String) -> String { value[name]?.stringValue ?? "" }
        return ErrorGroup.Feedback(
            time: number(value["time"]), name: text("name"), email: text("email"), message: text("message"), eventID: text("eventId"))
    }
}
