// The order of messages to receivers of which some do not answer.

import ExampleSupport
import Synchronization
import Telemetry
import Testing

@testable import TelemetryConsole

@Suite(.enabled(if: YAMLReader.isAvailable, "libyaml is not installed")) struct WebhookSenderTests {
    /// A network in which the host `dead` answers when the gate opens, and any other at once.
    private final class Network: Sendable {
        let gate = Gate()
        private let hosts = Mutex<[String]>([])

        /// The hosts that were asked, in order.
        var asked: [String] { hosts.withLock { $0 } }

        func send(_ url: HTTPURL) async -> Int {
            hosts.withLock { $0.append(url.host) }
            if url.host == "dead" { await gate.pass() }
            return 200
        }
    }

    /// The numbers of requests whose turn has come.
    private final class Order: Sendable {
        let numbers = Mutex<[Int]>([])
    }

    private let network = Network()
    private let sender: WebhookSender

    init() {
        let network = network
        sender = WebhookSender(send: { request, _, _ in await network.send(request.url) }, pause: { _ in false })
    }

    /// Returns messages of as many groups to a host as are asked for.
    private func messages(to host: String, _ count: Int, patience: Int64 = 60_000) throws -> [AlertNotification] {
        let text =
            "route: {receiver: a, group_by: [n], group_wait: 0s, group_interval: 1m}\nreceivers: [{name: a, webhook_configs: [{url: 'http://\(host)/'}]}]"
        var dispatcher = AlertDispatcher(try RoutingFileReader.routing(Array(text.utf8), file: "a.yml"), externalURL: "http://console")
        dispatcher.take(
            (0..<count).map { number in
                SentAlert(
                    labels: LabelSet([.init("alertname", "A"), .init("n", "\(number)")]), annotations: [], startsAt: 1, endsAt: nil,
                    generatorURL: "", updatedAt: 1)
            }, at: 1)
        return dispatcher.flush(at: 1, SilenceList()).map { one in
            AlertNotification(
                key: one.key, group: one.group, webhook: one.webhook, message: one.message, firing: one.firing, resolved: one.resolved,
                repeatInterval: one.repeatInterval, patience: patience, time: one.time)
        }
    }

    @Test("POC-33: a receiver that does not answer has a few requests at once, and keeps no message from another one")
    func deadReceiverHoldsUpNoOther() async throws {
        let (dead, alive) = (try messages(to: "dead", 100), try messages(to: "alive", 20))
        await withTaskGroup(of: Bool.self) { group in
            for message in dead { group.addTask { await sender.deliver(message) } }
            #expect(await eventually { network.gate.arrivals == WebhookSender.requestsOfAddress })
            for message in alive { #expect(await sender.deliver(message)) }
            #expect(network.asked.count { $0 == "dead" } == WebhookSender.requestsOfAddress)
            #expect(await eventually { sender.counts["a"]?.waiting == dead.count })
            network.gate.open()
            for await isDelivered in group { #expect(isDelivered) }
        }
        #expect(network.asked.count == 120 && sender.counts["a"]?.waiting == 0)
    }

    @Test("a message whose turn does not come in its time is given up, and its group tries again with its next turn")
    func messageThatWaitsTooLongIsGivenUp() async throws {
        let (first, late) = (try messages(to: "dead", WebhookSender.requestsOfAddress), try messages(to: "dead", 3, patience: 0))
        await withTaskGroup(of: Bool.self) { group in
            for message in first { group.addTask { await sender.deliver(message) } }
            #expect(await eventually { network.gate.arrivals == WebhookSender.requestsOfAddress })
            await withTaskGroup(of: Bool.self) { waiting in
                for message in late { waiting.addTask { await sender.deliver(message) } }
                #expect(await eventually { sender.turns.waitingCount(late[0].webhook.url.authority) == late.count })
                network.gate.open()
                for await isDelivered in waiting { #expect(!isDelivered) }
            }
            for await isDelivered in group { #expect(isDelivered) }
        }
        let counts = try #require(sender.counts["a"])
        #expect(counts.sent == first.count && counts.failed == late.count && network.asked.count == first.count)
    }

    @Test("turns of an address pass on in order, those whose time is over are refused, and none is left")
    func turnsPassOnInOrder() async {
        let turns = WebhookTurns(count: 1, maximumWaiting: 3)
        let order = Order()
        #expect(await turns.begin("a", until: .never) == .begun)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<3 {
                let deadline = number == 1 ? Deadline.after(.zero) : .never
                group.addTask {
                    guard await turns.begin("a", until: deadline) == .begun else { return }
                    order.numbers.withLock { $0.append(number) }
                    turns.end("a")
                }
                #expect(await eventually { turns.waitingCount("a") == number + 1 })
            }
            #expect(await turns.begin("a", until: .never) == .refused, "Three wait already.")
            #expect(await turns.begin("b", until: .never) == .begun, "Another address has turns of its own.")
            turns.end("a")
        }
        #expect(order.numbers.withLock { $0 } == [0, 2] && turns.waitingCount("a") == 0)
        #expect(await turns.begin("a", until: .never) == .begun)
        turns.close()
        #expect(await turns.begin("c", until: .never) == .closed)
    }

    @Test("a stop ends messages that wait for their turns, and is no failure of the receiver")
    func stopIsNoFailure() async throws {
        let (first, waiting) = (try messages(to: "dead", WebhookSender.requestsOfAddress), try messages(to: "dead", 3))
        await withTaskGroup(of: Bool.self) { group in
            for message in first { group.addTask { await sender.deliver(message) } }
            #expect(await eventually { network.gate.arrivals == WebhookSender.requestsOfAddress })
            await withTaskGroup(of: Bool.self) { others in
                for message in waiting { others.addTask { await sender.deliver(message) } }
                #expect(await eventually { sender.turns.waitingCount(waiting[0].webhook.url.authority) == waiting.count })
                sender.stop()
                for await isDelivered in others { #expect(!isDelivered) }
            }
            network.gate.open()
            for await isDelivered in group { #expect(isDelivered) }
        }
        #expect(sender.counts["a"] == WebhookSender.Counts(sent: first.count))
    }
}
