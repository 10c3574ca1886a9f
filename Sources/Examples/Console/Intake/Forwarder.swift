// Passes on what is received, so that the console can sit before another receiver.

package import ExampleSupport
package import Telemetry

/// Sends every request that the console takes to other OTLP receivers as well, as it came.
package final class Forwarder: Sendable {
    /// What became of the items for one receiver.
    struct Destination {
        let name: String
        let counts: OTLPRelay.Counts
    }

    /// The bytes that may wait for one receiver, of each signal.
    private static let maximumWaitingBytes = 16 << 20

    private struct Relays: Sendable {
        let traces: OTLPRelay
        let metrics: OTLPRelay
        let logs: OTLPRelay

        var all: [OTLPRelay] { [traces, metrics, logs] }
    }

    private let relays: [Relays]

    /// - Parameters:
    ///   - endpoints: the base URLs of receivers, such as `http://collector:4318`.
    ///   - spool: a directory that keeps what could not be delivered; nil keeps it in memory.
    package init(to endpoints: [String], spool: String? = nil) throws(StartFailure) {
        do throws(ConfigurationError) {
            relays = try endpoints.map { (endpoint) throws(ConfigurationError) in
                let options = OTLPOptions(endpoint: endpoint, spool: spool.map { .directory($0) })
                return Relays(
                    traces: try OTLPRelay(.traces, options, maximumBytes: Self.maximumWaitingBytes),
                    metrics: try OTLPRelay(.metrics, options, maximumBytes: Self.maximumWaitingBytes),
                    logs: try OTLPRelay(.logs, options, maximumBytes: Self.maximumWaitingBytes))
            }
        } catch {
            throw StartFailure(.configuration, "FORWARD_TO: \(error)")
        }
    }

    /// Passes a request on; it never waits.
    package func forward(_ request: [UInt8], _ signal: OTLPReceivedRequest.Signal, items: Int) {
        guard items > 0 else { return }
        for relay in relays {
            switch signal {
            case .traces: relay.traces.submit(request, itemCount: items)
            case .metrics: relay.metrics.submit(request, itemCount: items)
            case .logs: relay.logs.submit(request, itemCount: items)
            }
        }
    }

    var destinations: [Destination] {
        relays.flatMap(\.all).map { Destination(name: $0.name, counts: $0.counts) }
    }

    /// Delivers what waits until the deadline.
    package func stop(until deadline: Deadline) async {
        await withTaskGroup(of: Void.self) { group in
            for relay in relays.flatMap(\.all) { group.addTask { await relay.shutdown(deadline: deadline) } }
        }
    }
}
