// The script of the demo for Apollo 11.

extension DemoStep {
    static let apollo11: [DemoStep] = [
        DemoStep(
            service: .telemetry, title: "the first reading of the lunar module", path: "/data?limit=1", status: 200,
            trace: .server("spacecraft-telemetry", "GET /data", .client("spacecraft-telemetry", "SELECT telemetry")),
            awaitedText: #""OK""#,
            note: "Each reading has a trace of its own, which begins in the module's loop: no request stands behind it."),
        DemoStep(
            service: .telemetry, title: "a reading that is none: refused before the database is asked", method: "POST", path: "/input",
            body: #"{"timestamp":"1969-07-20T20:17:40Z","position":"north","speed":1.65}"#, status: 422,
            trace: .server("spacecraft-telemetry", "POST /input")),
        DemoStep(
            service: .dashboard, title: "the emergency button", method: "POST", path: "/command", body: #"{"command":"EMERGENCY_STOP"}"#,
            status: 200, trace: command(changesState: true),
            note: "One trace from the button to its effect: the command carries its context through the queue."),
        DemoStep(
            service: .dashboard, title: "a start that the stopped module cannot execute", method: "POST", path: "/command",
            body: #"{"command":"START_MISSION"}"#, status: 200, trace: command(changesState: false),
            note: "It was saved, so that the answer is 200. That it failed is on the span of the execution, with the reason."),
        DemoStep(
            service: .dashboard, title: "what came of the commands", path: "/commands", status: 200, trace: listing,
            awaitedText: "stopped in an emergency"),
        DemoStep(
            service: .timeline, title: "an event that is due at once, named like a command", method: "POST", path: "/input",
            body: #"{"name":"RESET_SYSTEM"}"#, status: 201,
            trace: .server("mission-timeline", "POST /input", .client("mission-timeline", "INSERT events")),
            note: "Its launch is another trace, which has a link to this one: an event may be launched days later."),
        DemoStep(
            service: .dashboard, title: "the event was launched on the module", path: "/commands", status: 200, trace: listing,
            awaitedText: #"RESET_SYSTEM</span> <span class="badge good">COMPLETED"#),
        DemoStep(
            service: .dashboard, title: "a command without a name", method: "POST", path: "/command", body: #"{"command":""}"#, status: 400,
            trace: .server("mission-dashboard", "POST /command")),
    ]

    /// Returns the trace of a command: dashboard, dispatcher and lunar module, and the execution in the module.
    private static func command(changesState: Bool) -> ExpectedSpan {
        let statements = ["BEGIN", "UPDATE module", "UPDATE commands"] + (changesState ? ["UPDATE module"] : []) + ["COMMIT"]
        let execution = ExpectedSpan(
            service: "lunar-module", name: "process lunar-commands", kind: "consumer",
            children: statements.map { .client("lunar-module", $0) })
        let queueing = ExpectedSpan(
            service: "lunar-module", name: "send lunar-commands", kind: "producer",
            children: [.client("lunar-module", "INSERT commands"), execution])
        return .server(
            "mission-dashboard", "POST /command",
            .client(
                "mission-dashboard", "POST /dispatch",
                .server(
                    "command-dispatcher", "POST /dispatch",
                    .client("command-dispatcher", "POST /command", .server("lunar-module", "POST /command", queueing)))))
    }

    /// The trace of the list of commands, which the dashboard asks the dispatcher for, and the dispatcher the lunar module.
    private static let listing = ExpectedSpan.server(
        "mission-dashboard", "GET /commands",
        .client(
            "mission-dashboard", "GET /commands",
            .server(
                "command-dispatcher", "GET /commands",
                .client(
                    "command-dispatcher", "GET /commands",
                    .server(
                        "lunar-module", "GET /commands", .client("lunar-module", "SELECT module"),
                        .client("lunar-module", "SELECT commands"))))))
}
