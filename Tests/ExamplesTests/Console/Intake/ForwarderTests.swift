// Forwarding: what the console takes arrives at the next receiver.

import ExampleSupport
import Foundation
import Telemetry
import Testing

@testable import TelemetryConsole

struct ForwarderTests {
    @Test func whatIsTakenArrivesAtTheReceiverByteForByte() async throws {
        let receiver = ConsoleHarness()
        try await ServiceHarness.listening({ await receiver.console.respond(to: $0) }) { url in
            let forwarder = try Forwarder(to: [url])
            let console = Console(SignalStores(), forwarder: forwarder)
            let body = ConsoleHarness.request([
                ConsoleHarness.Span(id: 1, name: "passed on", attributes: ConsoleHarness.attribute("a", "b"))
            ])
            let answer = await console.respond(
                to: ServiceRequest(
                    method: "POST", target: "/v1/traces", headers: ["Content-Type": "application/json"], body: Array(body.utf8)))
            #expect(answer.status == 200)
            await console.finish(until: .after(ServiceHarness.patience))
            let counts = forwarder.destinations.map(\.counts)
            #expect(
                counts.map(\.delivered) == [1, 0, 0] && counts.allSatisfy { $0.dropped == 0 && $0.waiting == 0 && $0.lastFailure == nil })
            let summary = try JSONValue(parsing: await console.respond(to: ServiceRequest(method: "GET", target: "/data/summary")).body)
            #expect(
                summary["forward"]?[0]?["delivered"] == "1" && summary["forward"]?[0]?["to"]?.stringValue?.hasSuffix("/v1/traces") == true)
        }
        let blocks = receiver.stores.spans.blocks
        #expect(blocks.count == 1 && blocks[0].nameText(0) == "passed on")
    }

    @Test func receiverThatIsAwayLosesNothingThatFitsAndTheRestIsCounted() async throws {
        let port = try #require(ScriptedServer.freePort())
        let forwarder = try Forwarder(to: ["http://127.0.0.1:\(port)"])
        let request = try ConsoleHarness.protobuf([ConsoleHarness.Span(id: 1)])
        for _ in 0..<10 { forwarder.forward(request, .traces, items: 1) }
        await forwarder.stop(until: .after(.milliseconds(200)))
        let destination = try #require(forwarder.destinations.first)
        // An attempt that the deadline has cut off may end, and count, a little later.
        #expect(await eventually { destination.counts.dropped + destination.counts.waiting == 10 })
        #expect(destination.counts.delivered == 0)
    }

    @Test func whatTheSpoolHasWaitsAndIsDeliveredByTheNextRun() async throws {
        var template = Array("/tmp/forward-XXXXXX\0".utf8CString)
        #expect(mkdtemp(&template) != nil)
        let folder = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let receiver = ConsoleHarness()
        let port = try #require(ScriptedServer.freePort())
        let first = try Forwarder(to: ["http://127.0.0.1:\(port)"], spool: folder)
        first.forward(try ConsoleHarness.protobuf([ConsoleHarness.Span(id: 1), ConsoleHarness.Span(id: 2)]), .traces, items: 2)
        #expect(await eventually { first.destinations[0].counts.lastFailure != nil && first.destinations[0].counts.waiting == 2 })
        #expect(first.destinations[0].counts.delivered == 0)
        await first.stop(until: .after(ServiceHarness.patience))
        #expect(first.destinations[0].counts.dropped == 0)

        let listener = try ServiceListener.start(host: "127.0.0.1", port: port, options: .patient) {
            await receiver.console.respond(to: $0)
        }
        let second = try Forwarder(to: ["http://127.0.0.1:\(port)"], spool: folder)
        #expect(await eventually { receiver.stores.spans.statistics.kept == 2 })
        // Counts are those of what a run has taken itself.
        #expect(second.destinations[0].counts.delivered == 0 && second.destinations[0].counts.waiting == 0)
        await second.stop(until: .after(ServiceHarness.patience))
        await listener.stop(within: .seconds(5))
    }

    @Test func receiverThatIsNoAddressIsRefused() {
        #expect(throws: StartFailure.self) { try Forwarder(to: ["ftp://x"]) }
    }
}
