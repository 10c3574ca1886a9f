// Commands of the lunar module, as they are answered and stored.

import ExampleSupport
import Telemetry

/// A command that the module has accepted.
struct Command: Sendable {
    enum Status: String, Sendable, CaseIterable {
        case pending = "PENDING"
        case processing = "PROCESSING"
        case completed = "COMPLETED"
        case failed = "FAILED"
    }

    let id: Int
    let timestamp: CalendarTime
    let type: String
    let parameters: JSONValue?
    var status: Status
    /// Why it has failed.
    let detail: String?
    let finished: CalendarTime?
    /// The `traceparent` of the span that stored it.
    let traceParent: String

    /// The members that `GET /command` answers with.
    var members: [JSONObject.Member] {
        [
            .init(key: "id", value: .integer(Int64(id))), .init(key: "timestamp", value: .string(timestamp.rfc3339)),
            .init(key: "command_type", value: .string(type)), .init(key: "parameters", value: parameters ?? .null),
            .init(key: "status", value: .string(status.rawValue)),
        ]
    }

    /// The same with what came of the command.
    var json: JSONValue {
        let outcome: [JSONObject.Member] = [
            .init(key: "detail", value: detail.map { .string($0) } ?? .null),
            .init(key: "finished_at", value: finished.map { .string($0.rfc3339) } ?? .null),
        ]
        return .object(JSONObject(members + outcome))
    }
}

/// A command that a client sends.
struct NewCommand: Sendable {
    private static let longestKey = 200

    let type: String
    let parameters: JSONValue?
    let status: Command.Status
    /// The client's identifier of the request, which has a command that is sent again stored once.
    let key: String?

    /// Reads a body; only the type is required.
    init(_ request: ServiceRequest) throws(Refusal) {
        let fields: (type: String, parameters: JSONValue?, status: String)
        do throws(JSONBodyError) {
            fields = try request.decodedFields("The body") { fields in
                (fields.text("command_type", length: 1...50), fields.value("parameters"), fields.optionalText("status") ?? "PENDING")
            }
        } catch {
            switch error {
            case .malformed(let error): throw Self.invalid("\(error)")
            case .wrongType(let mismatch): throw Self.invalid("\(mismatch)")
            case .invalid(let errors): throw Self.invalid("Field \(errors[0].field) must have 1 to 50 characters, and none that is U+0000")
            }
        }
        guard let status = Command.Status(rawValue: fields.status) else {
            throw Self.invalid("Field status must be one of \(Command.Status.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        // PostgreSQL's JSON cannot hold the character.
        guard fields.parameters?.hasNullCharacter != true else { throw Self.invalid("Field parameters must not have the character U+0000") }
        (type, parameters, self.status) = (fields.type, fields.parameters, status)
        key = request.headers["Idempotency-Key"]
        guard (key ?? "").utf8.count <= Self.longestKey else {
            throw Self.invalid("Idempotency-Key must have at most \(Self.longestKey) bytes")
        }
    }

    private static func invalid(_ detail: String) -> Refusal {
        let message = "Invalid request body"
        return Refusal(["error": .string(message), "detail": .string(detail)], reason: message, detail: detail)
    }
}

extension JSONValue {
    fileprivate var hasNullCharacter: Bool {
        switch self {
        case .string(let text): text.utf8.contains(0)
        case .array(let elements): elements.contains(where: \.hasNullCharacter)
        case .object(let object): object.members.contains { $0.key.utf8.contains(0) || $0.value.hasNullCharacter }
        case .null, .bool, .integer, .number: false
        }
    }
}
