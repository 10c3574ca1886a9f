// What the spaceport and the spaceship have in common: versions that differ in their logs, and what their spans say.

import Telemetry

/// A service of the Space Port Authority, as its environment describes it.
package struct SpaceService: Sendable {
    /// The versions of the original, which are one program here.
    package enum Version: String, Sendable, CaseIterable {
        /// No logs: traces tell where something went wrong, and nothing more.
        case v1
        /// Lines of a message, its fields and the identifier of the trace, by which a person finds them.
        case v2
        /// Lines with the identifiers that Python's instrumentation writes.
        case correlated = "v2-correlated"

        fileprivate var lineFormat: JSONLineFormat? {
            switch self {
            case .v1: nil
            case .v2: [.body("message"), .attributes, .traceID("trace_id")]
            case .correlated: .pythonLogging
            }
        }
    }

    /// The name of the program, and of its meter.
    private let program: String
    package let version: Version
    /// The name of the deployment, which is the service's name in telemetry, as `pontus-spaceport`.
    package let name: String
    /// Whether spans say which ship, which spaceport, and why a step was refused.
    package let explainsRefusals: Bool
    private let hasASGISpans: Bool

    /// - Parameter program: `spaceport` or `spaceship`.
    package init(_ program: String, _ environment: ServiceEnvironment) throws(StartFailure) {
        self.program = program
        let text = environment["VERSION"] ?? Version.correlated.rawValue
        guard let version = Version(rawValue: text) else {
            throw StartFailure(.configuration, "VERSION is \"\(text)\"; it must be v1, v2 or v2-correlated.")
        }
        self.version = version
        name = environment["INSTANCE_NAME"] ?? environment["OTEL_SERVICE_NAME"] ?? program
        explainsRefusals = try environment.choice("REFUSALS_ON_SPANS", "on", or: "off", default: true)
        hasASGISpans = try environment.choice("ASGI_SPANS", "on", or: "off", default: false)
    }

    package func startTelemetry(_ environment: ServiceEnvironment) throws -> ServiceTelemetry {
        try environment.startTelemetry(
            for: program, name: name, version: version.rawValue, lines: version.lineFormat.map { [environment.logLines($0)] } ?? [],
            writesAccessLines: false)
    }

    /// Returns the routes with all that FastAPI and its server have around them.
    package func application(_ telemetry: ServiceTelemetry, router: Router, writesAccessLines: Bool = true) -> TracedApplication {
        var layers: [any RequestLayer] = [FastAPIAnswers()]
        if hasASGISpans { layers.insert(ASGISpans(telemetry.tracer, router), at: 0) }
        if version != .v1, writesAccessLines { layers.insert(UvicornAccessLines(telemetry.log), at: 0) }
        return TracedApplication(telemetry, router: router, layers: layers)
    }

    /// Returns the service as a process runs it, in version 1 without log lines of its own.
    ///
    /// - Parameter stop: stops everything but the application.
    package func running(
        _ application: TracedApplication, stop: @escaping @Sendable (Duration) async -> Bool = { _ in true }
    ) -> RunningService {
        RunningService(
            respond: { await application.respond(to: $0) }, log: version == .v1 ? nil : application.telemetry.log,
            maximumRequestBytes: 16 << 10, handlerThread: .server,
            stop: { duration in
                async let isStopped = stop(duration)
                let isExported = await application.telemetry.stop(within: duration)
                return await isStopped && isExported
            })
    }

    /// Says on a request's span which ship and which spaceport it is about.
    package func describe(_ request: ServiceRequest, ship: String, spaceport: String) {
        guard explainsRefusals else { return }
        request.span["ship.id"] = .string(ship.recorded)
        request.span["spaceport.name"] = .string(spaceport.recorded)
    }

    /// Says on a request's span why it was refused.
    package func explain(_ request: ServiceRequest, refusal reason: String) {
        if explainsRefusals { request.span["spa.refusal.reason"] = .string(reason.recorded) }
    }
}
