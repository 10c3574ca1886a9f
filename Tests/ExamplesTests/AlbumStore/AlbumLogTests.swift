// ALB-12: the log lines of the album store.

import ExampleSupport
import Telemetry
import Testing

@testable import AlbumStore

struct AlbumLogTests {
    @Test("ALB-12: a request writes a line of JSON with its identifiers, path, status and latency")
    func requestWritesLineOfJSON() async throws {
        let folder = try TemporaryDirectory()
        try await ServiceHarness.listening({ _ in ServiceResponse(status: 200, contentType: "application/x-protobuf") }) { receiver in
            let telemetry = try ServiceEnvironment([
                "NAMESPACE": "test", "INSTANCE_NAME": "album-store-1", "OTEL_LOCATION": receiver, "LOG_FILE": "\(folder.path)/lines",
            ]).startTelemetry(for: "album-store")
            let application = AlbumStoreApp.application(telemetry)
            let trace = "0af7651916cd43dd8448eb211c80319c"
            for path in ["/albums/2", "/albums/666"] {
                var request = ServiceRequest(method: "GET", target: path)
                request.headers["traceparent"] = "00-\(trace)-b7ad6b7169203331-01"
                _ = await application.respond(to: request)
            }
            #expect(await telemetry.stop(within: ServiceHarness.patience))

            let lines = try folder.bytes(of: "lines").split(separator: UInt8(ascii: "\n")).map { try JSONValue(parsing: Array($0)) }
            #expect(lines.map { $0["message"]?.stringValue } == ["request answered", "Album [666] not found", "request answered"])
            for line in lines {
                #expect(line["service"] == "album-store" && line["trace_id"]?.stringValue == trace)
                #expect(line["span_id"]?.stringValue?.utf8.count == 16 && line["time"]?.stringValue?.hasSuffix("Z") == true)
            }
            for (line, status, level) in [(lines[0], 200, "info"), (lines[2], 400, "warn")] {
                #expect(line["level"]?.stringValue == level && line["method"] == "GET" && line["status"]?.integerValue == status)
                #expect(line["path"]?.stringValue == (status == 200 ? "/albums/2" : "/albums/666"))
                switch line["latency"] {
                case .number(let milliseconds): #expect(milliseconds > 0)
                case .integer(let milliseconds): #expect(milliseconds > 0)
                default: Issue.record("The latency is a number of milliseconds.")
                }
            }
        }
    }
}
