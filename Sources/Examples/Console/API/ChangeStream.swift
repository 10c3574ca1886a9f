// Tells pages that telemetry has come, by server-sent events.

import ExampleSupport
import Synchronization
import Telemetry

/// Streams of changes: how much was received of each signal, at most twice a second and only when it has changed.
final class ChangeStream: Sendable {
    /// Streams at the same time; pages beyond it ask again later.
    static let maximumListeners = 64
    static let interval = Duration.milliseconds(500)
    /// Intervals after which a stream without changes sends a sign of life.
    private static let quietIntervals = 30

    private struct State {
        var listeners = 0
        var isStopped = false
    }

    private let stores: SignalStores
    private let state = Mutex(State())

    init(_ stores: SignalStores) {
        self.stores = stores
    }

    /// Returns a stream that ends with the connection, or when the console stops.
    func response() throws(APIError) -> ServiceResponse {
        let isAdmitted = state.withLock { state in
            guard state.listeners < Self.maximumListeners, !state.isStopped else { return false }
            state.listeners += 1
            return true
        }
        guard isAdmitted else {
            throw APIError(status: 503, message: "There are \(Self.maximumListeners) streams of events already.")
        }
        var response = ServiceResponse(status: 200, contentType: "text/event-stream")
        response.stream = { [self] writer in
            defer { state.withLock { $0.listeners -= 1 } }
            await write(to: writer)
        }
        return response
    }

    /// Ends all streams soon.
    func stop() { state.withLock { $0.isStopped = true } }

    private func write(to writer: HTTPChunkWriter) async {
        var last: String?
        var quiet = 0
        while !state.withLock({ $0.isStopped }), !Task.isCancelled {
            let data = stores.receivedCounts
            if data != last {
                guard await writer.write(Array("event: change\ndata: \(data)\n\n".utf8)) else { return }
                last = data
                quiet = 0
            } else if quiet >= Self.quietIntervals {
                guard await writer.write(Array(": keep-alive\n\n".utf8)) else { return }
                quiet = 0
            }
            quiet += 1
            try? await Task.sleep(for: Self.interval)
        }
    }
}

extension SignalStores {
    /// The JSON of how much was received.
    fileprivate var receivedCounts: String {
        #"{"traces":"\#(spans.receivedCount)","metrics":"\#(metricStatistics.received)","logs":"\#(logs.receivedCount)"}"#
    }
}
