// What the collector answers: OTLP requests from services, and questions from people.

import ExampleSupport
import Telemetry

/// Receives traces and logs by OTLP over HTTP in protobuf, compressed with gzip or not, and shows what it has received.
struct CollectorRoutes: Sendable {
    /// More than this is refused, also when it was smaller while it was compressed. (OTLP, "Request Size".)
    static let maximumRequestBytes = 64 << 20

    /// Codes of `google.rpc.Status`.
    private enum Code: UInt8 {
        case invalidArgument = 3
        case resourceExhausted = 8
    }

    private let collection: TraceCollection

    init(_ collection: TraceCollection) {
        self.collection = collection
    }

    var router: Router {
        var router = Router()
        router.on("POST", "/v1/traces") { request in
            receive(request, "ExportTraceServiceRequest") { body throws(WireError) in collection.add(try OTLPTraceRequest.decode(body)) }
        }
        router.on("POST", "/v1/logs") { request in
            receive(request, "ExportLogsServiceRequest") { body throws(WireError) in collection.add(try OTLPLogsRequest.decode(body)) }
        }
        router.on("GET", "/traces") { _ in .json(.array(collection.archive.traces.map(\.summary))) }
        router.on("GET", "/traces/:id") { show($0) }
        router.on("GET", "/status") { _ in
            let archive = collection.archive
            return .json([
                "status": "OK", "spans": .integer(Int64(archive.receivedSpanCount)),
                "traces": .integer(Int64(archive.traces.count + archive.forgottenTraceCount)),
                "logs": .integer(Int64(archive.receivedLogRecordCount)),
            ])
        }
        return router
    }

    /// Answers a request; the collector itself records nothing.
    func respond(to request: ServiceRequest) async -> ServiceResponse {
        await router.respond(to: request)
    }

    /// Answers a request of one signal.
    ///
    /// - Parameter take: takes in the message, which bears the name.
    private func receive(
        _ request: ServiceRequest, _ message: String, _ take: ([UInt8]) throws(WireError) -> Void
    ) -> ServiceResponse {
        let type = (request.headers["content-type"] ?? "").prefix { $0 != ";" }.lowercased()
        guard type.filter({ !$0.isWhitespace }) == "application/x-protobuf" else {
            return .text("Content-Type is \"\(type)\"; this collector takes application/x-protobuf.\n", status: 415)
        }
        let encoding = (request.headers["content-encoding"] ?? "identity").lowercased()
        var body = request.body
        switch encoding {
        case "identity": break
        case "gzip":
            do {
                body = try Gzip.decompressed(body, maximumBytes: Self.maximumRequestBytes)
            } catch {
                return Self.refusal(of: error)
            }
        default:
            return .text(
                "Content-Encoding is \"\(encoding)\"; this collector takes gzip, and bodies that are not compressed.\n", status: 415)
        }
        do {
            try take(body)
        } catch {
            return Self.status(.invalidArgument, "The body is no \(message): \(error)")
        }
        // An empty response has no bytes at all.
        return ServiceResponse(status: 200, contentType: "application/x-protobuf")
    }

    private func show(_ request: ServiceRequest) -> ServiceResponse {
        let archive = collection.archive
        guard let id = TraceID(hexadecimal: request.parameters["id"] ?? "") else { return Self.noSuchTrace }
        let logs = archive.logRecords(of: id)
        // Log records may come long before the spans, and without them where the trace was not sampled.
        guard let trace = archive[id] ?? (logs.isEmpty ? nil : TraceArchive.Trace(id: id)) else { return Self.noSuchTrace }
        let wantsText = request.query == "format=text" || (request.headers["accept"] ?? "").contains("text/plain")
        return wantsText ? .text(collection.plainText(of: trace.spans)) : .json(trace.json(with: logs))
    }

    private static let noSuchTrace = ServiceResponse.json(["message": "there is no such trace"], status: 404)

    private static func refusal(of error: GzipError) -> ServiceResponse {
        switch error {
        case .tooLarge: status(.resourceExhausted, "The body is too large: \(error)", httpStatus: 413)
        case .noLibrary: .text("This collector cannot take gzip here: \(error)\n", status: 415)
        case .outOfMemory, .damaged, .truncated: status(.invalidArgument, "The body cannot be decompressed: \(error)")
        }
    }

    /// A refusal as OTLP wants it: a `google.rpc.Status` with code and message. (OTLP, "Failures".)
    private static func status(_ code: Code, _ message: String, httpStatus: Int = 400) -> ServiceResponse {
        let text = Array(message.utf8.prefix(120))
        let body: [UInt8] = [0x08, code.rawValue, 0x12, UInt8(text.count)] + text
        return ServiceResponse(status: httpStatus, contentType: "application/x-protobuf", body: body)
    }
}
