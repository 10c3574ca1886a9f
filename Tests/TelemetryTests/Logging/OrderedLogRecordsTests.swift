// Records of several scopes and processors, read in the order in which they were emitted.

import Testing

@testable import Telemetry

struct OrderedLogRecordsTests {
    private static func scope(_ name: String) -> RecordedScope {
        RecordedScope(InstrumentationScope(name: name), resource: RecordedResource(LogRecording.resource))
    }

    /// Records with those times of observation as their bodies, in a chunk of their own.
    private static func add(_ times: [UInt64], of scope: RecordedScope, to items: inout ItemBatch) {
        var fields = WireWriter()
        for time in times { fields.field(2, message: LogLines.record(.int(Int64(time)), observedTime: time)) }
        var chunk = Chunk(scope: ScopeReference(keptAlive: scope), buffer: ChunkBuffer(capacity: max(1, fields.bytes.count)))
        var cursor = chunk.addItem(ofSize: fields.bytes.count, countingAs: times.count)
        fields.bytes.withUnsafeBytes { cursor.copy($0) }
        items.add(ChunkSlice(chunk))
    }

    private static func times(_ items: ItemBatch) -> [Int] { LogBatch(items: items).compactMap { $0.body?.intValue } }

    @Test func recordsOfSeveralChunksAndScopesAreMergedByTime() {
        let (first, second) = (Self.scope("first"), Self.scope("second"))
        var items = ItemBatch()
        Self.add([2, 5, 9], of: first, to: &items)
        Self.add([1, 3, 7, 10], of: second, to: &items)
        Self.add([4, 6, 8], of: first, to: &items)
        Self.add([], of: second, to: &items)
        #expect(Self.times(items) == Array(1...10))
        #expect(
            LogBatch(items: items).map(\.instrumentationScope.name) == [2, 1, 2, 1, 1, 1, 2, 1, 1, 2].map { $0 == 1 ? "first" : "second" })
    }

    @Test func borrowedBatchIsFilteredInItsOrder() {
        var items = ItemBatch()
        Self.add([1, 3, 4], of: Self.scope("first"), to: &items)
        Self.add([2], of: Self.scope("second"), to: &items)
        func check(_ batch: borrowing LogBatch) {
            #expect(batch.filter { $0.observedTimestamp.nanosecondsSinceEpoch > 2 }.map { $0.body?.intValue } == [3, 4])
            #expect(batch.filter { _ in false }.isEmpty && !batch.isEmpty && batch.count == 4)
            #expect(batch.first?.body?.intValue == 1)
        }
        check(LogBatch(items: items))
    }

    @Test func emptyBatchHasNoRecords() {
        #expect(Self.times(ItemBatch()).isEmpty)
        #expect(LogBatch(items: ItemBatch()).isEmpty && LogBatch(items: ItemBatch()).first == nil)
    }

    @Test(arguments: 0..<20 as Range<UInt64>) func randomTimesLoseNoRecord(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var items = ItemBatch()
        var expected: [UInt64] = []
        for number in 0..<Int.random(in: 1...8, using: &random) {
            let times = (0..<Int.random(in: 0...20, using: &random)).map { _ in UInt64.random(in: 0...5, using: &random) }
            expected += times
            Self.add(times, of: Self.scope("scope \(number % 3)"), to: &items)
        }
        #expect(Self.times(items).sorted() == expected.sorted().map { Int($0) })
    }

    @Test(arguments: 0..<50 as Range<UInt64>) func nextRecordIsTheEarliestOfAllRuns(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var items = ItemBatch()
        // Slices of one scope, so that runs are in the order in which they were added.
        let scope = Self.scope("scope")
        var runs: [[UInt64]] = []
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let times = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                Bool.random(using: &random) ? UInt64.random(in: 0...9, using: &random) : UInt64.random(in: 0...(1 << 62), using: &random)
            }
            runs.append(times)
            Self.add(times, of: scope, to: &items)
        }
        var expected: [Int] = []
        while let least = runs.compactMap(\.first).min(), let run = runs.firstIndex(where: { $0.first == least }) {
            expected.append(Int(runs[run].removeFirst()))
        }
        #expect(Self.times(items) == expected)
    }

    @Test func timeBehindFieldsOfOtherFormsIsFound() {
        // A key of two bytes, a text of 200 bytes, a number of several bytes: none of which this library writes before the time.
        let fields: [[UInt8]] = [
            [0x82, 0x01, 0x01, 0x00], [0x1A, 0xC8, 0x01] + [UInt8](repeating: 0x61, count: 200), [0x10, 0x80, 0x01], [0x45, 1, 0, 0, 0],
        ]
        let scope = Self.scope("scope")
        var items = ItemBatch()
        for (number, before) in fields.enumerated() {
            let message = before + LogLines.record(.int(Int64(number)), observedTime: UInt64(10 - number))
            var writer = WireWriter()
            writer.field(2, message: message)
            var chunk = Chunk(scope: ScopeReference(keptAlive: scope), buffer: ChunkBuffer(capacity: writer.bytes.count))
            var cursor = chunk.addItem(ofSize: writer.bytes.count)
            writer.bytes.withUnsafeBytes { cursor.copy($0) }
            items.add(ChunkSlice(chunk))
        }
        #expect(Self.times(items) == [3, 2, 1, 0])
    }

    @Test func alternatingLoggersAreReadInEmissionOrder() async {
        let recording = LogRecording(.queue)
        let logs = ["first", "second"].map { recording.provider.logger(InstrumentationScope(name: $0)) }
        for index in 0..<20 {
            logs[index % 2].info("\(index)")
            recording.clock.advance(by: .nanoseconds(1))
        }
        #expect(await recording.messages() == (0..<20).map { "\($0)" })
    }

    @Test func consolePrintsRecordsInTimeOrder() throws {
        let directory = try TemporaryDirectory()
        let (first, second) = (Self.scope("first"), Self.scope("second"))
        var items = ItemBatch()
        Self.add([1, 4], of: first, to: &items)
        Self.add([2, 3], of: second, to: &items)
        var delivery = JSONLineDelivery(.file(directory.path + "/app.jsonl"), [.body("m"), .scopeName("s")])
        try delivery.deliver(items, deadline: .after(.seconds(60)))
        #expect(
            String(decoding: try directory.bytes(of: "app.jsonl"), as: UTF8.self).split(separator: "\n") == [
                #"{"m":1,"s":"first"}"#, #"{"m":2,"s":"second"}"#, #"{"m":3,"s":"second"}"#, #"{"m":4,"s":"first"}"#,
            ])
    }
}
