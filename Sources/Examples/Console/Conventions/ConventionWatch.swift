// Holds what arrives against the semantic conventions, beside the way that it takes.

import ExampleSupport
import Synchronization
import Telemetry

/// Checks requests one after another, up to a number of bytes a second; others are counted as not looked at.
package final class ConventionWatch: Sendable {
    private struct State {
        var report = ConventionReport()
        var waiting: [(request: [UInt8], signal: OTLPReceivedRequest.Signal)] = []
        var waitingBytes = 0
        var isChecking = false
        /// The second in which requests came last, and their bytes.
        var second: UInt64 = 0
        var bytes = 0
        var skippedRequests = 0
    }

    /// The bytes of a second that are checked: some 10,000 spans.
    private static let bytesPerSecond = 2 << 20
    private static let maximumWaiting = 64
    /// The bytes of all requests that wait; one that is larger is not looked at.
    private static let maximumWaitingBytes = 8 << 20
    /// The items of one request that are checked.
    private static let maximumItems = 4_096

    private let check = ConventionCheck()
    private let state = Mutex(State())

    /// Takes a request that has been received; returns at once.
    ///
    /// - Parameter arrival: in nanoseconds since 1970.
    func offer(_ request: [UInt8], _ signal: OTLPReceivedRequest.Signal, arrival: UInt64) {
        let mustStart = state.withLock { state in
            let second = arrival / 1_000_000_000
            if second != state.second { (state.second, state.bytes) = (second, 0) }
            let hasRoom = state.waiting.count < Self.maximumWaiting && state.waitingBytes + request.count <= Self.maximumWaitingBytes
            guard hasRoom, state.bytes < Self.bytesPerSecond else {
                state.skippedRequests += 1
                return false
            }
            state.bytes += request.count
            state.waitingBytes += request.count
            state.waiting.append((request, signal))
            defer { state.isChecking = true }
            return !state.isChecking
        }
        if mustStart { Task.detached(priority: .utility) { [self] in await work() } }
    }

    private func work() async {
        while let next = next() {
            var report = ConventionReport()
            check.check(next.request, next.signal, maximumItems: Self.maximumItems, into: &report)
            state.withLock { $0.report.merge(report) }
            await Task.yield()
        }
    }

    private func next() -> (request: [UInt8], signal: OTLPReceivedRequest.Signal)? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isChecking = false
                return nil
            }
            state.waitingBytes -= state.waiting[0].request.count
            return state.waiting.removeFirst()
        }
    }

    /// What was found so far, and the requests that were not looked at.
    var findings: (report: ConventionReport, skippedRequests: Int) { state.withLock { ($0.report, $0.skippedRequests) } }

    /// Forgets what was found.
    func reset() {
        state.withLock { state in
            state.report = ConventionReport()
            state.skippedRequests = 0
        }
    }
}
