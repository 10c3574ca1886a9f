// Executes commands in the order of their arrival.

import ExampleSupport
import Telemetry

/// Does the commands that wait, and records their latency: `command_latency`, `queue_depth`.
///
/// What a command does and that it is done are committed together, so that each is executed once, whenever the process ends.
struct CommandExecutor: Sendable {
    static let queue = "lunar-commands"
    static let sendName = "send \(queue)"
    private static let processName = "process \(queue)"
    /// Commands that are committed together.
    private static let batchSize = 64

    private let commands: CommandStore
    private let telemetry: ServiceTelemetry
    private let clock: TelemetryClock
    private let latency: Histogram<Double>

    init(_ commands: CommandStore, _ telemetry: ServiceTelemetry, clock: TelemetryClock) {
        self.commands = commands
        self.telemetry = telemetry
        self.clock = clock
        latency = telemetry.meter.histogram(
            "command_latency", unit: "s", description: "Time from the arrival of a command to its end.",
            boundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60])
        telemetry.meter.observableUpDownCounter("queue_depth", unit: "{command}", description: "Commands that are not finished.") {
            $0.observe(commands.knownDepth)
        }
    }

    /// Executes all commands that wait.
    func round() async {
        do throws(DatabaseError) {
            // Looking for commands is frequent and finds none for the most part: its spans would bury the others.
            while !Task.isCancelled {
                let batch = try await Context.root.suppressed.run { () async throws(DatabaseError) in
                    let batch = try await commands.claim(Self.batchSize)
                    if batch.isEmpty { try await commands.countOpen() }
                    return batch
                }
                guard !batch.isEmpty else { return }
                try await execute(batch)
            }
        } catch {
            // They are claimed again when their lease has ended.
            telemetry.log.warn("commands are not executed", ["detail": .string("\(error)")])
        }
    }

    /// A command with its span, which goes on with the trace that the command came with.
    private struct Execution {
        let command: Command
        let context: Context
        var problem: String?
        /// The state that the command leaves the module in.
        var state = ModuleState.running
    }

    private func execute(_ batch: [Command]) async throws(DatabaseError) {
        var executions = batch.map { command in
            let origin = W3CTraceContextPropagator().extract(from: ["traceparent": command.traceParent], into: .root)
            let span = telemetry.tracer.startSpan(
                Self.processName, kind: .consumer, parent: origin, Self.processAttributes(command))
            return Execution(command: command, context: origin.with(span: span))
        }
        defer { for execution in executions { execution.context.span.end() } }
        let time = CalendarTime(clock.now)
        do throws(DatabaseError) {
            // The begin and the end of the transaction are in the trace of its first command.
            executions = try await executions[0].context.run { [executions] () async throws(DatabaseError) in
                try await commands.database.transaction { transaction async throws(DatabaseError) in
                    try await executed(executions, at: time, transaction)
                }
            }
        } catch {
            for execution in executions { execution.context.span.setStatus(.error("the command was not executed: \(error)")) }
            throw error
        }
        commands.noteFinished(executions.count)
        for execution in executions { record(execution, at: time) }
    }

    /// Executes commands one after the other within a transaction.
    private func executed(
        _ executions: [Execution], at time: CalendarTime, _ transaction: DatabaseTransaction
    ) async throws(DatabaseError) -> [Execution] {
        var executions = executions
        let before = try await ModuleStore.lockedState(transaction)
        var state = before
        for index in executions.indices {
            let command = executions[index].command
            do throws(CommandProblem) { state = try state.executing(command.type, command.parameters) } catch {
                executions[index].problem = error.text
            }
            executions[index].state = state
            let problem = executions[index].problem
            try await executions[index].context.run { () async throws(DatabaseError) in
                try await commands.finish(command, problem: problem, at: time, transaction)
            }
        }
        if state != before { try await ModuleStore.change(to: state, transaction) }
        return executions
    }

    private func record(_ execution: Execution, at time: CalendarTime) {
        let (command, span) = (execution.command, execution.context.span)
        let status: Command.Status = execution.problem == nil ? .completed : .failed
        span["lunar.command.status"] = .string(status.rawValue)
        span["lunar.state"] = .string(execution.state.rawValue)
        if let problem = execution.problem { span.setStatus(.error(problem)) }
        let known = ModuleCommand(rawValue: command.type)?.rawValue ?? "other"
        let seconds = Double(time.microsecondsSinceEpoch - command.timestamp.microsecondsSinceEpoch) / 1_000_000
        execution.context.run {
            latency.record(max(0, seconds), ["command_type": .string(known), "status": .string(status.rawValue)])
            let severity: LogSeverity = status == .completed ? .info : .warn
            telemetry.log.emit(
                severity, severityText: severity.shortName, body: status == .completed ? "command completed" : "command failed",
                attributes: ExecutedCommand(command: command, state: execution.state, problem: execution.problem))
        }
    }

    /// The attributes of the semantic conventions for messaging, and those of a command. All values are wrapped: a literal with bare
    /// variables takes a thousand instructions more.
    static func sendAttributes(_ type: String) -> AttributeLiteral {
        [
            "messaging.system": "lunar-module", "messaging.destination.name": .string(queue), "messaging.operation.name": "send",
            "messaging.operation.type": "send", "lunar.command.type": .string(type),
        ]
    }

    private static func processAttributes(_ command: Command) -> AttributeLiteral {
        [
            "messaging.system": "lunar-module", "messaging.destination.name": .string(queue), "messaging.operation.name": "process",
            "messaging.operation.type": "process", "messaging.message.id": .string(String(command.id)),
            "lunar.command.type": .string(command.type),
        ]
    }
}

/// The attributes of the log line of a command that has ended.
private struct ExecutedCommand: AttributeSource {
    let command: Command
    let state: ModuleState
    let problem: String?

    func forEachEntry(_ body: (String, AttributeValue) -> Void) {
        body("command.id", .int(Int64(command.id)))
        body("command.type", .string(command.type))
        body("lunar.state", .string(state.rawValue))
        if let problem { body("detail", .string(problem)) }
        if let event = command.parameters?["name"]?.stringValue { body("timeline.event.name", .string(event.recorded)) }
    }
}
