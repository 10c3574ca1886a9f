// What the dashboard asks of the other services.

import ExampleSupport
import Telemetry

/// A row of the telemetry service's answer.
struct ShownReading: Sendable {
    let timestamp: CalendarTime
    /// Degrees round the Moon.
    let position: Double
    /// Kilometres a second.
    let speed: Double
    let status: String
    let received: CalendarTime
}

/// An event of the timeline.
struct ShownEvent: Sendable {
    let name: String
    let time: CalendarTime
}

/// A command of the lunar module.
struct ShownCommand: Sendable {
    let id: Int
    let type: String
    /// The name of the event that the command was launched for.
    let event: String?
    let status: String
    let detail: String?
    let timestamp: CalendarTime
}

/// The commands of the lunar module, and what it does at present.
struct ShownModule: Sendable {
    let state: String
    let queueDepth: Int
    let commands: [ShownCommand]
}

/// Calls the telemetry service, the timeline and the dispatcher. What is nil could not be had.
struct MissionClient: Sendable {
    /// Readings and events of a table, of which the newest count.
    private static let readings = 12
    private static let events = 60

    private let client: TracedClient
    private let telemetryURL: String
    private let timelineURL: String
    private let dispatcherURL: String

    init(_ client: TracedClient, telemetryURL: String, timelineURL: String, dispatcherURL: String) {
        self.client = client
        self.telemetryURL = telemetryURL
        self.timelineURL = timelineURL
        self.dispatcherURL = dispatcherURL
    }

    /// The newest readings, the newest first.
    func readings() async -> [ShownReading]? {
        let answer = await json(telemetryURL, "/data", query: "?limit=\(Self.readings)")
        return answer?["data"]?.arrayValue.map { rows in rows.compactMap(ShownReading.init) }
    }

    /// Events in the order of their times.
    func events() async -> [ShownEvent]? {
        let answer = await json(timelineURL, "/data", query: "?limit=\(Self.events)")
        return answer?.arrayValue.map { events in events.compactMap(ShownEvent.init) }
    }

    func module() async -> ShownModule? { await json(dispatcherURL, "/commands").flatMap(ShownModule.init) }

    /// Whether each of the services is ready, but for the lunar module, which only the dispatcher knows.
    func services() async -> (telemetry: Bool, timeline: Bool, dispatcher: Bool) {
        async let telemetry = isReady(telemetryURL)
        async let timeline = isReady(timelineURL)
        async let dispatcher = isReady(dispatcherURL)
        return await (telemetry, timeline, dispatcher)
    }

    /// Sends a command, and returns the dispatcher's answer.
    func dispatch(_ command: String) async throws -> ServiceResponse {
        let body: JSONValue = ["command_type": .string(command)]
        return try await client.send("POST", dispatcherURL + "/dispatch", template: "/dispatch", json: body.description)
    }

    /// Adds an event, and returns the timeline's answer.
    func add(_ event: ShownEvent) async throws -> ServiceResponse {
        let body: JSONValue = ["name": .string(event.name), "time": .string(event.time.rfc3339)]
        return try await client.send("POST", timelineURL + "/input", template: "/input", json: body.description)
    }

    private func json(_ base: String, _ path: String, query: String = "") async -> JSONValue? {
        // The client's span has the error; the page shows what there is.
        guard let answer = try? await client.send("GET", base + path + query, template: path), answer.status == 200 else { return nil }
        return try? JSONValue(parsing: answer.body)
    }

    private func isReady(_ base: String) async -> Bool {
        (try? await client.send("GET", base + "/ready", template: "/ready"))?.status == 200
    }
}

extension ShownReading {
    fileprivate init?(_ row: JSONValue) {
        guard let timestamp = row[0]?.timeValue, let position = row[1]?.doubleValue, let speed = row[2]?.doubleValue,
            let status = row[3]?.stringValue, let received = row[4]?.timeValue
        else { return nil }
        self.init(timestamp: timestamp, position: position, speed: speed, status: status, received: received)
    }
}

extension ShownEvent {
    fileprivate init?(_ event: JSONValue) {
        guard let name = event["name"]?.stringValue, let time = event["time"]?.timeValue else { return nil }
        self.init(name: name, time: time)
    }
}

extension ShownModule {
    fileprivate init?(_ answer: JSONValue) {
        guard let state = answer["state"]?.stringValue, let commands = answer["commands"]?.arrayValue else { return nil }
        self.init(
            state: state, queueDepth: answer["queue_depth"]?.integerValue ?? 0, commands: commands.compactMap(ShownCommand.init))
    }
}

extension ShownCommand {
    fileprivate init?(_ command: JSONValue) {
        guard let id = command["id"]?.integerValue, let type = command["command_type"]?.stringValue,
            let status = command["status"]?.stringValue, let timestamp = command["timestamp"]?.timeValue
        else { return nil }
        self.init(
            id: id, type: type, event: command["parameters"]?["name"]?.stringValue, status: status,
            detail: command["detail"]?.stringValue, timestamp: timestamp)
    }
}

extension JSONValue {
    fileprivate var timeValue: CalendarTime? { stringValue.flatMap { CalendarTime($0, requiresZone: false) } }

    fileprivate var doubleValue: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }
}
