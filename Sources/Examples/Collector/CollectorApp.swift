// The collector: receives spans and log records by OTLP, draws each trace on the console, keeps the last ones to be asked for.

import ExampleSupport
import Telemetry

@main struct CollectorApp {
    static func main() async {
        await ServiceProcess.run("collector", defaultPort: 4318) { environment in
            let capacity = try environment.number("MAXIMUM_TRACES", default: 1_000, in: 1...100_000)
            let settle = try environment.number("SETTLE_MILLISECONDS", default: 1_000, in: 0...60_000)
            let output = Output.standard
            let style = TraceTreeStyle(width: output.columns, isColored: output.isColored)
            let collection = TraceCollection(capacity: capacity, settle: .milliseconds(settle), style: style) { output.write($0) }
            let routes = CollectorRoutes(collection)
            let drawing = Task { await collection.run() }
            return RunningService(
                respond: { await routes.respond(to: $0) },
                stop: { _ in
                    drawing.cancel()
                    await drawing.value
                    collection.drawAll()
                    return true
                })
        }
    }
}
