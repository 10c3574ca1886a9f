// The receiving side of OTLP/HTTP: checks, decompresses and keeps requests.

package import ExampleSupport
import Telemetry

/// Receives requests in protobuf and JSON, compressed with gzip or not.
///
/// Concurrent requests are decompressed and indexed one after another, so that this takes the memory of one request.
package actor OTLPIntake {
    /// The largest request, plain or decompressed, unless `MAXIMUM_REQUEST_BYTES` is set. (OTLP, "Request Size".)
    package static let maximumRequestBytes = 16 << 20

    /// Sees each request that was taken, in protobuf, with the number of the items that were.
    package typealias Observer = @Sendable (_ request: [UInt8], _ signal: OTLPReceivedRequest.Signal, _ items: Int) -> Void

    private let maximumBytes: Int
    private let stores: SignalStores
    private let observers: [Observer]

    package init(_ stores: SignalStores, maximumBytes: Int = OTLPIntake.maximumRequestBytes, observers: [Observer] = []) {
        self.stores = stores
        self.maximumBytes = maximumBytes
        self.observers = observers
    }

    /// Answers a request of one signal.
    package func answer(_ request: ServiceRequest, _ signal: OTLPReceivedRequest.Signal) -> ServiceResponse {
        let contentType = OTLPAnswer.contentType(of: request.headers)
        guard let answer = OTLPAnswer(contentType: contentType) else {
            stores.reject(signal, "unknown content type")
            let text = "Content-Type is \"\(contentType)\"; this collector takes application/x-protobuf and application/json.\n"
            return .text(text, status: 415)
        }
        let coding = (request.headers["content-encoding"] ?? "identity").lowercased()
        var body = request.body
        switch coding.filter({ !$0.isWhitespace }) {
        case "identity", "": break
        case "gzip":
            do throws(GzipError) {
                body = try Gzip.decompressed(body, maximumBytes: maximumBytes)
            } catch {
                stores.reject(signal, "not decompressed")
                return Self.refusal(of: error, answer)
            }
        default:
            stores.reject(signal, "unknown content encoding")
            return .text("Content-Encoding is \"\(coding)\"; this collector takes gzip, and bodies that are not compressed.\n", status: 415)
        }
        do throws(OTLPRequestError) {
            guard body.count <= maximumBytes else { throw .tooLarge(limit: maximumBytes) }
            if answer.encoding == .json {
                do throws(OTLPRequestError) {
                    body = try OTLPReceivedRequest.protobuf(ofJSON: body, signal, maximumBytes: maximumBytes)
                } catch {
                    stores.reject(signal, "unreadable requests")
                    throw error
                }
            }
            return answer.success(signal, try take(body, signal))
        } catch {
            if case .tooLarge = error { return answer.status(.resourceExhausted, "The body is too large: \(error)", httpStatus: 413) }
            return answer.status(.invalidArgument, "The body is no \(Self.name(of: signal)): \(error)")
        }
    }

    /// Keeps a request in protobuf.
    private func take(_ body: [UInt8], _ signal: OTLPReceivedRequest.Signal) throws(OTLPRequestError) -> RejectedItems {
        let (count, reason) = try stores.receive(body, signal, maximumBytes: maximumBytes)
        for observer in observers { observer(body, signal, count.accepted) }
        return RejectedItems(count: count.rejected, reason: reason)
    }

    private static func refusal(of error: GzipError, _ answer: OTLPAnswer) -> ServiceResponse {
        switch error {
        case .tooLarge: answer.status(.resourceExhausted, "The body is too large: \(error)", httpStatus: 413)
        case .noLibrary: .text("This collector cannot take gzip here: \(error)\n", status: 415)
        case .outOfMemory, .damaged, .truncated: answer.status(.invalidArgument, "The body cannot be decompressed: \(error)")
        }
    }

    private static func name(of signal: OTLPReceivedRequest.Signal) -> String {
        switch signal {
        case .traces: "ExportTraceServiceRequest"
        case .metrics: "ExportMetricsServiceRequest"
        case .logs: "ExportLogsServiceRequest"
        }
    }
}
