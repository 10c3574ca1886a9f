// The script of the demo for ships that dock at a spaceport, and for the ledger that records it.

extension DemoStep {
    static let spaceports: [DemoStep] = [
        DemoStep(
            service: .enterprise, title: "a ship asks for a code and docks", method: "POST", path: "/dock/deepspace9-spaceport",
            status: 200, trace: voyage("enterprise-spaceship", "dock", "docking"),
            note: "One trace over both services: the ship calls the spaceport twice."),
        DemoStep(
            service: .enterprise, title: "the same ship docks again: that is refused", method: "POST", path: "/dock/deepspace9-spaceport",
            status: 400, trace: voyage("enterprise-spaceship", "dock", "docking")),
        DemoStep(
            service: .voyager, title: "another ship, and the spaceport holds one", method: "POST", path: "/dock/deepspace9-spaceport",
            status: 400, trace: voyage("voyager-spaceship", "dock", "docking"),
            note: "The trace says why: `spa.refusal.reason` is on the refused step, whose status is Error, and on the ship's own span."),
        DemoStep(
            service: .voyager, title: "a ship that is not docked separates", method: "POST", path: "/separate/deepspace9-spaceport",
            status: 400, trace: voyage("voyager-spaceship", "separate", "separation")),
        DemoStep(
            service: .enterprise, title: "the docked ship separates", method: "POST", path: "/separate/deepspace9-spaceport",
            status: 200, trace: voyage("enterprise-spaceship", "separate", "separation")),
        DemoStep(
            service: .voyager, title: "now there is room", method: "POST", path: "/dock/deepspace9-spaceport", status: 200,
            trace: voyage("voyager-spaceship", "dock", "docking")),
        DemoStep(
            service: .spaceport, title: "a body that is no ship", method: "POST", path: "/dock", body: #"{"id":"X","passengers":"many"}"#,
            status: 422, trace: .server("deepspace9-spaceport", "POST /dock")),
        DemoStep(
            service: .voyager, title: "a spaceport that is not there", method: "POST", path: "/dock/127.0.0.1:1", status: 500,
            trace: .server("voyager-spaceship", "POST /dock/{spaceport}", .client("voyager-spaceship", "GET"))),
        DemoStep(
            service: .ledger, title: "what the ledger has of all that", path: "/totals", status: 200,
            trace: .server("ledger", "GET /totals", .client("ledger", "SELECT ledger_events")),
            awaitedText: #""docked":2,"separated":1,"refused":3"#,
            note: "The spaceport sends its events as OTLP log records; the ledger keeps each once, with the identifier of its trace."),
        DemoStep(
            service: .ledger, title: "the refusals of one ship", path: "/events?ship=voyager-spaceship&outcome=refused", status: 200,
            trace: .server("ledger", "GET /events", .client("ledger", "SELECT ledger_events"))),
    ]

    /// Returns the trace of a dock or separate: the ship's request, its two calls, and the spaceport's part of each.
    private static func voyage(_ ship: String, _ action: String, _ request: String) -> ExpectedSpan {
        .server(
            ship, "POST /\(action)/{spaceport}",
            .client(ship, "GET", .server("deepspace9-spaceport", "GET /request_\(request)/{ship_id}")),
            .client(ship, "POST", .server("deepspace9-spaceport", "POST /\(action)")))
    }
}
