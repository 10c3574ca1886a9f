// The routes of errors: what reporters send, and the JSON that the page reads.

import ExampleSupport
import Telemetry

/// Answers `/data/errors…`, `/data/feedback` and Sentry's `/api/{project}/envelope/`.
struct ErrorRoutes: Sendable {
    /// Takes the request of a record that was made of an event.
    typealias Keep = @Sendable ([UInt8]) -> Void

    /// Bytes of an envelope, and of one that is decompressed.
    private static let maximumEnvelopeBytes = 1 << 20
    private static let maximumPlainBytes = 4 << 20
    private static let maximumFeedbackBytes = 16 << 10

    private let store: ErrorStore
    private let keep: Keep
    private let router: Router

    init(_ store: ErrorStore, keep: @escaping Keep) {
        self.store = store
        self.keep = keep
        var router = Router(redirectsTrailingSlash: false)
        router.on("GET", "/data/errors") { request throws(Refusal) in try Self.list(request, store) }
        router.on("GET", "/data/errors/:id") { request throws(Refusal) in
            .json(ErrorAnswer.detail(try Self.group(request, store), at: Timestamp.now.nanosecondsSinceEpoch))
        }
        router.on("POST", "/data/errors/:id") { request throws(Refusal) in
            let document = try Self.document(request)
            guard let status = document["status"]?.stringValue.flatMap(ErrorGroup.Status.init), status != .regressed else {
                throw Refusal(APIError(message: "status must be unresolved, resolved or ignored."))
            }
            let id = try Self.group(request, store).id
            let now = Timestamp.now.nanosecondsSinceEpoch
            guard let group = store.set(status, of: id, at: now) else { throw Self.missing(id) }
            return .json(ErrorAnswer.detail(group, at: now))
        }
        router.on("POST", "/data/feedback") { request throws(Refusal) in
            let document = try Self.document(request)
            func text(_ name: String) -> String { document[name]?.stringValue ?? "" }
            let eventID = text("eventId").isEmpty ? text("event_id") : text("eventId")
            guard !eventID.isEmpty, !text("message").isEmpty else {
                throw Refusal(APIError(message: "Feedback needs eventId, the identifier of an event or trace, and message."))
            }
            Self.keep(feedback: text("message"), text("name"), text("email"), of: eventID, project: "0", keep)
            return .json(["eventId": .string(eventID)], status: 202)
        }
        self.router = router
    }

    /// Returns the answer to a request for errors; nil for another.
    func respond(to request: ServiceRequest) async -> ServiceResponse? {
        if let project = Self.project(request.path) { return receive(request, project) }
        guard request.path == "/data/errors" || request.path.hasPrefix("/data/errors/") || request.path == "/data/feedback" else {
            return nil
        }
        return await router.respond(to: request)
    }

    /// Returns the project of the path of an envelope: `/api/1/envelope/`.
    static func project(_ path: String) -> String? {
        let parts = path.split(separator: "/")
        guard parts.count == 3, parts[0] == "api", parts[2] == "envelope", parts[1].count <= 20, parts[1].allSatisfy(\.isNumber) else {
            return nil
        }
        return String(parts[1])
    }

    // MARK: The page

    private static func list(_ request: ServiceRequest, _ store: ErrorStore) throws(Refusal) -> ServiceResponse {
        do throws(APIError) {
            let parameters = try QueryParameters(request, ["q", "status", "service", "limit", "sort"], now: .now)
            let limit = try parameters.number("limit", default: 200, in: 1...1_000)
            var groups = store.groups
            if let text = parameters["status"] {
                guard let status = ErrorGroup.Status(rawValue: text) else {
                    throw APIError(message: "status must be unresolved, resolved, regressed or ignored.")
                }
                // What has come again is not resolved either.
                groups.removeAll { $0.status != status && !(status == .unresolved && $0.status == .regressed) }
            }
            if let service = parameters["service"] { groups.removeAll { $0.service != service } }
            if let text = parameters["q"]?.lowercased() {
                groups.removeAll {
                    !"\($0.type) \($0.message) \($0.service) \($0.frames.joined(separator: " "))".lowercased().contains(text)
                }
            }
            switch parameters["sort"] ?? "last" {
            case "last": break
            case "count": groups.sort { $0.count > $1.count }
            case "users": groups.sort { $0.users.count > $1.users.count }
            case "first": groups.sort { $0.firstSeen > $1.firstSeen }
            default: throw APIError(message: "sort must be last, first, count or users.")
            }
            return .json(
                ErrorAnswer.list(Array(groups.prefix(limit)), total: groups.count, store, at: Timestamp.now.nanosecondsSinceEpoch))
        } catch { throw Refusal(error) }
    }

