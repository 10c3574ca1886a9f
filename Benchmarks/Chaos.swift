// The chaos run: forks and receiver restarts while spans are recorded, with exact accounts at the end.

import Glibc
import Synchronization
import Telemetry

/// A seeded run of forks, receiver restarts and short connection losses.
struct Chaos {
    private enum Event: CaseIterable { case forkToDrop, forkToExport, death, flap }

    private static let spansInChild = 500
    private static let fork = dlsym(nil, "fork").map { unsafeBitCast($0, to: (@convention(c) () -> Int32).self) }

    private let count: Int
    private let seed: UInt64

    /// Parses `--chaos EVENTS [--seed N]`; returns nil for other arguments.
    init?(_ arguments: [String]) {
        guard let parsed = SoakArguments("--chaos", arguments) else { return nil }
        (count, seed) = (parsed.extent, parsed.seed)
    }

    /// Runs, reports, and returns whether every span is accounted for, in this process and in all children.
    func run() async throws -> Bool {
        guard let receiver = SoakReceiver(seed: seed), let receiverOfChildren = SoakReceiver(seed: seed), Self.fork != nil else {
            print("There is no port to listen on, or no way to fork.")
            return false
        }
        receiverOfChildren.beGood()
        let messages = MessageCount()
        Diagnostics.setHandler { _ in messages.add() }
        let telemetry = try Self.start(port: receiver.port)
        // The Swift runtime takes locks on first uses, so the child must not use anything for the first time.
        let warm = try Self.start(port: receiverOfChildren.port)
        guard Self.recordAndEnd(warm) == Self.spansInChild else {
            print("Nothing can be exported.")
            return false
        }
        // The connection is closed, since the receiver serves one at a time.
        _ = await warm.shutdown()
        print("\(count) events under load from \(SoakLoad.threadCount) threads, seed \(seed)")
        let outcome = Mutex(Outcome())
        let produced = await SoakLoad.run(telemetry.tracer("soak"), seed: seed) { [self] in
            let result = events(telemetry, receiver, portOfChildren: receiverOfChildren.port)
            outcome.withLock { $0 = result }
        }
        receiver.beGood()
        let result = await telemetry.shutdown(within: .seconds(60))
        receiver.end()
        receiverOfChildren.end()
        guard let health = telemetry.health.pipelines.first else { return false }
        let report = SoakReport(produced: produced, health: health, tally: receiver.tally, isComplete: result != .timedOut)
        let outcomes = outcome.withLock { $0 }
        print(report.text)
        print("events: \(Event.allCases.map { "\($0) \(outcomes.counts[$0] ?? 0)" }.joined(separator: ", "))")
        let forks = outcomes.forks.sorted()
        if let longest = forks.last { print("a fork took \(forks[forks.count / 2] / 1000) us, and \(longest / 1000) us at most") }
        print("diagnostics: \(messages.value)")
        let expected = Self.spansInChild * ((outcomes.counts[.forkToExport] ?? 0) + 1)
        var faults = report.disagreements + outcomes.faults
        if receiverOfChildren.tally.acknowledged != expected {
            faults.append("children exported \(expected) spans, and their receiver acknowledged \(receiverOfChildren.tally.acknowledged)")
        }
        for fault in faults { print("WRONG: \(fault)") }
        return faults.isEmpty
    }

    private struct Outcome {
        var counts: [Event: Int] = [:]
        var faults: [String] = []
        /// The duration of each fork in nanoseconds.
        var forks: [UInt64] = []
    }

    private static func start(port: UInt16) throws -> TelemetrySystem {
        let exporter = OTLPSpanExporter(
            endpoint: "http://127.0.0.1:\(port)",
            options: OTLPOptions(
                timeout: .seconds(3), retry: RetryPolicy(initialDelay: .milliseconds(20), maximumDelay: .milliseconds(500))))
        return try TelemetrySystem.start(
            resource: .service("chaos"), sampler: .alwaysOn,
            spans: [.batch(exporter, options: BatchOptions(scheduleDelay: .milliseconds(200)))], metrics: [], logs: [], environment: [:])
    }

    /// Triggers the events one after another, each after spans were exported since the last.
    private func events(_ telemetry: TelemetrySystem, _ receiver: SoakReceiver, portOfChildren: UInt16) -> Outcome {
        var outcome = Outcome()
        var generator = SoakRandom(seed: seed)
        for _ in 0..<count {
            guard let event = Event.allCases.randomElement(using: &generator) else { break }
            outcome.counts[event, default: 0] += 1
            switch event {
            case .forkToDrop:
                let status = Self.inChild(&outcome) {
                    for _ in 0..<Self.spansInChild { SpanRows.fiveAttributes(telemetry.tracer("soak")) }
                    guard let health = telemetry.health.pipelines.first else { return 2 }
                    let isExact = health.dropped == [.alreadyShutDown: UInt64(Self.spansInChild)] && health.waiting == 0
                    return isExact && health.accepted == UInt64(Self.spansInChild) ? 0 : 3
                }
                if status != 0 { outcome.faults.append("a child that drops ended with \(status)") }
            case .forkToExport:
                let status = Self.inChild(&outcome) {
                    guard let own = try? Self.start(port: portOfChildren) else { return 2 }
                    return Self.recordAndEnd(own) == Self.spansInChild ? 0 : 3
                }
                if status != 0 { outcome.faults.append("a child that exports ended with \(status)") }
            case .death: receiver.fail(forMilliseconds: [300 + Int(generator.next() % 700)])
            case .flap: receiver.fail(forMilliseconds: [5, 20, 5])
            }
            let exported = telemetry.health.pipelines.first?.exported ?? 0
            let deadline = Measurement.monotonic() + 10_000_000_000
            while !receiver.hasFailed || telemetry.health.pipelines.first?.exported == exported {
                if Measurement.monotonic() > deadline { break }
                usleep(2000)
            }
        }
        return outcome
    }

    /// Records spans, shuts down and returns the number of exported ones; without the cooperative pool, which a child lacks.
    private static func recordAndEnd(_ telemetry: TelemetrySystem) -> Int {
        for _ in 0..<spansInChild { SpanRows.fiveAttributes(telemetry.tracer("soak")) }
        let deadline = Measurement.monotonic() + 20_000_000_000
        while telemetry.health.pipelines.first?.waiting != 0, Measurement.monotonic() < deadline { usleep(1000) }
        return Int(telemetry.health.pipelines.first?.exported ?? 0)
    }

    /// Runs the body in a forked child; returns its exit status, or minus the signal that ended it.
    private static func inChild(_ outcome: inout Outcome, _ body: () -> Int32) -> Int32 {
        guard let fork else { return -1 }
        let start = Measurement.monotonic()
        let child = fork()
        if child == 0 { _exit(body()) }
        outcome.forks.append(Measurement.monotonic() - start)
        guard child > 0 else { return -1 }
        var status: Int32 = 0
        let deadline = Measurement.monotonic() + 60_000_000_000
        while waitpid(child, &status, WNOHANG) == 0 {
            if Measurement.monotonic() > deadline { kill(child, SIGKILL) }
            usleep(500)
        }
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : -(status & 0x7F)
    }
}
