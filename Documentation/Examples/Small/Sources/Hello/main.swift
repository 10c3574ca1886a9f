// One span, in a program that is as small as it can be.

import Telemetry

let telemetry = try TelemetrySystem.start(resource: .service("hello"))
telemetry.tracer("hello").withSpan("hello") { $0["world"] = true }
await telemetry.shutdown(within: .seconds(2))
