// A system in use, the console that watches it with the shipped rules, and a webhook, all on one clock.

import ExampleSupport
import Synchronization
import Telemetry

@testable import TelemetryConsole

/// What the story of operation plays on; time passes by ``pass(_:)`` and in slow statements alone.
final class OperationScene: Sendable {
    /// A message that came to the webhook.
    struct Message: Sendable {
        let path: String
        let body: JSONValue
    }

    private final class Hook: Sendable {
        private let state = Mutex<[Message]>([])

        var messages: [Message] { state.withLock { $0 } }

        func take(_ request: ServiceRequest) -> ServiceResponse {
            guard request.method == "POST", let body = try? JSONValue(parsing: request.body) else {
                return .text("no message", status: 400)
            }
            state.withLock { $0.append(Message(path: request.path, body: body)) }
            return .text("")
        }
    }

    let console: ConsoleHarness
    let system: OrdersSystem
    /// The address of the console.
    let url: String
    private let clock: ManualClock
    private let manager: AlertManager
    private let probes: Probes
    private let hook = Hook()
    private let listeners: [ServiceListener]

    init() async throws {
        // In the past, since what people do to the console bears the time of this machine.
        let clock = ManualClock(startingAt: Timestamp.now.advanced(by: .seconds(-7_200)))
        let (door, hook) = (Door(), hook)
        let receiver = try ServiceListener.start(host: "127.0.0.1", port: 0, options: .patient) { hook.take($0) }
        let entrance = try ServiceListener.start(host: "127.0.0.1", port: 0, options: .patient) { await door.respond($0) }
        let address = "http://127.0.0.1:\(entrance.port)"
        let system = try OrdersSystem(clock, endpoint: address)
        try await system.deploy(.good)
        let stores = SignalStores(clock: .manual(clock))
        var options = AlertManager.Options()
        options.externalURL = address
        for file in ["probes.yml", "services.yml"] { options.groups += try RuleFileReader.groups(try Self.shipped(file), file: file) }
        // The shipped routes, to the webhook of this test.
        let parts = String(decoding: try Self.shipped("routes.yml"), as: UTF8.self).split(separator: "localhost:9095")
        options.routing = try RoutingFileReader.routing(
            Array(parts.joined(separator: "127.0.0.1:\(receiver.port)").utf8), file: "routes.yml")
        manager = AlertManager(stores, options)
        let file = """
            modules: {http_2xx: {prober: http, timeout: 60s}}
            probes: [{module: http_2xx, interval: 1d, objective: 99.5, labels: {system: shop}, targets: ["\(system.url)"]}]
            """
        let (modules, targets) = try ProbeFileReader.read([("shop.yml", Array(file.utf8))])
        probes = try Probes(modules, targets, stores.metrics)
        let console = Console(stores, alerts: manager, probes: probes, queryTime: .patience)
        door.open { await console.respond(to: $0) }
        self.console = ConsoleHarness(console)
        listeners = [receiver, entrance]
        (self.clock, self.system, url) = (clock, system, address)
    }

    private static func shipped(_ name: String) throws -> [UInt8] {
        let root = String(#filePath).split(separator: "/", omittingEmptySubsequences: false).dropLast(5).joined(separator: "/")
        return try FileReading.bytes("\(root)/Deploy/alerts/\(name)")
    }

    /// The time as parameters have it.
    var now: String { String(TelemetryClock.manual(clock).now.nanosecondsSinceEpoch) }

    /// The messages of an alert, the oldest first.
    func messages(of alert: String) -> [Message] { hook.messages.filter { $0.body["commonLabels"]?["alertname"]?.stringValue == alert } }

    /// Lets time pass: the shop is used and probed, telemetry exported, rules evaluated and messages sent; returns false if telemetry was lost.
    func pass(_ time: Duration) async throws -> Bool {
        clock.advance(by: time)
        try await system.use(times: 3)
        await probes.probeAll()
        let isComplete = await system.export()
        manager.evaluate()
        for notification in manager.dueNotifications() { await manager.deliver(notification) }
        return isComplete
    }

    /// Lets time pass until a condition holds, at most so many times.
    func pass(_ time: Duration, atMost steps: Int, until condition: () async throws -> Bool) async throws -> Bool {
        for _ in 0..<steps {
            guard try await pass(time) else { return false }
            if try await condition() { return true }
        }
        return false
    }

    /// The names of the alerts that fire.
    func firing() async throws -> Set<String> {
        let alerts = try await console.get("/api/v1/alerts")["data"]?["alerts"]?.arrayValue ?? []
        return Set(alerts.filter { $0["state"] == "firing" }.compactMap { $0["labels"]?["alertname"]?.stringValue })
    }

    /// The edge of the map between two times.
    func edge(_ from: String, _ to: String, between start: String, and end: String) async throws -> JSONValue? {
        try await console.get("/data/map?from=\(start)&to=\(end)")["edges"]?.arrayValue?.first {
            $0["from"]?.stringValue == from && $0["to"]?.stringValue == to
        }
    }

    func stop() async {
        await console.console.finish(until: .after(.seconds(2)))
        await system.stop()
        for listener in listeners { await listener.stop(within: .seconds(2)) }
    }
}
