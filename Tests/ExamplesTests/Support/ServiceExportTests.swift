// What a service exports, seen from the receiver: its resource, and the spans of its last requests.

import ExampleSupport
import Synchronization
import Telemetry
import Testing

@testable import AlbumStore

@Suite struct ServiceExportTests {
    /// The spans of all requests that a receiver has taken.
    private final class Received: Sendable {
        private let state = Mutex<[FinishedSpan]>([])
        var spans: [FinishedSpan] { state.withLock { $0 } }

        func take(_ request: ServiceRequest) -> ServiceResponse {
            guard request.method == "POST", request.path == "/v1/traces", let spans = try? OTLPTraceRequest.decode(request.body) else {
                return .text("this is no receiver of that", status: 404)
            }
            state.withLock { $0 += spans }
            return ServiceResponse(status: 200, contentType: "application/x-protobuf")
        }
    }

    /// Answers one request as the album store of that environment, stops it, and returns the only span it has exported.
    private func spanOfOneRequest(_ variables: [String: String]) async throws -> FinishedSpan {
        let received = Received()
        try await ServiceHarness.listening({ received.take($0) }) { url in
            let location = ["OTEL_LOCATION": String(url.dropFirst("http://".count))]
            let environment = ServiceEnvironment(variables.merging(location) { $1 })
            let telemetry = try environment.startTelemetry(for: "album-store")
            let application = AlbumStoreApp.application(tracer: telemetry.tracer("album-store"), propagator: telemetry.propagator)
            _ = await application.respond(to: ServiceRequest(method: "GET", target: "/albums/2"))
            #expect(await telemetry.shutdown(within: .seconds(60)) == .completed)
        }
        #expect(received.spans.count == 1)
        return try #require(received.spans.first)
    }

    @Test func theResourceTellsServiceNamespaceInstanceAndVersion() async throws {
        let span = try await spanOfOneRequest(["NAMESPACE": "music", "INSTANCE_NAME": "album-store-7", "VERSION": "0.1-abcdef0"])
        let expected: [String: AttributeValue] = [
            "service.name": "album-store", "service.version": "0.1-abcdef0", "service.namespace": "music",
            "service.instance.id": "album-store-7",
        ]
        for (key, value) in expected { #expect(span.resource.attributes[key] == value, "\(key)") }
        #expect(span.name == "/albums/:id GET")
        #expect(span.kind == .server)
        #expect(span.status == .ok)
    }

    @Test func aVersionThatIsNotToldIsNamedSo() async throws {
        let span = try await spanOfOneRequest(["NAMESPACE": "music", "INSTANCE_NAME": "album-store-7", "VERSION": ""])
        #expect(span.resource.attributes["service.version"] == "No-Version-No-Hash")
    }
}
