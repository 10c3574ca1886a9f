// POC-41: the console's file of log records when its process is killed.

import ExampleSupport
import Glibc
import Telemetry
import Testing

// This suite starts one process at a time.
extension ServiceProcessTests {
    @Test("POC-41: a console that is killed while records come has all that it said was written")
    func killedConsoleHasAllRecordsThatWereWritten() async throws {
        let directory = try TemporaryDirectory()
        let variables = ["LOG_STORE": "\(directory.path)/logs.db"]
        let (first, url) = try await ChildProcess.service("Collector", variables)
        func send(_ method: String, _ url: String, _ body: String = "") async throws -> [UInt8] {
            try await SocketTransport(timeout: ServiceHarness.patience).send(
                method, url, headers: ["Content-Type": "application/json"], body: Array(body.utf8)
            ).body
        }
        func stored(_ url: String) async throws -> JSONValue? {
            try JSONValue(parsing: try await send("GET", url + "/data/summary"))["logStore"]
        }
        var (sent, written) = (0, 0)
        while written < 1_000 {
            let time = Timestamp.now.nanosecondsSinceEpoch
            let records = (sent..<sent + 50).map { #"{"timeUnixNano":"\#(time)","body":{"stringValue":"line \#($0) of many"}}"# }
            _ = try await send(
                "POST", url + "/v1/logs", #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[\#(records.joined(separator: ","))]}]}]}"#)
            sent += 50
            written = Int(try await stored(url)?["stored"]?.stringValue ?? "") ?? 0
        }
        kill(first.identifier, SIGKILL)
        #expect(await first.exitStatus() == nil)

        let (second, again) = try await ChildProcess.service("Collector", variables)
        let kept = Int(try await stored(again)?["kept"]?.stringValue ?? "") ?? 0
        #expect(kept >= written && kept <= sent)
        let volume = try JSONValue(parsing: try await send("GET", again + "/data/logs/volume?q=%22of+many%22"))
        #expect(volume["total"]?.stringValue == "\(kept)", "The index has what the table has.")
        kill(second.identifier, SIGTERM)
        #expect(await second.exitStatus() == 0)
    }
}
