// How chunks are cut into slices of whole items.

import Testing

@testable import Telemetry

struct ChunkTests {
    @Test(arguments: [1, 2, 3, 7, 100])
    func slicesHaveWholeItemsAndAllBytes(step: Int) {
        // Lengths of one, two and three bytes.
        let lengths = [0, 1, 127, 128, 300, 16_383, 16_384, 5]
        let items = lengths.map { length in
            var writer = WireWriter()
            writer.field(2, message: [UInt8](repeating: UInt8(truncatingIfNeeded: length), count: length))
            return writer.bytes
        }
        let resource = RecordedResource(Resource(attributes: [:]))
        let scope = RecordedScope(InstrumentationScope(name: "s"), resource: resource)
        var chunk = Chunk(scope: ScopeReference(keptAlive: scope), buffer: ChunkBuffer(capacity: items.reduce(0) { $0 + $1.count }))
        for item in items {
            var cursor = chunk.addItem(ofSize: item.count)
            item.withUnsafeBytes { cursor.copy($0) }
        }
        var rest = ChunkSlice(chunk)
        for start in stride(from: 0, to: items.count, by: step) {
            let expected = items[start..<min(start + step, items.count)]
            let slice = rest.removeFirst(step)
            #expect(slice.itemCount == expected.count)
            #expect(Array(slice.bytes) == expected.flatMap { $0 })
            #expect(rest.itemCount == max(0, items.count - start - step))
        }
        #expect(rest.bytes.isEmpty)
    }
}
