// Spans and resource of a service process, as an OTLP receiver gets them.

import ExampleSupport
import Glibc
import Synchronization
import Telemetry
import Testing

/// A receiver of trace requests that keeps their spans.
private final class Received: Sendable {
    private let state = Mutex<[ReadableSpan]>([])
    var spans: [ReadableSpan] { state.withLock { $0 } }

    func take(_ request: ServiceRequest) -> ServiceResponse {
        guard request.method == "POST", request.path == "/v1/traces", let spans = try? OTLPTraceRequest.decode(request.body) else {
            return .text("this is no receiver of that", status: 404)
        }
        state.withLock { $0 += spans }
        return ServiceResponse(status: 200, contentType: "application/x-protobuf")
    }
}

// This suite starts one process at a time.
extension ServiceProcessTests {
    /// Returns the only span that an album store with these variables exports for one request.
    private func spanOfOneRequest(_ variables: [String: String]) async throws -> ReadableSpan {
        let received = Received()
        try await ServiceHarness.listening({ received.take($0) }) { url in
            let location = ["OTEL_LOCATION": String(url.dropFirst("http://".count))]
            let (store, storeURL) = try await ChildProcess.service("AlbumStore", variables.merging(location) { $1 })
            let client = SocketTransport(timeout: ServiceHarness.patience)
            #expect(try await client.send("GET", storeURL + "/albums/2", headers: [:], body: []).status == 200)
            kill(store.identifier, SIGTERM)
            #expect(await store.exitStatus() == 0)
        }
        #expect(received.spans.count == 1)
        return try #require(received.spans.first)
    }

    @Test func resourceHasServiceNamespaceInstanceAndVersion() async throws {
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

    @Test func unsetVersionIsNoVersionNoHash() async throws {
        let span = try await spanOfOneRequest(["NAMESPACE": "music", "INSTANCE_NAME": "album-store-7", "VERSION": ""])
        #expect(span.resource.attributes["service.version"] == "No-Version-No-Hash")
    }
}
