// APO-02: what commands do to the module.

import ExampleSupport
import Testing

@testable import LunarModule

struct ModuleStateTests {
    @Test(
        "APO-02: a command leaves the module in its state",
        arguments: [
            (ModuleState.running, "PAUSE_MISSION", ModuleState.paused), (.paused, "PAUSE_MISSION", .paused),
            (.paused, "START_MISSION", .running), (.running, "START_MISSION", .running), (.running, "EMERGENCY_STOP", .stopped),
            (.paused, "EMERGENCY_STOP", .stopped), (.stopped, "RESET_SYSTEM", .running), (.paused, "RESET_SYSTEM", .running),
        ])
    func commandChangesState(before: ModuleState, command: String, after: ModuleState) throws {
        #expect(try before.executing(command, nil) == after)
    }

    @Test("APO-02: after an emergency stop only a reset helps", arguments: ["START_MISSION", "PAUSE_MISSION"])
    func stoppedModuleRefusesCommand(command: String) {
        #expect(throws: CommandProblem(text: "stopped in an emergency; RESET_SYSTEM comes first")) {
            try ModuleState.stopped.executing(command, nil)
        }
    }

    @Test("APO-02: an unknown command names the known ones", arguments: ["", "start_mission", "LAND", "MISSION_EVENT "])
    func unknownCommandIsRefused(command: String) {
        #expect(
            throws: CommandProblem(
                text: "unknown command; known are START_MISSION, PAUSE_MISSION, EMERGENCY_STOP, RESET_SYSTEM, MISSION_EVENT")
        ) { try ModuleState.running.executing(command, nil) }
    }

    @Test("APO-09: an event that is named like a command has it executed, another one changes nothing")
    func eventExecutesCommandOfItsName() throws {
        #expect(try ModuleState.running.executing("MISSION_EVENT", ["name": "PAUSE_MISSION"]) == .paused)
        #expect(try ModuleState.paused.executing("MISSION_EVENT", ["name": "Splashdown"]) == .paused)
        #expect(try ModuleState.paused.executing("MISSION_EVENT", ["name": "MISSION_EVENT"]) == .paused)
        #expect(throws: CommandProblem.self) { try ModuleState.stopped.executing("MISSION_EVENT", ["name": "START_MISSION"]) }
        for parameters in [nil, JSONValue.null, [], ["name": 1], ["name": ""]] {
            #expect(throws: CommandProblem(text: "an event has the parameter name, a text")) {
                try ModuleState.running.executing("MISSION_EVENT", parameters)
            }
        }
    }
}
