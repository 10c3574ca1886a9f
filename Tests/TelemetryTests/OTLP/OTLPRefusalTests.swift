// Responses that reject a request: for good, for a time, or in part.

import Synchronization
import Testing

@testable import Telemetry

/// Serialized: the diagnostics have one handler, which each test replaces.
@Suite(.serialized) struct OTLPRefusalTests {
    private typealias Receiver = MisbehavingReceiver

    /// The times of requests, in seconds since 1970.
    private final class Times: Sendable {
        let seconds = Mutex<[Double]>([])

        func note() { seconds.withLock { $0.append(Double(SystemClock.wallNanoseconds()) / 1e9) } }
    }

    /// Exports some spans; returns health and diagnostics.
    private static func deliver(
        to receiver: MisbehavingReceiver, spans: Int = 10, timeout: Duration = .patience
    ) async throws -> (result: FlushResult, health: PipelineHealth, messages: [String]) {
        let delivery = try FailingDelivery(to: receiver.url, timeout: timeout, retry: FailingDelivery.oneRetry)
        delivery.end(spans)
        let result = await delivery.system.forceFlush(within: max(timeout, .patience))
        let found = (result, try #require(delivery.health), delivery.messages)
        await delivery.shutDown()
        receiver.stop()
        return found
    }

    private static func expectOneMessage(_ messages: [String], _ words: String..., location: SourceLocation = #_sourceLocation) {
        #expect(messages.count == 1, "\(messages)", sourceLocation: location)
        for word in words { #expect(messages.first?.contains(word) == true, "\(word): \(messages)", sourceLocation: location) }
    }

    /// Answers the first request with a refusal and accepts the others; records the times of requests.
    private static func refusingOnce(_ times: Times, _ answer: @escaping @Sendable () -> String) throws -> MisbehavingReceiver {
        try Receiver { connection, _ in
            var isFirst = true
            while connection.nextRequest() != nil {
                times.note()
                connection.send(isFirst ? answer() : Receiver.response(200))
                isFirst = false
            }
        }
    }

    @Test func retryAfterInSecondsDelaysRetry() async throws {
        let times = Times()
        let receiver = try Self.refusingOnce(times) { Receiver.response(503, ["Retry-After: 1"]) }
        let outcome = try await Self.deliver(to: receiver)
        #expect(outcome.result == .completed && outcome.health.exported == 10 && outcome.health.retries == 1)
        let seconds = times.seconds.withLock { $0 }
        #expect(seconds.count == 2 && seconds[1] - seconds[0] >= 0.99)
        #expect(outcome.messages.isEmpty)
    }

    @Test func retryAfterAsDateDelaysRetry() async throws {
        let times = Times()
        let date = Mutex(0)
        let receiver = try Self.refusingOnce(times) {
            let later = Int(SystemClock.wallNanoseconds() / 1_000_000_000) + 2
            date.withLock { $0 = later }
            return Receiver.response(503, ["Retry-After: \(Self.httpDate(later))"])
        }
        let outcome = try await Self.deliver(to: receiver)
        #expect(outcome.result == .completed && outcome.health.exported == 10 && outcome.health.retries == 1)
        let seconds = times.seconds.withLock { $0 }
        // The wait starts in the second of the response, so that it may end up to a second later, but not much earlier.
        #expect(seconds.count == 2 && seconds[1] - seconds[0] >= 0.99)
        #expect(seconds[1] >= Double(date.withLock { $0 }) - 0.01)
    }

    /// A date as `Sun, 06 Nov 1994 08:49:37 GMT`, with any day of the week, which is not checked.
    private static func httpDate(_ seconds: Int) -> String {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let date = CivilDate(secondsSinceEpoch: seconds)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "Sun, \(two(date.day)) \(months[date.month - 1]) \(date.year) \(two(date.hour)):\(two(date.minute)):\(two(date.second)) GMT"
    }

    @Test func tooManyRequestsIsRetriedAndThenReported() async throws {
        let patient = try Self.refusingOnce(Times()) { Receiver.response(429) }
        let outcome = try await Self.deliver(to: patient)
        #expect(outcome.result == .completed && outcome.health.exported == 10 && outcome.health.retries == 1)
        let never = try await Self.deliver(to: Receiver(Receiver.answering(429, body: "quota")))
        #expect(never.result == .failed && never.health.dropped == [.unreachable: 10] && never.health.retries == 1)
        Self.expectOneMessage(never.messages, "/v1/traces", "status 429: quota", "OTEL_TRACES_SAMPLER")
    }

    @Test func retryAfterBeyondDeadlineFailsAtOnce() async throws {
        let limit = Deadline.after(.patience)
        let outcome = try await Self.deliver(to: Receiver(Receiver.answering(503, ["Retry-After: 7200"])), timeout: .seconds(3600))
        #expect(outcome.result == .failed && outcome.health.dropped == [.unreachable: 10] && outcome.health.retries == 0)
        Self.expectOneMessage(outcome.messages, "status 503", "the receiver may be overloaded or not running")
        #expect(!limit.hasPassed)
    }

    @Test func badRequestIsNotRetriedAndItsStatusReported() async throws {
        // google.rpc.Status { code: 3 message: "span 7 has no name" }
        let status = "\u{8}\u{3}\u{12}\u{12}span 7 has no name"
        let receiver = try Receiver(Receiver.answering(400, [Receiver.protobuf], body: status))
        let outcome = try await Self.deliver(to: receiver)
        #expect(outcome.result == .failed && outcome.health.dropped == [.rejected: 10] && outcome.health.retries == 0)
        Self.expectOneMessage(outcome.messages, receiver.url, "status 400: span 7 has no name", "10 spans could not be delivered")
    }

    @Test(
        arguments: [
            (401, "credentials"), (403, "credentials"), (404, "path"), (405, "path"), (413, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE"),
            (415, "encoding"), (301, "redirects are not followed"), (308, "redirects are not followed"),
        ])
    func refusalReportsAdvice(status: Int, word: String) async throws {
        let receiver = try Receiver(Receiver.answering(status, ["Location: http://127.0.0.1:1/elsewhere"]))
        let outcome = try await Self.deliver(to: receiver)
        #expect(outcome.result == .failed && outcome.health.dropped == [.rejected: 10] && outcome.health.retries == 0)
        Self.expectOneMessage(outcome.messages, receiver.url, "status \(status)", word)
        #expect(receiver.connections == 1)
    }

    @Test func partialSuccessIsCountedAndNotRetried() async throws {
        // ExportTraceServiceResponse { partial_success { rejected_spans: 3 error_message: "too old" } }
        let receiver = try Receiver(Receiver.answering(200, [Receiver.protobuf], body: "\n\u{B}\u{8}\u{3}\u{12}\u{7}too old"))
        let outcome = try await Self.deliver(to: receiver)
        #expect(outcome.result == .failed && outcome.health.retries == 0)
        #expect(outcome.health.exported == 7 && outcome.health.dropped == [.rejected: 3])
        Self.expectOneMessage(outcome.messages, receiver.url, "3 items", "too old")
    }

    @Test(arguments: ["text/html", "application/x-protobuf"])
    func unreadableSuccessIsDelivered(type: String) async throws {
        let receiver = try Receiver(Receiver.answering(200, ["Content-Type: \(type)"], body: "<html>Welcome to nginx!</html>"))
        let outcome = try await Self.deliver(to: receiver, spans: FailingDelivery.batchSize * 2)
        #expect(outcome.result == .completed && outcome.health.exported == UInt64(FailingDelivery.batchSize * 2))
        Self.expectOneMessage(outcome.messages, receiver.url, "took the spans, but")
    }
}
