// The spaceport's reports to the ledger.

import ExampleSupport
import Telemetry

/// Sends events to the ledger by OTLP: in batches, each at least once.
///
/// It is a telemetry system of its own, so that the ledger gets events alone, and log lines go where they go.
struct LedgerFeed: Sendable {
    private let system: TelemetrySystem
    private let log: TelemetryLogger

    /// Starts the feed; nil without `LEDGER_URL`. Events that the ledger does not take wait in the folder that `LEDGER_SPOOL` names, also
    /// for the next process; without one they are lost after ten seconds.
    init?(_ environment: ServiceEnvironment, _ service: SpaceService) throws {
        guard environment["LEDGER_URL"] != nil else { return nil }
        let url = try environment.url("LEDGER_URL", default: "")
        // The ledger is near, and a restart takes it a second or two.
        let options = OTLPOptions(
            retry: RetryPolicy(initialDelay: .milliseconds(100), maximumDelay: .seconds(1)),
            spool: environment["LEDGER_SPOOL"].map { .directory($0) })
        // A full queue holds the caller up rather than losing an event.
        let batches = BatchOptions(
            maxQueueSize: 16_384, scheduleDelay: .milliseconds(200), fullQueuePolicy: .wait(atMost: .milliseconds(100)))
        // What switches telemetry off, a variable or a file, does not switch the ledger off.
        let own = environment.setting("OTEL_SDK_DISABLED", to: "false").setting("OTEL_CONFIG_FILE", to: "")
        system = try own.startSystem { variables in
            try TelemetrySystem.start(
                resource: .service(service.name, version: service.version.rawValue), detectors: [], spans: [], metrics: [],
                logs: [.batch(.otlp(endpoint: url, options: options), options: batches)], environment: variables)
        }
        log = system.logger("spaceport.events")
    }

    /// Sends an event, which has the trace of the current request.
    func send(_ event: SpaceportEvent) { log.emit(event.record) }

    /// Delivers what waits, to the ledger or else to the folder; returns false if something was lost.
    func stop(within duration: Duration) async -> Bool { await system.shutdown(within: duration) == .completed }
}
