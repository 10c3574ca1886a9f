// SPA-04 to SPA-06: the versions as processes, by what they write.

import ExampleSupport
import Glibc
import Telemetry
import Testing

// This suite starts one process at a time.
extension ServiceProcessTests {
    /// Starts a spaceport, has a ship refused, and returns the lines of the spaceport and the trace of the request.
    private func linesOfRefusal(_ version: String) async throws -> [JSONValue] {
        // With a receiver the spaceport ends as soon as all is written, and not by a time that may be too short for that.
        try await ServiceHarness.listening({ _ in ServiceResponse(status: 200) }) { receiver in
            let variables = [
                "VERSION": version, "DOCKING_LIMIT": "0", "INSTANCE_NAME": "pontus-spaceport",
                "OTEL_LOCATION": String(receiver.dropFirst("http://".count)),
            ]
            let (port, url) = try await ChildProcess.service("Spaceport", variables)
            let headers: HTTPHeaders = [
                "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "Content-Type": "application/json",
            ]
            let answer = try await SocketTransport(timeout: ServiceHarness.patience).send(
                "POST", url + "/dock", headers: headers, body: Array(#"{"id":"a","authorization_code":"c","passengers":5}"#.utf8))
            #expect(answer.status == 400)
            kill(port.identifier, SIGTERM)
            let output = await port.output()
            #expect(await port.exitStatus() == 0)
            return output.split(separator: "\n").compactMap { try? JSONValue(parsing: $0) }
        }
    }

    @Test("SPA-04: version 1 writes no log lines")
    func version1WritesNoLogLines() async throws {
        #expect(try await linesOfRefusal("v1") == [])
    }

    @Test("SPA-05: version 2 writes the message, its fields, and the trace by which a person finds it")
    func version2WritesLinesToGrep() async throws {
        let lines = try await linesOfRefusal("v2").filter { $0["trace_id"] == "0af7651916cd43dd8448eb211c80319c" }
        #expect(lines.count == 2)
        #expect(
            lines.first?.description
                == #"{"message":"Invalid authorization code for ship a","ship_id":"a","trace_id":"0af7651916cd43dd8448eb211c80319c"}"#)
        #expect(lines.last?["message"]?.stringValue?.hasSuffix(#" - "POST /dock HTTP/1.1" 400"#) == true)
    }

    @Test("SPA-06: version 2 correlated writes the identifiers that Python's instrumentation does")
    func version2CorrelatedWritesIdentifiers() async throws {
        let lines = try await linesOfRefusal("v2-correlated").filter { $0["otelTraceID"] == "0af7651916cd43dd8448eb211c80319c" }
        #expect(lines.count == 2)
        for line in lines {
            guard case .object(let object) = line else { continue }
            #expect(
                object.members.map(\.key).filter { $0 != "ship_id" } == [
                    "message", "otelTraceID", "otelSpanID", "otelTraceSampled", "otelServiceName",
                ])
            #expect(line["otelSpanID"]?.stringValue?.count == 16 && line["otelTraceSampled"] == true)
            #expect(line["otelServiceName"] == "pontus-spaceport")
        }
    }

    @Test(
        "SPA-02: a variable of a spaceport or spaceship that is wrong is named",
        arguments: [
            ("Spaceport", "DOCKING_LIMIT", "many"), ("Spaceport", "VERSION", "v3"), ("Spaceport", "LEDGER_URL", "ledger"),
            ("Spaceport", "REFUSALS_ON_SPANS", "perhaps"), ("Spaceship", "SHIP_ID", "a b"), ("Spaceship", "SPACEPORTS", "pontus"),
        ])
    func invalidVariableOfSpaceServiceIsNamedAndExits78(service: String, variable: String, value: String) async throws {
        let child = try ChildProcess(service, environment: ChildProcess.environment.merging([variable: value]) { $1 })
        let text = await child.output(until: "listening on port")
        kill(child.identifier, SIGTERM)
        #expect(await child.exitStatus() == 78)
        #expect(text.contains(variable) && text.contains("must be"), "\(text)")
    }
}
