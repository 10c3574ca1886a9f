// A client of the shop, whose trace the server goes on with.

import AsyncHTTPClient
import Foundation
import Telemetry
import Tracing

let telemetry = try TelemetrySystem.start(resource: .service("buyer", version: "1.0.0"))
InstrumentationSystem.bootstrap(telemetry.distributedTracer())

let url = CommandLine.arguments.dropFirst().first ?? "http://127.0.0.1:8080/albums/42"
var status: Int32 = 0
do {
    // AsyncHTTPClient starts a span for the request, below ours, and puts its context into the headers.
    try await telemetry.tracer("buyer").withSpan("buy album") { span in
        let response = try await HTTPClient.shared.execute(.init(url: url), timeout: .seconds(5))
        let body = try await response.body.collect(upTo: 1 << 20)
        span["album.title"] = String(decoding: body.readableBytesView, as: UTF8.self)
        print(response.status.code, String(decoding: body.readableBytesView, as: UTF8.self))
    }
} catch {
    FileHandle.standardError.write(Data("buyer: \(error)\n".utf8))
    status = 1
}
await telemetry.shutdown()
exit(status)
