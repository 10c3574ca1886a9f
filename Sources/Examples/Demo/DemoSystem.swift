// The systems that the demo offers: which services each has, how they are started, and what is shown of them.

import ExampleSupport

/// A system of services, with the requests that show it.
struct DemoSystem: Sendable {
    /// The word that `SYSTEM` has for it.
    let name: String
    /// What is started, in a sentence.
    let title: String
    /// Its services in the order of their start.
    let roles: [DemoService.Role]
    /// Its requests, which depend on whether there is a Redis, of which host and port are given.
    let steps: @Sendable (_ redis: String?) -> [DemoStep]
    /// The variables of a service beside those that all services get.
    let variables: @Sendable (DemoService.Role, DemoSetup) -> [String: String]
    /// Commands to try while the services run.
    let suggestions: @Sendable (DemoSetup) -> [String]

    static let all = [albums, tweets, spaceports, apollo11, helloWorld]

    /// Returns the systems that `SYSTEM` names, separated by commas; all of them if it is not set. `SIDECAR=1` sets a sidecar before the
    /// album store.
    static func selected(_ environment: ServiceEnvironment) throws(StartFailure) -> [DemoSystem] {
        let names = try environment.words("SYSTEM", among: all.map(\.name))
        let hasSidecar = try environment.choice("SIDECAR", "1", or: "0", default: false)
        if hasSidecar, !names.isEmpty, !names.contains(albums.name) {
            throw StartFailure(
                .configuration, "SIDECAR=1 sets a sidecar before the album store, and SYSTEM has no albums; it must be albums or more.")
        }
        return all.filter { names.isEmpty || names.contains($0.name) }.map {
            hasSidecar && $0.name == albums.name ? albumsBehindSidecar : $0
        }
    }
}

/// What the variables of services are made of.
struct DemoSetup: Sendable {
    let services: [DemoService.Role: DemoService]
    /// A folder for databases and the like, which ends with the demo.
    let folder: String
    /// Where the users and tweets are; nil for a file in the folder.
    let databaseURL: String?
    /// A secret for tokens, which nothing outside of this demo knows.
    let secret: String
    /// Where the last message and open sessions are; nil where no Redis is installed, or no system has one.
    let redis: RedisProcess?

    func url(_ role: DemoService.Role) -> String { services[role]?.url ?? "" }

    /// The host and port of a service.
    func location(_ role: DemoService.Role) -> String { String(url(role).dropFirst("http://".count)) }
}

extension DemoSystem {
    static let albums = DemoSystem(
        name: "albums", title: "the album store and its proxy", roles: [.albumStore, .proxy],
        steps: { _ in DemoStep.albums(behindSidecar: false) },
        variables: { role, setup in role == .proxy ? ["ALBUM_STORE_URL": setup.url(.albumStore)] : [:] },
        suggestions: { setup in
            let proxy = setup.url(.proxy)
            return [
                "curl \(proxy)/albums/2",
                "curl \(proxy)/albums -d \\\n  '{\"id\":11,\"title\":\"Kind of Blue\",\"artist\":\"Miles Davis\",\"price\":45.5}'",
                "curl \(setup.url(.albumStore))/v3/api-docs/openapi.json",
            ]
        })

    static let tweets = DemoSystem(
        name: "tweets", title: "auth and tweets", roles: [.auth, .tweet], steps: { _ in DemoStep.tweets },
        variables: { role, setup in
            // A variable of this process must not lead to another database. Counting requests in one that replicas share takes
            // statements, which the traces then have besides those of the requests themselves.
            let shared = [
                "DATABASE_URL": setup.databaseURL ?? "", "DATABASE_FILE": "\(setup.folder)/twitter.db", "RATE_LIMIT": "0",
            ]
            let own = role == .auth ? ["JWT_SECRET": setup.secret] : ["AUTH_URL": setup.url(.auth)]
            return shared.merging(own) { $1 }
        },
        suggestions: { setup in
            [
                "curl \(setup.url(.auth))/auth/login --json \\\n  '{\"email\":\"ada@example.com\",\"password\":\"correct horse\"}'",
                "curl \(setup.url(.tweet))/tweet/1 -H \"Authorization: TOKEN\"",
            ]
        })

    /// One spaceport that holds one ship, and two ships: the second is refused.
    static let spaceports = DemoSystem(
        name: "spaceports", title: "the ledger, a spaceport and two ships", roles: [.ledger, .spaceport, .enterprise, .voyager],
        steps: { _ in DemoStep.spaceports },
        variables: { role, setup in
            switch role {
            case .ledger: ["DATABASE_URL": "sqlite:\(setup.folder)/ledger.db"]
            case .spaceport:
                [
                    "INSTANCE_NAME": setup.services[role]?.name ?? "", "VERSION": "v2-correlated", "DOCKING_LIMIT": "1",
                    "LEDGER_URL": setup.url(.ledger), "LEDGER_SPOOL": "\(setup.folder)/spool",
                ]
            default:
                [
                    "INSTANCE_NAME": setup.services[role]?.name ?? "", "SHIP_ID": setup.services[role]?.name ?? "",
                    "VERSION": "v2-correlated", "SPACEPORTS": "deepspace9-spaceport=\(setup.location(.spaceport))",
                ]
            }
        },
        suggestions: { setup in
            [
                "curl -X POST \(setup.url(.voyager))/dock/deepspace9-spaceport",
                "curl -X POST \(setup.url(.enterprise))/separate/deepspace9-spaceport",
                "curl '\(setup.url(.ledger))/events?outcome=refused'",
            ]
        })
}
