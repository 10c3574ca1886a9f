// The services that the demo starts, and where they listen.

import ExampleSupport

/// A process of the demo.
struct DemoService: Sendable {
    enum Role: Sendable, CaseIterable {
        case collector, albumStore, sidecar, proxy, auth, tweet, ledger, spaceport, enterprise, voyager
        case telemetry, lunarModule, dispatcher, timeline, dashboard
        case notifications, helloWorld, accounts, books
    }

    let role: Role
    /// The name of the program, and that of the service in traces and log lines.
    let program: String
    let name: String
    /// What the service is called in a sentence.
    let title: String
    /// The variable that sets its port.
    let variable: String
    let port: Int
    /// Where a sidecar takes the requests that it passes on; nil for any other service.
    let meshPort: Int?

    /// The ports that it listens on, each with what it is for and the variable that sets it.
    var ports: [(port: Int, title: String, variable: String)] {
        [(port, title, variable)] + (meshPort.map { [($0, "what \(title) passes on", "SIDECAR_MESH_PORT")] } ?? [])
    }

    var url: String { "http://127.0.0.1:\(port)" }

    init(_ role: Role, _ environment: ServiceEnvironment) throws(StartFailure) {
        let defaultPort: Int
        (program, name, title, variable, defaultPort) =
            switch role {
            case .collector: ("Collector", "collector", "the collector", "COLLECTOR_PORT", 4318)
            case .albumStore: ("AlbumStore", "album-store", "the album store", "ALBUM_STORE_PORT", 9080)
            case .sidecar: ("Sidecar", "sidecar", "the sidecar", "SIDECAR_PORT", 15_020)
            case .proxy: ("Proxy", "proxy-service", "the proxy", "PROXY_PORT", 9070)
            case .auth: ("Auth", "auth-service", "the auth service", "AUTH_PORT", 3000)
            case .tweet: ("Tweet", "tweet-service", "the tweet service", "TWEET_PORT", 4000)
            case .ledger: ("Ledger", "ledger", "the ledger", "LEDGER_PORT", 32100)
            case .spaceport: ("Spaceport", "deepspace9-spaceport", "the spaceport", "SPACEPORT_PORT", 32000)
            case .enterprise: ("Spaceship", "enterprise-spaceship", "the first ship", "ENTERPRISE_PORT", 32001)
            case .voyager: ("Spaceship", "voyager-spaceship", "the second ship", "VOYAGER_PORT", 32002)
            case .telemetry: ("SpacecraftTelemetry", "spacecraft-telemetry", "the telemetry service", "TELEMETRY_PORT", 8000)
            case .lunarModule: ("LunarModule", "lunar-module", "the lunar module", "LUNAR_MODULE_PORT", 8080)
            case .dispatcher: ("CommandDispatcher", "command-dispatcher", "the dispatcher", "DISPATCHER_PORT", 9000)
            case .timeline: ("MissionTimeline", "mission-timeline", "the timeline", "TIMELINE_PORT", 8081)
            // The auth service has the port that the dashboard has by itself.
            case .dashboard: ("MissionDashboard", "mission-dashboard", "the dashboard", "DASHBOARD_PORT", 3001)
            case .notifications: ("NotificationService", "infra-sns", "the notification service", "SNS_PORT", 4566)
            // By themselves these three have ports that are taken here.
            case .helloWorld: ("HelloWorld", "app-hello-world", "the hello-world service", "HELLO_WORLD_PORT", 3300)
            case .accounts: ("Accounts", "app-auth", "the accounts service", "ACCOUNTS_PORT", 3301)
            case .books: ("Books", "app-books", "the books service", "BOOKS_PORT", 3302)
            }
        self.role = role
        port = try environment.port(variable, default: defaultPort)
        meshPort = role == .sidecar ? try environment.port("SIDECAR_MESH_PORT", default: 15_006) : nil
    }
}
