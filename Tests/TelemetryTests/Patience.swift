// The limits of time in tests: longer than the slowest machine takes, so that only what hangs reaches them.

@testable import Telemetry

extension Duration {
    /// The limit for what must succeed, and for what a test waits for.
    static let patience = Duration.seconds(120)
}

// These take no limit, so that calls without one find them instead of the library's, which give up after seconds.

extension TelemetrySystem {
    @discardableResult
    func forceFlush() async -> FlushResult { await forceFlush(within: .patience) }

    @discardableResult
    func shutdown() async -> FlushResult { await shutdown(within: .patience) }
}

extension PrometheusExporter {
    func page() async -> Telemetry.PrometheusPage { await page(within: .patience) }

    func page(accept: String?) async -> Telemetry.PrometheusPage { await page(accept: accept, within: .patience) }

    func page(accept: String?, acceptEncoding: String?) async -> Telemetry.PrometheusPage {
        await page(accept: accept, acceptEncoding: acceptEncoding, within: .patience)
    }
}

extension HTTPServerOptions {
    /// The options of a server whose peers are not refused when a busy machine makes them slow.
    static var patient: Self {
        var options = Self()
        (options.idleTimeout, options.requestTimeout, options.sendTimeout) = (.patience, .patience, .patience)
        return options
    }
}
