// The soak run: export under load to a receiver with random failures, with exact accounts at the end.

import Glibc
import Synchronization
import Telemetry

/// A seeded run of load and random failures.
struct Soak {
    private let seconds: Int
    private let seed: UInt64

    /// Parses `--soak SECONDS [--seed N]`; returns nil for other arguments.
    init?(_ arguments: [String]) {
        guard let parsed = SoakArguments("--soak", arguments) else { return nil }
        (seconds, seed) = (parsed.extent, parsed.seed)
    }

    /// Runs, reports, and returns whether every span is accounted for.
    func run() async throws -> Bool {
        guard let receiver = SoakReceiver(seed: seed) else {
            print("There is no port to listen on.")
            return false
        }
        let messages = MessageCount()
        Diagnostics.setHandler { _ in messages.add() }
        // Faults last up to seconds: the timeout is within that range, and far above the time of a slow answer.
        let exporter = OTLPSpanExporter(
            endpoint: "http://127.0.0.1:\(receiver.port)",
            options: OTLPOptions(
                timeout: .seconds(3), retry: RetryPolicy(initialDelay: .milliseconds(20), maximumDelay: .milliseconds(500))))
        let telemetry = try TelemetrySystem.start(
            resource: .service("soak"), sampler: .alwaysOn,
            spans: [.batch(exporter, options: BatchOptions(scheduleDelay: .milliseconds(200)))], environment: [:])
        print("\(seconds) s of load from \(SoakLoad.threadCount) threads, seed \(seed)")
        let before = Memory.resident
        let produced = await SoakLoad.run(telemetry.tracer("soak"), seed: seed) { [seconds] in sleep(UInt32(seconds)) }
        receiver.beGood()
        let result = await telemetry.shutdown(within: .seconds(60))
        receiver.end()
        guard let health = telemetry.health.pipelines.first else { return false }
        let report = SoakReport(produced: produced, health: health, tally: receiver.tally, isComplete: result != .timedOut)
        print(report.text)
        print("memory: \(before / 1024) KiB before, \(Memory.resident / 1024) KiB after, \(Memory.peak / 1024) KiB at most")
        print("diagnostics: \(messages.value)")
        for fault in report.disagreements { print("WRONG: \(fault)") }
        return report.disagreements.isEmpty
    }
}

/// The arguments of a run: its name, extent and seed, which is random by default.
struct SoakArguments {
    let extent: Int
    let seed: UInt64

    /// Parses `NAME EXTENT [--seed N]`; returns nil for other arguments.
    init?(_ name: String, _ arguments: [String]) {
        guard arguments.count >= 2, arguments[0] == name, let extent = Int(arguments[1]), extent > 0 else { return nil }
        self.extent = extent
        switch arguments.count {
        case 2: seed = .random(in: 0...999_999)
        case 4 where arguments[2] == "--seed":
            guard let seed = UInt64(arguments[3]) else { return nil }
            self.seed = seed
        default: return nil
        }
    }
}

/// Threads that end spans in bursts, some of which exceed the queue.
struct SoakLoad {
    static let threadCount = 2

    /// Ends spans until the work is done; returns their number.
    static func run(_ tracer: Tracer, seed: UInt64, while work: @escaping @Sendable () -> Void) async -> Int {
        let produced = Mutex(0)
        let isOver = Atomic(false)
        await Task.detached {
            let threads = (0..<threadCount).map { number in
                Thread.start {
                    var generator = SoakRandom(seed: seed &+ UInt64(number) &+ 1)
                    var count = 0
                    while !isOver.load(ordering: .relaxed) {
                        let burst = generator.next() % 50 == 0 ? 4000 : Int(generator.next() % 300)
                        for _ in 0..<burst { SpanRows.fiveAttributes(tracer) }
                        count += burst
                        usleep(UInt32(500 + generator.next() % 5000))
                    }
                    produced.withLock { $0 += count }
                }
            }
            work()
            isOver.store(true, ordering: .relaxed)
            threads.forEach(Thread.join)
        }.value
        return produced.withLock { $0 }
    }
}

/// A thread-safe counter.
final class MessageCount: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .relaxed) }

    func add() { count.wrappingAdd(1, ordering: .relaxed) }
}

/// The counts of sent, exported and dropped spans, and their mismatches.
struct SoakReport {
    let produced: Int
    let health: PipelineHealth
    let tally: SoakReceiver.Tally
    let isComplete: Bool

    var disagreements: [String] {
        var found: [String] = []
        func expect(_ isTrue: Bool, _ text: String) { if !isTrue { found.append(text) } }
        expect(isComplete, "the shutdown did not end in time")
        expect(health.accepted == UInt64(produced), "\(produced) spans were ended, and \(health.accepted) accepted")
        expect(
            health.accepted == health.exported + health.droppedCount,
            "accepted \(health.accepted) is not exported \(health.exported) and dropped \(health.droppedCount)")
        expect(
            health.exported == UInt64(tally.acknowledged),
            "\(health.exported) spans count as exported, and the receiver acknowledged \(tally.acknowledged)")
        expect(health.waiting == 0, "\(health.waiting) spans wait still")
        return found
    }

    var text: String {
        var lines = ["accepted \(health.accepted) = exported \(health.exported) + dropped \(health.droppedCount)"]
        for (reason, count) in health.dropped.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            lines.append("  dropped, \(reason.rawValue): \(count)")
        }
        lines.append("acknowledged by the receiver \(tally.acknowledged), refused within an answer \(tally.refused)")
        lines.append("connections \(tally.connections), retries \(health.retries)")
        lines.append("requests: " + Fault.allCases.map { "\($0) \(tally.faults[$0.rawValue])" }.joined(separator: ", "))
        if let failure = health.lastFailure { lines.append("last failure: \(failure.message)") }
        return lines.joined(separator: "\n")
    }
}
