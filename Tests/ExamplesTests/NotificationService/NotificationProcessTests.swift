// POC-04: the notification service as a process that is killed.

import ExampleSupport
import Glibc
import Telemetry
import Testing

// This suite starts one process at a time.
extension ServiceProcessTests {
    @Test("POC-04: a notification service that is killed delivers later what it has acknowledged")
    func killedNotificationServiceLosesNothing() async throws {
        let endpoint = try RecordingEndpoint()
        try await TestDatabase.withURL(.sqlite) { database in
            // Pauses double: these stay short while the endpoint is away.
            // A port that no other process gets while the service is away.
            let port: Int = try #require(ScriptedServer.freePort())
            let variables = NotificationHarness.variables.merging(
                ["DATABASE_URL": database, "DELIVERY_PAUSE": "1", "PORT": "\(port)", "STOP_TIMEOUT": "2000"]) { $1 }
            let (first, url) = try await ChildProcess.service("NotificationService", variables)
            let service = RunningNotifications(url: url, spans: InMemorySpanExporter(), logs: InMemoryLogExporter())
            let (topic, _) = try await service.subscribe(endpoint)
            endpoint.answer(Array(repeating: 503, count: 100_000))
            for number in 0..<20 { #expect(try await service.act("Publish", ["TopicArn": topic, "Message": "\(number)"]).status == 200) }
            #expect(await eventually { endpoint.messages.count > 3 })
            kill(first.identifier, SIGKILL)
            #expect(await first.exitStatus() == nil)
            endpoint.answer([])
            let known = endpoint.messages.count
            let (second, _) = try await ChildProcess.service("NotificationService", variables)
            #expect(await eventually { Set(endpoint.messages.dropFirst(known)) == Set((0..<20).map { "\($0)" }) })
            kill(second.identifier, SIGTERM)
            #expect(await second.exitStatus() == 0)
        }
        await endpoint.stop()
    }
}
