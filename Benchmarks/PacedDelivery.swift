// What a delivered span costs its process over HTTP and over gRPC, in turn in one run.

import Glibc
import Telemetry

/// Two senders, one over HTTP and one over gRPC, whose producer rests after each batch.
///
/// A producer that does not rest mostly runs beside the export thread on the other half of a core, which makes the same work take up to half
/// as long again, and finds the queue full now and then, where it yields its processor until there is room: both are processor time that depends
/// on where the system puts threads. Here a batch is on its way before the next one begins, mostly, and the queue is never full.
struct PacedDelivery {
    /// The spans of a burst: as many as a batch has.
    private static let burst = 512
    private static let burstsATurn = 99
    /// The queue holds 2,048 spans: it is empty again before it is full.
    private static let burstsInQueue = 3
    private static let turns = 31
    /// The microseconds after a burst, in which its batch is exported.
    private static let rest: UInt32 = 300

    /// One of the two, and the nanoseconds of processor time a span in each of its turns.
    private struct Sender {
        let sink: SinkProcess
        let telemetry: TelemetrySystem
        let tracer: Tracer
        var costs: [Double] = []

        init(isGRPC: Bool) throws {
            sink = SinkProcess(isGRPC: isGRPC)
            let exporter = OTLPSpanExporter(
                endpoint: "http://127.0.0.1:\(sink.port)", options: OTLPOptions(encoding: isGRPC ? .grpc : .protobuf))
            telemetry = try TelemetrySystem.start(sampler: .alwaysOn, spans: [.batch(exporter)], metrics: [], logs: [])
            tracer = telemetry.tracer("benchmark", version: "1.0")
        }

        func sendTurn() async -> Double {
            let processor = Measurement.processTime()
            for number in 1...burstsATurn {
                for _ in 0..<burst { SpanRows.fiveAttributes(tracer) }
                usleep(rest)
                // On a machine that others use as well a rest may be too short.
                if number % burstsInQueue == 0 { await telemetry.forceFlush() }
            }
            return Double(Measurement.processTime() - processor) / Double(burstsATurn * burst)
        }

        /// Ends the sender; returns how many spans its receiver did not get.
        func end(sent: Int) async -> Int {
            await telemetry.shutdown(within: .seconds(30))
            defer { sink.end() }
            return sent - sink.spans()
        }

        /// The turn in the middle.
        var cost: Double { costs.sorted()[costs.count / 2] }
    }

    let http: Double
    let grpc: Double
    let lost: Int
    /// The lowest and the highest ratio of two turns that followed each other.
    let ratios: ClosedRange<Double>

    static func measure() async throws -> PacedDelivery {
        var (http, grpc) = (try Sender(isGRPC: false), try Sender(isGRPC: true))
        // The first turns open connections and let their windows grow.
        _ = (await http.sendTurn(), await grpc.sendTurn())
        for _ in 0..<turns {
            http.costs.append(await http.sendTurn())
            grpc.costs.append(await grpc.sendTurn())
        }
        let sent = (turns + 1) * burstsATurn * burst
        let lost = await http.end(sent: sent) + grpc.end(sent: sent)
        let ratios = zip(grpc.costs, http.costs).map { $0 / $1 }.sorted()
        return PacedDelivery(http: http.cost, grpc: grpc.cost, lost: lost, ratios: ratios[turns / 10]...ratios[turns - 1 - turns / 10])
    }
}
