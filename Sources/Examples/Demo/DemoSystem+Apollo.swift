// Apollo 11 as a system of the demo.

extension DemoSystem {
    static let apollo11 = DemoSystem(
        name: "apollo11", title: "the lunar module, its telemetry, the dispatcher, the timeline and the dashboard",
        roles: [.telemetry, .lunarModule, .dispatcher, .timeline, .dashboard], steps: { _ in DemoStep.apollo11 },
        variables: { role, setup in
            // A variable of this process must not lead to another database.
            let database = ["DATABASE_URL": "sqlite:\(setup.folder)/\(role).db"]
            switch role {
            case .lunarModule: return database.merging(["TELEMETRY_URL": setup.url(.telemetry)]) { $1 }
            case .timeline: return database.merging(["COMMAND_DISPATCHER_URL": setup.url(.dispatcher)]) { $1 }
            case .dispatcher: return ["LUNAR_MODULE_URL": setup.url(.lunarModule)]
            case .dashboard:
                return [
                    "TELEMETRY_URL": setup.url(.telemetry), "TIMELINE_URL": setup.url(.timeline),
                    "COMMAND_DISPATCHER_URL": setup.url(.dispatcher),
                ]
            default: return database
            }
        },
        suggestions: { setup in
            [
                "xdg-open \(setup.url(.dashboard))/",
                "curl \(setup.url(.dashboard))/command --json '{\"command\":\"PAUSE_MISSION\"}'",
                "curl \(setup.url(.timeline))/input --json '{\"name\":\"START_MISSION\"}'",
                "curl \(setup.url(.lunarModule))/commands",
            ]
        })
}
