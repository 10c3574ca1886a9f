// Silences in JSON: as Alertmanager's API has them, and as the file of the console keeps them.

import ExampleSupport

/// Reads and writes silences.
enum SilenceJSON {
    private static func matchers(_ silence: Silence) -> JSONValue {
        .array(
            silence.matchers.map { one in
                ["name": .string(one.name), "value": .string(one.value), "isRegex": .bool(one.isRegex), "isEqual": .bool(one.isEqual)]
            })
    }

    /// Returns a silence as the API lists it.
    static func listed(_ silence: Silence, at time: Int64) -> JSONValue {
        [
            "id": .string(silence.id), "status": ["state": .string(silence.state(at: time).rawValue)],
            "updatedAt": .string(WebhookMessage.time(silence.updatedAt)), "comment": .string(silence.comment),
            "createdBy": .string(silence.createdBy), "endsAt": .string(WebhookMessage.time(silence.endsAt)), "matchers": matchers(silence),
            "startsAt": .string(WebhookMessage.time(silence.startsAt)),
        ]
    }

    static func saved(_ silence: Silence) -> JSONValue {
        [
            "id": .string(silence.id), "matchers": matchers(silence), "from": .integer(silence.startsAt), "to": .integer(silence.endsAt),
            "createdBy": .string(silence.createdBy), "comment": .string(silence.comment), "updated": .integer(silence.updatedAt),
        ]
    }

    /// Reads a silence of the file; nil if it is none.
    static func silence(_ value: JSONValue) -> Silence? {
        guard let id = value["id"]?.stringValue, case .integer(let from)? = value["from"], case .integer(let to)? = value["to"],
            case .integer(let updated)? = value["updated"], let matchers = try? matchers(value["matchers"])
        else { return nil }
        return Silence(
            id: id, matchers: matchers, startsAt: from, endsAt: to, createdBy: value["createdBy"]?.stringValue ?? "",
            comment: value["comment"]?.stringValue ?? "", updatedAt: updated)
    }

    /// Reads a silence that is posted, with the identifier of the one that it changes.
    static func posted(_ body: [UInt8], at now: Int64) throws(SilenceList.Failure) -> (silence: Silence, id: String?) {
        guard let value = try? JSONValue(parsing: body), case .object = value else {
            throw SilenceList.Failure(message: "the body must be a JSON object with matchers, startsAt, endsAt, createdBy and comment")
        }
        func time(_ name: String) throws(SilenceList.Failure) -> Int64? {
            guard let member = value[name], member != .null else { return nil }
            guard let time = member.stringValue.flatMap(RFC3339.milliseconds) else {
                throw SilenceList.Failure(message: "\(name) is \(member.kind); it must be a time such as 2030-01-31T12:00:00Z")
            }
            return time
        }
        guard let end = try time("endsAt") else { throw SilenceList.Failure(message: "endsAt is missing") }
        let silence = Silence(
            id: UUID().description, matchers: try matchers(value["matchers"]), startsAt: try time("startsAt") ?? now, endsAt: end,
            createdBy: value["createdBy"]?.stringValue ?? "", comment: value["comment"]?.stringValue ?? "", updatedAt: now)
        let id = value["id"]?.stringValue ?? ""
        return (silence, id.isEmpty ? nil : id)
    }

    private static func matchers(_ value: JSONValue?) throws(SilenceList.Failure) -> [AlertMatcher] {
        guard let values = value?.arrayValue else { throw SilenceList.Failure(message: "matchers must be a list") }
        var matchers: [AlertMatcher] = []
        for value in values {
            guard let name = value["name"]?.stringValue, let text = value["value"]?.stringValue else {
                throw SilenceList.Failure(message: "a matcher needs name and value")
            }
            do throws(PatternError) {
                matchers.append(
                    try AlertMatcher(name, text, isRegex: value["isRegex"] == .bool(true), isEqual: value["isEqual"] != .bool(false)))
            } catch { throw SilenceList.Failure(message: "bad regular expression \"\(text.prefix(200))\": \(error)") }
        }
        return matchers
    }
}
