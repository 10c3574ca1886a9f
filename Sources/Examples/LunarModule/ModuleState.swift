// What commands do to the lunar module.

import ExampleSupport

/// What the module does at present.
enum ModuleState: String, Sendable {
    /// It takes readings.
    case running = "RUNNING"
    case paused = "PAUSED"
    /// It has stopped in an emergency, and takes no readings until it is reset.
    case stopped = "STOPPED"
}

/// The reason why a command cannot be executed.
struct CommandProblem: Error, Sendable, Hashable {
    let text: String
}

/// A command that the module knows.
enum ModuleCommand: String, Sendable, CaseIterable {
    case start = "START_MISSION"
    case pause = "PAUSE_MISSION"
    case stop = "EMERGENCY_STOP"
    case reset = "RESET_SYSTEM"
    /// An event of the timeline, which the parameter `name` names. An event that is named like a command has it executed.
    case event = "MISSION_EVENT"
}

extension ModuleState {
    /// Returns the state in which a command leaves the module.
    func executing(_ type: String, _ parameters: JSONValue?) throws(CommandProblem) -> ModuleState {
        guard let command = ModuleCommand(rawValue: type) else {
            let known = ModuleCommand.allCases.map(\.rawValue).joined(separator: ", ")
            throw CommandProblem(text: "unknown command; known are \(known)")
        }
        switch command {
        case .start, .pause:
            guard self != .stopped else { throw CommandProblem(text: "stopped in an emergency; RESET_SYSTEM comes first") }
            return command == .start ? .running : .paused
        case .stop: return .stopped
        case .reset: return .running
        case .event:
            guard let name = parameters?["name"]?.stringValue, !name.isEmpty else {
                throw CommandProblem(text: "an event has the parameter name, a text")
            }
            guard name != ModuleCommand.event.rawValue, ModuleCommand(rawValue: name) != nil else { return self }
            return try executing(name, nil)
        }
    }
}