    private static func group(_ request: ServiceRequest, _ store: ErrorStore) throws(Refusal) -> ErrorGroup {
        let id = request.parameters["id"] ?? ""
        guard let group = store.group(id) else { throw missing(id) }
        return group
    }

    private static func missing(_ id: String) -> Refusal {
        Refusal(APIError(status: 404, message: "There is no error \(id.prefix(80)); it may have made room for newer ones."))
    }

    private static func document(_ request: ServiceRequest) throws(Refusal) -> JSONValue {
        let type = (request.headers["content-type"] ?? "").prefix { $0 != ";" }
        guard type.lowercased() == "application/json" else {
            throw Refusal(APIError(status: 415, message: "The content type is \"\(type.prefix(80))\"; it must be application/json."))
        }
        guard request.body.count <= maximumFeedbackBytes else {
            throw Refusal(APIError(status: 413, message: "The body has at most \(maximumFeedbackBytes) bytes."))
        }
        guard let document = try? JSONValue(parsing: request.body), case .object = document else {
            throw Refusal(APIError(message: "The body must be a JSON object."))
        }
        return document
    }

    private static func keep(feedback message: String, _ name: String, _ email: String, of id: String, project: String, _ keep: Keep) {
        let event = SentryEvent(
            feedback: String(message.prefix(4_096)), name: String(name.prefix(200)), email: String(email.prefix(200)),
            of: String(id.prefix(64).filter { $0 != "-" }), project: project, now: Timestamp.now.nanosecondsSinceEpoch)
        keep(event.request)
    }

    // MARK: Sentry

    private func receive(_ request: ServiceRequest, _ project: String) -> ServiceResponse {
        guard request.method == "POST" else {
            var response = ServiceResponse.json(["detail": "the method must be POST"], status: 405)
            response.headers["Allow"] = "POST"
            return response
        }
        guard request.body.count <= Self.maximumEnvelopeBytes else {
            return .json(["detail": .string("an envelope has at most \(Self.maximumEnvelopeBytes) bytes")], status: 413)
        }
        var body = request.body
        switch (request.headers["content-encoding"] ?? "identity").lowercased() {
        case "gzip":
            do throws(GzipError) { body = try Gzip.decompressed(body, maximumBytes: Self.maximumPlainBytes) } catch {
                return .json(["detail": .string("the envelope cannot be decompressed: \(error)")], status: 400)
            }
        case "identity", "": break
        default: return .json(["detail": "the content encoding must be gzip or identity"], status: 415)
        }
        do throws(SentryEnvelope.Failure) {
            let envelope = try SentryEnvelope(body)
            let id = envelope.header["event_id"]?.stringValue ?? ""
            for item in envelope.items { take(item, project: project, id: id) }
            return .json(["id": .string(id)])
        } catch { return .json(["detail": .string(error.message)], status: 400) }
    }

    /// Takes an event or feedback; items of other kinds are let go.
    private func take(_ item: SentryEnvelope.Item, project: String, id: String) {
        guard ["event", "user_report", "feedback"].contains(item.type), let value = try? JSONValue(parsing: Array(item.payload)) else {
            return
        }
        func text(_ value: JSONValue?, _ name: String) -> String { value?[name]?.stringValue ?? "" }
        switch item.type {
        case "event":
            let now = Timestamp.now.nanosecondsSinceEpoch
            if let event = SentryEvent(value, project: project, id: id, now: now) { keep(event.request) }
        case "user_report":
            Self.keep(
                feedback: text(value, "comments"), text(value, "name"), text(value, "email"), of: text(value, "event_id"), project: project,
                keep)
        default:
            let feedback = value["contexts"]?["feedback"]
            Self.keep(
                feedback: text(feedback, "message"), text(feedback, "name"), text(feedback, "contact_email"),
                of: text(feedback, "associated_event_id"), project: project, keep)
        }
    }
}
