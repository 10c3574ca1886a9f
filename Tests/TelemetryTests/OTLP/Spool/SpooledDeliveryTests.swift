// Spans in a spool while the receiver is unavailable, over real sockets.

import ExampleSupport
import Glibc
import Synchronization
import Testing

@testable import Telemetry

/// A port without a listener that the system assigns to no other socket.
private final class ReservedPort: Sendable {
    private let descriptor: Int32
    let port: Int

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        // The option lets a receiver listen on the port later.
        var isReused: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isReused, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, size) | getsockname(descriptor, address, &size)
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        try #require(status == 0)
    }

    deinit {
        close(descriptor)
    }

    var url: String { "http://127.0.0.1:\(port)" }
}

/// A provider that exports to one receiver through a spool, in batches of ten.
private struct SpooledSending {
    let processor: BatchSpanProcessor
    let provider: TracerProvider

    init(
        to url: String, _ root: TemporaryDirectory, timeout: Duration = .seconds(30), encoding: OTLPEncoding? = nil,
        compression: OTLPCompression? = nil, maximumBytes: Int = 1 << 24, retry: RetryPolicy = OTLPDelivering.quick,
        concurrentRequests: Int = 1
    ) throws {
        let exporter = OTLPSpanExporter(
            endpoint: url,
            options: OTLPOptions(
                timeout: timeout, compression: compression, encoding: encoding, retry: retry,
                spool: .directory("\(root.path)/spool", maximumBytes: maximumBytes), maximumConcurrentRequests: concurrentRequests))
        processor = BatchSpanProcessor(exporter, options: BatchOptions(maxExportBatchSize: 10, scheduleDelay: .seconds(3600)))
        try processor.configure(EnvironmentReader([:]))
        provider = TracerProvider(
            resource: .empty, sampler: .alwaysOn, limits: SpanLimits(), processors: [processor], idGenerator: nil, clock: .system)
    }

    var health: PipelineHealth { processor.health }

    func record(_ numbers: Range<Int>) {
        let tracer = provider.tracer(InstrumentationScope(name: "x"))
        for number in numbers { tracer.startSpan("\(number)", parent: .root).end() }
    }

    func flush(within limit: Duration = .seconds(60)) async -> FlushResult { await provider.forceFlush(deadline: .after(limit)) }

    @discardableResult
    func shutdown(within limit: Duration = .seconds(60)) async -> FlushResult { await provider.shutdown(deadline: .after(limit)) }
}

struct SpooledDeliveryTests {
    private static let patient = RetryPolicy(initialDelay: .seconds(3600), maximumDelay: .seconds(3600))

    /// The names of the spans in the requests, in the order of arrival.
    private static func numbers(_ requests: [HTTPRequest]) throws -> [Int] {
        try requests.flatMap { try OTLPTraceRequest.decode($0.body).compactMap { Int($0.name) } }
    }

    @Test func storedSpansArriveOnceAndInOrder() async throws {
        let (root, reserved) = (try TemporaryDirectory(), try ReservedPort())
        let sending = try SpooledSending(to: reserved.url, root)
        for round in 0..<3 {
            sending.record(round * 100..<round * 100 + 25)
            #expect(await sending.flush() == .failed)
        }
        #expect(sending.health.accepted == 75 && sending.health.exported == 0 && sending.health.droppedCount == 0)
        #expect(sending.health.spooled == 75 && sending.health.waiting == 75)
        #expect(sending.health.lastFailure != nil)
        let receiver = try ScriptedReceiver(port: reserved.port)
        sending.record(300..<325)
        #expect(await sending.flush() == .completed)
        #expect(sending.health.exported == 100 && sending.health.waiting == 0 && sending.health.spooled == 0)
        let numbers = try Self.numbers(receiver.requests)
        let expected: [Int] = [0, 100, 200, 300].flatMap { Array($0..<$0 + 25) }
        #expect(numbers.sorted() == expected)
        let rounds = numbers.map { $0 / 100 }
        #expect(rounds == rounds.sorted())
        await sending.shutdown()
        await receiver.stop()
    }

