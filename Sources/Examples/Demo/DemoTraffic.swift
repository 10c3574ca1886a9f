// Gentle traffic that goes on after the demo's own requests.

import ExampleSupport
import Telemetry

/// Sends a request to each system every half second, faults among them, so that every view of the console has something to show.
///
/// What is made is unmade again or stays within a fixed set of names, so that nothing grows.
struct DemoTraffic: Sendable {
    /// The `User-Agent` of these requests, by which the collector leaves their traces out of the terminal.
    static let userAgent = "telemetry-demo-traffic"
    private static let pause = Duration.milliseconds(500)

    /// A request of one system.
    struct Request: Sendable, Equatable {
        let service: DemoService.Role
        var method = "GET"
        let path: String
        var body: String?
        /// The name of the user whose token is sent.
        var user: String?
        /// The name under which the `id` of the answer is kept for later requests, in whose paths it stands for `{name}`.
        var keeps: String?
    }

    let systems: [DemoSystem]
    let setup: DemoSetup
    let transport: any Transport

    /// Sends requests until the task is cancelled or a signal comes.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for system in systems { group.addTask { await run(system) } }
        }
    }

    private func run(_ system: DemoSystem) async {
        var kept: [String: String] = [:]
        while true {
            for request in Self.round(of: system.name) {
                guard !Task.isCancelled, !StopSignal.hasCome else { return }
                await send(request, &kept)
                try? await Task.sleep(for: Self.pause)
            }
        }
    }

    private func send(_ request: Request, _ kept: inout [String: String]) async {
        var headers: HTTPHeaders = ["User-Agent": Self.userAgent]
        if request.body != nil { headers["Content-Type"] = "application/json" }
        if let user = request.user { headers["Authorization"] = kept["token of \(user)"] ?? "" }
        let path = kept.reduce(request.path) { $0.replacing("{\($1.key)}", with: $1.value) }
        // What comes of a request is for the console to show; a service that has ended is noticed elsewhere.
        guard
            let answer = try? await transport.send(
                request.method, setup.url(request.service) + path, headers: headers, body: Array((request.body ?? "").utf8)),
            let json = try? JSONValue(parsing: answer.body)
        else { return }
        if request.path == "/auth/login", let token = json["token"]?.stringValue { kept["token of ada"] = token }
        if let name = request.keeps, let id = json["id"] { kept[name] = id.stringValue ?? id.description }
    }
}

extension DemoTraffic {
    /// One round of requests of a system, some of which are refused or fail.
    static func round(of system: String) -> [Request] {
        switch system {
        case "albums": albums
        case "tweets": tweets
        case "spaceports": spaceports
        case "hello-world": helloWorld
        default: apollo11
        }
    }

    private static var albums: [Request] {
        let id = Int.random(in: 100...140)
        let others: [Request] = [
            Request(service: .proxy, path: "/albums"),
            // Refused once the album is there.
            Request(
                service: .proxy, method: "POST", path: "/albums",
                body: "{\"id\":\(id),\"title\":\"Volume \(id)\",\"artist\":\"The Demo\",\"price\":9.5}"),
            Request(service: .proxy, path: "/albums/666"),
            Request(service: .proxy, path: "/albums/X"),
            Request(service: .proxy, path: "/artists"),
        ]
        return (1...6).map { Request(service: .proxy, path: "/albums/\(($0 + id) % 3 + 1)") } + others
    }

    /// A log-in computes the hash of a password, which is what takes longest of all.
    private static let tweets: [Request] = [
        Request(
            service: .auth, method: "POST", path: "/auth/login", body: #"{"email":"ada@example.com","password":"correct horse"}"#),
        Request(service: .tweet, method: "POST", path: "/tweet", body: #"{"text":"Hello again"}"#, user: "ada", keeps: "tweet"),
        Request(service: .tweet, path: "/tweet/{tweet}", user: "ada"),
        Request(service: .tweet, path: "/tweet/{tweet}", user: "ada"),
        Request(service: .tweet, method: "DELETE", path: "/tweet/{tweet}", user: "ada"),
        Request(service: .tweet, path: "/tweet/{tweet}", user: "ada"),
        Request(service: .auth, method: "POST", path: "/auth/login", body: #"{"email":"ada@example.com","password":"wrong horse"}"#),
        Request(service: .tweet, path: "/tweet/1"),
    ]

    /// The spaceport has room for one ship: the second one is refused, and one looks for a spaceport that is not there.
    private static let spaceports: [Request] = [
        Request(service: .enterprise, method: "POST", path: "/dock/deepspace9-spaceport"),
        Request(service: .voyager, method: "POST", path: "/dock/deepspace9-spaceport"),
        Request(service: .enterprise, method: "POST", path: "/separate/deepspace9-spaceport"),
        Request(service: .voyager, method: "POST", path: "/dock/deepspace9-spaceport"),
        Request(service: .enterprise, method: "POST", path: "/dock/deepspace9-spaceport"),
        Request(service: .voyager, method: "POST", path: "/separate/deepspace9-spaceport"),
        Request(service: .voyager, method: "POST", path: "/dock/127.0.0.1:1"),
        Request(service: .spaceport, method: "POST", path: "/dock", body: #"{"id":"X","passengers":"many"}"#),
        Request(service: .ledger, path: "/totals"),
        Request(service: .ledger, path: "/events?outcome=refused"),
    ]

    /// Of the messages that are published one after another the last one can be read; what has no signature, or no session, is refused.
    private static let helloWorld: [Request] = [
        Request(service: .helloWorld, path: "/"),
        Request(service: .helloWorld, path: "/messages/last"),
        Request(service: .helloWorld, path: "/messages?limit=5"),
        Request(service: .helloWorld, path: "/messages?limit=many"),
        Request(service: .helloWorld, method: "POST", path: "/sns", body: #"{"Type":"Notification"}"#),
        Request(
            service: .accounts, method: "POST", path: "/api/v1/auth/login",
            body: #"{"email":"ada@example.com","password":"correct horse"}"#),
        Request(
            service: .accounts, method: "POST", path: "/api/v1/auth/login", body: #"{"email":"ada@example.com","password":"wrong horse"}"#),
        Request(service: .books, path: "/api/v1/books"),
    ]

    private static let apollo11: [Request] = [
        Request(service: .dashboard, path: "/commands"),
        Request(service: .telemetry, path: "/data?limit=1"),
        Request(service: .dashboard, method: "POST", path: "/command", body: #"{"command":"PAUSE_MISSION"}"#),
        Request(service: .dashboard, method: "POST", path: "/command", body: #"{"command":"START_MISSION"}"#),
        Request(service: .dashboard, method: "POST", path: "/command", body: #"{"command":"EMERGENCY_STOP"}"#),
        // The stopped module cannot execute it: the request succeeds, and its execution fails.
        Request(service: .dashboard, method: "POST", path: "/command", body: #"{"command":"START_MISSION"}"#),
        Request(service: .dashboard, method: "POST", path: "/command", body: #"{"command":"RESET_SYSTEM"}"#),
        Request(service: .dashboard, method: "POST", path: "/command", body: #"{"command":""}"#),
        Request(
            service: .telemetry, method: "POST", path: "/input",
            body: #"{"timestamp":"1969-07-20T20:17:40Z","position":"north","speed":1.65}"#),
    ]
}
