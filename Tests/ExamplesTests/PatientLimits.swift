// Limits of services in tests: longer than the slowest machine takes.

@testable import ExampleSupport
@testable import TelemetryConsole

extension GRPCServerOptions {
    /// The options of a server whose peers are not refused when a busy machine makes them slow.
    static var patient: Self {
        var options = Self()
        (options.prefaceTimeout, options.callTimeout, options.sendTimeout) = (.patience, .patience, .patience)
        return options
    }
}

// These take no limits, so that calls without them find these instead of the console's own, which end a query after seconds.

extension PromQLEngine {
    init(store: MetricStore) {
        self.init(store: store, logs: nil)
    }

    init(store: MetricStore, logs: BlockStore<LogBlock>?) {
        self.init(store: store, logs: logs, limits: QueryLimits(time: .patience))
    }
}