    @Test func spansQueuedAtShutdownAreStoredAndSentByNextProcess() async throws {
        let (root, reserved) = (try TemporaryDirectory(), try ReservedPort())
        let first = try SpooledSending(to: reserved.url, root, retry: Self.patient)
        first.record(0..<35)
        #expect(await first.shutdown() == .failed)
        #expect(first.health.waiting == 35 && first.health.droppedCount == 0)
        let receiver = try ScriptedReceiver(port: reserved.port)
        let second = try SpooledSending(to: reserved.url, root)
        second.record(100..<105)
        #expect(await second.flush() == .completed)
        let numbers = try Self.numbers(receiver.requests)
        let expected = Array(0..<35) + Array(100..<105)
        #expect(numbers.sorted() == expected)
        #expect(numbers.suffix(5).allSatisfy { $0 >= 100 })
        #expect(second.health.accepted == 5 && second.health.exported == 5, "Recovered spans are not counted as the process's own.")
        await second.shutdown()
        await receiver.stop()
    }

    @Test func unresponsiveReceiverLosesNoSpanAtShutdown() async throws {
        let root = try TemporaryDirectory()
        let address = try #require(try SocketAddress.resolve(host: "127.0.0.1", port: 0).get().first)
        let silent = try Socket.listening(on: address)
        let url = "http://127.0.0.1:\(try #require(silent.localAddress).hostAndPort.port)"
        let sending = try SpooledSending(to: url, root, timeout: .seconds(3600))
        // The first batch is in flight when the shutdown starts.
        sending.record(0..<10)
        let connection = Mutex<Socket?>(nil)
        #expect(
            await eventually {
                connection.withLock { accepted in
                    if accepted == nil { accepted = try? silent.accept() }
                    return accepted != nil
                }
            })
        sending.record(10..<45)
        let limit = Deadline.after(.seconds(60))
        #expect(await sending.shutdown(within: .seconds(6)) == .timedOut)
        #expect(!limit.hasPassed)
        #expect(sending.health.droppedCount == 0 && sending.health.waiting == 45)
        let name = SpoolDirectory.name(signal: "traces", url: "\(url)/v1/traces")
        let options = SpoolOptions.directory("\(root.path)/spool")
        // The sending thread releases the lock of the directory.
        #expect(await eventually { (try? Spool(options, name: name))?.counts.recovered.waiting == 45 })
    }

    @Test func flappingReceiverGetsEverySpanOnce() async throws {
        var random = SplitMix64(seed: 5)
        let root = try TemporaryDirectory()
        let statuses = (0..<200).map { _ in [200, 200, 429, 502, 503, 504].randomElement(using: &random) ?? 200 }
        let receiver = try ScriptedReceiver(statuses.map { HTTPResponse(status: $0) })
        let sending = try SpooledSending(to: receiver.url, root)
        for round in 0..<30 {
            sending.record(round * 10..<round * 10 + 10)
            _ = await sending.flush()
        }
        #expect(await eventually { sending.health.waiting == 0 })
        #expect(sending.health.accepted == 300 && sending.health.exported == 300 && sending.health.retries > 0)
        let taken = receiver.requests.enumerated().filter { $0.offset >= statuses.count || statuses[$0.offset] == 200 }
        let numbers = try Self.numbers(taken.map(\.element))
        #expect(numbers.sorted() == Array(0..<300))
        let rounds = numbers.map { $0 / 10 }
        #expect(rounds == rounds.sorted())
        await sending.shutdown()
        await receiver.stop()
    }

    @Test func storedSpansThatReceiverRejectsAreCounted() async throws {
        let (root, reserved) = (try TemporaryDirectory(), try ReservedPort())
        let sending = try SpooledSending(to: reserved.url, root, retry: Self.patient)
        sending.record(0..<30)
        #expect(await sending.flush() == .failed)
        // ExportTraceServiceResponse { partial_success { rejected_spans: 3 } }
        let partial = HTTPResponse(status: 200, headers: ["Content-Type": "application/x-protobuf"], body: [0x0A, 2, 0x08, 3])
        let receiver = try ScriptedReceiver([HTTPResponse(status: 400), partial], port: reserved.port)
        #expect(await sending.flush() == .failed)
        #expect(sending.health.exported == 17 && sending.health.dropped == [.rejected: 13] && sending.health.waiting == 0)
        #expect(receiver.requests.count == 3)
        await sending.shutdown()
        await receiver.stop()
    }

    @Test func concurrentRequestsShareOneSpool() async throws {
        let (root, reserved) = (try TemporaryDirectory(), try ReservedPort())
        let sending = try SpooledSending(to: reserved.url, root, concurrentRequests: 4)
        sending.record(0..<200)
        #expect(await sending.flush() == .failed)
        #expect(sending.health.spooled == 200)
        let receiver = try ScriptedReceiver(port: reserved.port)
        sending.record(200..<300)
        #expect(await sending.flush() == .completed)
        #expect(try Self.numbers(receiver.requests).sorted() == Array(0..<300))
        #expect(sending.health.exported == 300 && sending.health.waiting == 0)
        await sending.shutdown()
        await receiver.stop()
    }

    @Test func storedBatchIsSentInConfiguredEncoding() async throws {
        let (root, reserved) = (try TemporaryDirectory(), try ReservedPort())
        let first = try SpooledSending(to: reserved.url, root, retry: Self.patient)
        first.record(0..<3)
        await first.shutdown()
        let receiver = try ScriptedReceiver(port: reserved.port)
        let second = try SpooledSending(to: receiver.url, root, encoding: .json)
        #expect(await second.flush() == .completed)
        let request = try #require(receiver.requests.first)
        #expect(request.headers["Content-Type"] == "application/json")
        #expect(String(decoding: request.body, as: UTF8.self).hasPrefix("{\"resourceSpans\":"))
        await second.shutdown()
        await receiver.stop()
    }

    @Test func retryAfterDelaysStoredBatches() async throws {
        let root = try TemporaryDirectory()
        let receiver = try ScriptedReceiver([HTTPResponse(status: 503, headers: ["Retry-After": "3600"])])
        let sending = try SpooledSending(to: receiver.url, root)
        sending.record(0..<30)
        #expect(await sending.flush() == .failed)
        #expect(sending.health.spooled == 30)
        #expect(receiver.requests.count == 1, "Later batches are stored without an attempt.")
        await sending.shutdown()
        await receiver.stop()
    }

    @Test func batchIsRetriedIfSpoolCannotStore() async throws {
        let root = try TemporaryDirectory()
        let receiver = try ScriptedReceiver([503, 503, 503].map { HTTPResponse(status: $0) })
        let sending = try SpooledSending(to: receiver.url, root, maximumBytes: 1)
        sending.record(0..<10)
        #expect(await sending.flush() == .completed)
        #expect(sending.health.exported == 10 && sending.health.spooled == 0)
        #expect(receiver.requests.count == 4)
        await sending.shutdown()
        await receiver.stop()
    }

    @Test func deliveredBatchIsNotStored() async throws {
        let root = try TemporaryDirectory()
        let receiver = try ScriptedReceiver()
        let sending = try SpooledSending(to: receiver.url, root)
        sending.record(0..<30)
        #expect(await sending.flush() == .completed)
        #expect(root.files.allSatisfy { $0.hasSuffix("/lock") } && root.files.count == 1)
        #expect(await sending.shutdown() == .completed)
        await receiver.stop()
    }

    @Test func unusableDirectoryIsConfigurationErrorAtStart() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try TelemetrySystem.start(spans: [.batch(.otlp(options: OTLPOptions(spool: .directory("/proc/self/spool"))))], environment: [:])
        }
        #expect(error?.setting == "spool" && error?.value == "/proc/self/spool")
    }
}
