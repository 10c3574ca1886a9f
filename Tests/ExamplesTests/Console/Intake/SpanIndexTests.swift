// What is read of a span when it comes.

import ExampleSupport
import Telemetry
import Testing

@testable import TelemetryConsole

struct SpanIndexTests {
    private typealias Span = ConsoleHarness.Span

    private func block(_ bytes: [UInt8]) throws -> SpanBlock {
        var block = SpanBlock(run: 1, firstNumber: 0)
        _ = try block.append(ReceivedBody(bytes, arrival: ConsoleHarness.time))
        return block
    }

    @Test func columnsHaveWhatTheSpanHas() throws {
        let spans = [
            Span(id: 7, parent: 3, name: "näme", kind: 2, start: 5, duration: 12, isError: true),
            Span(trace: ConsoleHarness.trace(9), id: 8, isOpen: true),
        ]
        let block = try block(try ConsoleHarness.protobuf(spans, service: "shop"))
        #expect(block.count == 2)
        #expect(block.traceKey(0).text == ConsoleHarness.traceID && block.traceKey(1).text == ConsoleHarness.trace(9))
        #expect(block.spanID == [7, 8] && block.parent == [3, 0])
        #expect(block.start == [ConsoleHarness.time + 5, ConsoleHarness.time] && block.duration == [12, SpanBlock.open])
        #expect(block.nameText(0) == "näme" && block.serviceName(0) == "shop")
        #expect(block.kind(0) == 2 && block.isError(0) && !block.isError(1))
        #expect(block.sortTime(0) == ConsoleHarness.time, "It counts as started when it came.")
        #expect(block.withMessage(1) { AttributeWalk.forEach(9, of: $0) { _, _ in false } }, "It has no attribute.")
    }

    @Test(arguments: [
        ("ot=th:8", 2.0), ("ot=th:c", 4), ("a=b, ot=rv:00000000000001;th:fff", 4_096), ("ot=th:0", 1), ("ot=th:G", 1), ("x=th:8", 1),
        ("", 1),
    ])
    func thresholdOfTheTraceStateIsTheWeight(state: String, weight: Float) throws {
        #expect(try block(try ConsoleHarness.protobuf([Span(id: 1, traceState: state)])).weight == [weight])
    }

    @Test func resourceAfterItsSpansAndInPiecesIsRead() throws {
        func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(content.count)] + content }
        func attribute(_ key: String, _ value: String) -> [UInt8] {
            field(1, field(1, Array(key.utf8)) + field(2, field(1, Array(value.utf8))))
        }
        let span = field(1, [UInt8](repeating: 1, count: 16)) + field(2, [UInt8](repeating: 2, count: 8))
        let scopes = field(2, field(2, span) + field(1, field(1, Array("late".utf8))))
        let body = field(1, scopes + field(1, attribute("a", "b")) + field(1, attribute("service.name", "shop")))
        let block = try block(body)
        #expect(block.serviceName(0) == "shop" && block.origins.scopes[0].name == "late")
        #expect(block.origins.resources[0].bytes == attribute("a", "b") + attribute("service.name", "shop"))
    }

    @Test func resourcesAndNamesAreKeptOnceForManyRequests() throws {
        var block = SpanBlock(run: 1, firstNumber: 0)
        for number in 1...100 {
            _ = try block.append(ReceivedBody(try ConsoleHarness.protobuf([Span(id: number)]), arrival: 1))
        }
        #expect(block.origins.resources.count == 1 && block.origins.scopes.count == 1 && block.names.texts == ["work"])
    }

    @Test func spansWithoutIdentifiersAreCountedAndLeftOut() throws {
        var block = SpanBlock(run: 1, firstNumber: 0)
        let zero = String(repeating: "0", count: 32)
        let bytes = try ConsoleHarness.protobuf([Span(trace: zero, id: 1), Span(id: 2), Span(id: 0)])
        #expect(try block.append(ReceivedBody(bytes, arrival: 1)) == IndexedCount(accepted: 1, rejected: 2))
        #expect(block.spanID == [2])
    }

    @Test func damagedRequestsAreTakenOrRefusedWhole() throws {
        let attributes = ConsoleHarness.attribute("a", "b") + "," + ConsoleHarness.attribute("n", 5)
        let more =
            #","events":[{"name":"e","attributes":[\#(attributes)]}],"links":[{"traceId":"\#(ConsoleHarness.traceID)","spanId":"00f067aa0ba902b7"}]"#
        let sample = try ConsoleHarness.protobuf([Span(id: 1, traceState: "ot=th:8", attributes: attributes, more: more), Span(id: 2)])
        var random = SplitMix64(seed: 1_215)
        var refused = 0
        for _ in 0..<5_000 {
            var bytes = sample
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0...2, using: &random) {
                case 0: bytes[place] = .random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                default: bytes.removeLast(bytes.count - place)
                }
                if bytes.isEmpty { bytes = [0] }
            }
            var block = SpanBlock(run: 1, firstNumber: 0)
            do throws(OTLPRequestError) {
                let count = try block.append(ReceivedBody(bytes, arrival: 1))
                #expect(block.count == count.accepted)
                let term = try? SearchParser.parse("a=b OR text OR event=e", .traces)
                let filter = ItemFilter(term ?? .everything, block, runs: [:])
                for row in 0..<block.count { _ = filter.passes(row) }
                let trace = TraceSpans.collect(Array(Set((0..<block.count).map { block.traceKey($0) })), [block], evicted: EvictedSpans())
                for spans in trace { #expect(throws: Never.self) { try JSONValue(parsing: TraceAnswer.detail(spans, logs: 0)) } }
            } catch {
                refused += 1
                #expect(block.count == 0)
            }
        }
        #expect(refused > 500 && refused < 5_000)
    }
}
