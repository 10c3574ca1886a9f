// The bounded stores: what they keep, count and let go.

import ExampleSupport
import Testing

@testable import TelemetryConsole

struct BlockStoreTests {
    private typealias Span = ConsoleHarness.Span

    private func body(_ spans: [Span]) throws -> ReceivedBody {
        ReceivedBody(try ConsoleHarness.protobuf(spans), arrival: ConsoleHarness.time + 1_000_000_000)
    }

    @Test func everySpanThatLeavesIsCountedAndTheNewestStay() throws {
        let store = BlockStore<SpanBlock>(maximumBytes: 1 << 20, run: 1)
        let long = ConsoleHarness.attribute("a", String(repeating: "x", count: 2_000))
        for number in 1...1_000 {
            _ = try store.receive(try body([Span(trace: ConsoleHarness.trace(number), id: number, attributes: long)]))
            #expect(store.statistics.keptBytes <= 1 << 20)
        }
        let statistics = store.statistics
        #expect(statistics.received == 1_000 && statistics.evicted > 500)
        #expect(statistics.kept + statistics.evicted == 1_000)
        #expect(statistics.maximumBytes == 1 << 20)
        let last = try #require(store.blocks.last)
        #expect(last.traces.keys.last?.low == 1_000)
        #expect(store.blocks.first?.firstNumber == statistics.evicted, "Numbers of items go on.")
    }

    @Test func traceKnowsHowManySpansItLost() async throws {
        var limits = ConsoleLimits()
        limits.traceBytes = 1 << 20
        let console = ConsoleHarness(limits)
        let long = ConsoleHarness.attribute("a", String(repeating: "x", count: 4_000))
        for number in 1...400 { await console.sendSpans([Span(id: number, parent: number == 1 ? 0 : 1, attributes: long)]) }
        let trace = try await console.get("/data/traces/\(ConsoleHarness.traceID)")
        let dropped = try #require(trace["dropped"]?.stringValue.flatMap { Int($0) })
        let kept = try #require(trace["totalSpans"]?.integerValue)
        #expect(dropped > 0 && dropped + kept == 400)
        #expect(trace["isComplete"] == .bool(false))
        let summary = try await console.get("/data/summary")["signals"]?["traces"]
        #expect(summary?["evicted"]?.stringValue == "\(dropped)" && summary?["kept"]?.stringValue == "\(kept)")
    }

    @Test func requestLargerThanTheStoreLeavesAtOnceAndIsCounted() throws {
        let store = BlockStore<SpanBlock>(maximumBytes: 1 << 20, run: 1)
        let huge = ConsoleHarness.attribute("a", String(repeating: "x", count: 2 << 20))
        _ = try store.receive(try body([Span(id: 1, attributes: huge)]))
        #expect(store.statistics.received == 1 && store.statistics.evicted == 1 && store.statistics.kept == 0)
        _ = try store.receive(try body([Span(id: 2)]))
        #expect(store.statistics.kept == 1)
    }

    @Test func unreadableRequestLeavesNothingBehind() throws {
        let store = BlockStore<SpanBlock>(maximumBytes: 1 << 20, run: 1)
        _ = try store.receive(try body([Span(id: 1)]))
        let before = store.statistics
        var bytes = try ConsoleHarness.protobuf([Span(trace: ConsoleHarness.trace(9), id: 2), Span(id: 3)])
        bytes += [0x0A, 0x7F]
        #expect(throws: OTLPRequestError.self) { try store.receive(ReceivedBody(bytes, arrival: 5)) }
        let after = store.statistics
        #expect(after.kept == 1 && after.received == 1 && after.rejected == ["unreadable requests": 1])
        #expect(after.oldest == before.oldest)
        #expect(store.blocks.map(\.count) == [1] && store.blocks[0].places.start.count == 1)
        #expect(store.blocks[0].traces.count == 1 && store.blocks[0].traceKey(0).text == ConsoleHarness.traceID)
    }

    @Test func blocksThatWereTakenOutDoNotChange() throws {
        let store = BlockStore<SpanBlock>(maximumBytes: 1 << 20, run: 1)
        _ = try store.receive(try body([Span(id: 1)]))
        let blocks = store.blocks
        _ = try store.receive(try body([Span(id: 2)]))
        #expect(blocks.map(\.count) == [1] && store.blocks.map(\.count) == [2])
    }

    @Test func itemsOfAnotherRunStandInABlockOfTheirOwn() throws {
        let store = BlockStore<SpanBlock>(maximumBytes: 1 << 20, run: 2)
        _ = try store.restore(try body([Span(id: 1)]), run: 1)
        _ = try store.receive(try body([Span(id: 2)]))
        #expect(store.blocks.map(\.run) == [1, 2] && store.blocks.map(\.firstNumber) == [0, 1])
    }
}
