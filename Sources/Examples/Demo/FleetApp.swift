// Runs a fleet: starts it, has its ships travel, and compares what they were told with what the ledger has.

import ExampleSupport
import Glibc
import Telemetry

/// A fleet of processes that end with this one.
struct FleetApp {
    /// What the fleet itself asks has no spans, so that those of the collector are those of the ships' requests alone.
    private static let unsampled: HTTPHeaders = ["traceparent": "00-0000000000000000000000000000000a-000000000000000a-00"]

    private let fleet: Fleet
    private let children: Children
    private let temporary: TemporaryFolder
    private let folder: String
    private let transport: any Transport = SocketTransport(timeout: .seconds(30))
    private let output = Output.standard
    private let recordsTelemetry: Bool

    init(_ environment: ServiceEnvironment, folder: String) throws(StartFailure) {
        self.folder = folder
        temporary = try TemporaryFolder()
        let logs = LogCheck(folder: environment["LOG_FOLDER"] ?? "\(folder)/logs")
        fleet = try Fleet(environment, folder: temporary.path, logFolder: logs.folder)
        try logs.prepare(fleet.members.map(\.name))
        children = try Children()
        recordsTelemetry = environment["OTEL_SDK_DISABLED"]?.lowercased() != "true"
    }

    /// Returns the exit status: 0 if everything was recorded.
    func run() async -> Int32 {
        defer {
            children.stop()
            temporary.remove()
        }
        do {
            try await start()
            guard fleet.duration > .zero else {
                invite()
                try await waitForEnd()
                return 0
            }
            output.line("\(fleet.ships.count) ships travel between \(fleet.spaceports.count) spaceports for \(fleet.duration).")
            let began = ContinuousClock.now
            let counts = await FleetStorm(fleet: fleet, transport: transport).run()
            let seconds = began.duration(to: .now) / .seconds(1)
            return try await report(counts, seconds: seconds) ? 0 : 1
        } catch {
            if StopSignal.hasCome { return 130 }
            Output.error.line("fleet: \(error)")
            return (error as? StartFailure)?.kind.rawValue ?? 1
        }
    }

    private func start() async throws {
        output.line("Starting \(fleet.members.count) processes: a collector, a ledger, spaceports and ships.")
        for member in fleet.members {
            // What else an environment says about databases and addresses is not meant for a fleet.
            try children.start(
                member.name, "\(folder)/\(member.program)", environment: member.variables,
                showsOutput: member.program == "Collector" && fleet.duration == .zero)
        }
        for member in fleet.members { try await waitForStart(of: member) }
    }

    private func waitForStart(of member: Fleet.Member) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while !StopSignal.hasCome {
            if let answer = try? await transport.send("GET", member.url + "/status", headers: Self.unsampled, body: []),
                answer.status == 200
            {
                return
            }
            if let (name, reason) = children.ended { throw StartFailure(.unavailable, "\(name) \(reason).") }
            guard ContinuousClock.now < deadline else {
                throw StartFailure(.unavailable, "\(member.name) does not answer at \(member.url)/status.")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw CancellationError()
    }

    private func get(_ url: String) async throws -> JSONValue {
        try JSONValue(parsing: try await transport.send("GET", url, headers: Self.unsampled, body: []).body)
    }

    /// Ends ships and spaceports, and prints what they did; returns whether ledger and collector have all of it.
    private func report(_ counts: FleetStorm.Counts, seconds: Double) async throws -> Bool {
        let memory = children.peakMemory
        try await waitForLedger(counts)
        // Their end has them deliver what they have recorded.
        let processorSeconds = children.stop(keeping: 2)
        let totals = try await get(fleet.ledger.url + "/totals")
        let status = try await get(fleet.collector.url + "/status")
        // A dock or separate is three requests, and five spans.
        let requests = 3 * counts.actions
        let perSecond = Double(requests) / seconds
        let microseconds = processorSeconds / Double(max(1, requests)) * 1e6
        output.line(
            "\(requests) requests in \(Self.rounded(seconds)) s, \(Int(perSecond)) a second; "
                + "\(Self.rounded(microseconds)) µs of processor time for each in ships and spaceports")
        for program in ["Spaceport", "Spaceship", "Ledger"] {
            let names = Set(fleet.members.filter { $0.program == program }.map(\.name))
            let largest = memory.filter { names.contains($0.name) }.map(\.kibibytes).max() ?? 0
            output.line("\(program): \(Self.rounded(Double(largest) / 1024)) MiB at most")
        }
        output.line("\(counts.docked) docked, \(counts.separated) separated, \(counts.refused) refused, \(counts.failed) failed")
        if let failure = counts.firstFailure { output.line("The first failure: \(failure)") }
        var isComplete = counts.failed == 0
        for (name, count) in [("docked", counts.docked), ("separated", counts.separated), ("refused", counts.refused)] {
            let recorded = totals[name]?.integerValue ?? -1
            if recorded != count { output.line("✗ The ledger has \(recorded) \(name), not \(count).") }
            isComplete = isComplete && recorded == count
        }
        guard recordsTelemetry else {
            if isComplete { output.line("✓ The ledger has every event once. Telemetry is off: there are no spans to compare.") }
            return isComplete
        }
        let spans = status["spans"]?.integerValue ?? -1
        if spans != 5 * counts.actions { output.line("✗ The collector has received \(spans) spans, not \(5 * counts.actions).") }
        isComplete = isComplete && spans == 5 * counts.actions
        if isComplete { output.line("✓ The ledger has every event once, and the collector has received all \(spans) spans.") }
        return isComplete
    }

    /// Waits until the ledger has all events: what a busy one did not take at once waits in the folders of the spaceports.
    private func waitForLedger(_ counts: FleetStorm.Counts) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline, !StopSignal.hasCome {
            let totals = try await get(fleet.ledger.url + "/totals")
            let recorded = ["docked", "separated", "refused"].map { totals[$0]?.integerValue ?? 0 }.reduce(0, +)
            if recorded >= counts.docked + counts.separated + counts.refused { return }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private func invite() {
        output.line("\nSpaceports:")
        for port in fleet.spaceports { output.line("  \(port.url)  \(port.name)") }
        output.line("Ships:")
        for ship in fleet.ships { output.line("  \(ship.url)  \(ship.name)") }
        output.line(
            """

            Try in another terminal:

              curl -X POST \(fleet.ships[0].url)/dock/\(fleet.spaceports[0].name)
              curl \(fleet.spaceports[0].url)/docked_ships
              curl '\(fleet.ledger.url)/events?ship=\(fleet.ships[0].name)'

            Ctrl-C ends the fleet.

            """)
    }

    private func waitForEnd() async throws {
        while !StopSignal.hasCome {
            if let (name, reason) = children.ended { throw StartFailure(.unavailable, "\(name) \(reason).") }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private static func rounded(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
