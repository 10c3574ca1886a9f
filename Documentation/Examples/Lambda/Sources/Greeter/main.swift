// A function for AWS Lambda. Between invocations the whole process is frozen: what was recorded is delivered before that.

import Foundation
import Telemetry

struct Event: Decodable {
    let name: String
    var headers: [String: String]?
}

// Lambda leaves a function half a second after SIGTERM.
try await TelemetrySystem.run(resource: .service("greeter", version: "1.0.0"), within: .milliseconds(200)) { telemetry in
    let tracer = telemetry.tracer("greeter")
    let logger = telemetry.logger("greeter")
    let greetings = telemetry.meter("greeter").counter("greetings", unit: "{greeting}", description: "Greetings said.")
    let runtime = LambdaRuntime()
    var isFirst = true

    while true {
        let invocation = try await runtime.nextInvocation()
        do {
            let event = try JSONDecoder().decode(Event.self, from: invocation.event)
            let caller = telemetry.propagator.extract(from: event.headers ?? [:])
            let greeting = tracer.withSpan(
                "greet", kind: .server, parent: caller, ["faas.invocation_id": invocation.id, "faas.coldstart": isFirst]
            ) { _ in
                logger.info("greeting said", ["greeting.name": event.name])
                greetings.add(1)
                return "Hello, \(event.name)!"
            }
            try await runtime.respond(to: invocation, with: JSONEncoder().encode(greeting))
        } catch let error as DecodingError {
            logger.error("event not understood", ["faas.invocation_id": invocation.id], exception: error)
            try await runtime.fail(invocation, with: error)
        }
        // The caller has its answer. Lambda freezes the process no sooner than it asks for the next invocation.
        await telemetry.forceFlush(within: .seconds(1))
        isFirst = false
    }
}
