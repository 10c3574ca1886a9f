// Sharing of stores by readers with equal streams.

import Testing

@testable import Telemetry

struct StreamConfigurationTests {
    private struct NoReservoir: ExemplarReservoir {
        func offer(_ value: MetricNumber, attributes: Attributes, context: Context, time: Timestamp) {}
        func collect() -> [Exemplar] { [] }
    }

    private func stream(_ views: [MetricView], _ options: MetricReaderOptions = MetricReaderOptions()) throws -> StreamConfiguration {
        let instrument = InstrumentDescriptor(name: "a", kind: .histogram)
        return try #require(
            try ViewRegistry(views).streams(for: instrument, scope: InstrumentationScope(name: "m"), options: options).streams.first)
    }

    @Test func equalStreamsShareStoreAndOthersDoNot() throws {
        let plain = try stream([])
        #expect(plain.canShareStore(with: try stream([MetricView(of: .all)])))
        #expect(!plain.canShareStore(with: try stream([], MetricReaderOptions(cardinalityLimits: [.histogram: 5]))))
        #expect(!plain.canShareStore(with: try stream([], MetricReaderOptions(aggregations: [.histogram: .exponentialHistogram()]))))
        #expect(!plain.canShareStore(with: try stream([MetricView(of: .all, attributeKeys: .only([]))])))
        #expect(!plain.canShareStore(with: try stream([MetricView(of: "a", name: "b")])))
    }

    @Test func customReservoirsOfSameViewAreEqual() throws {
        let view = MetricView(of: .all, exemplars: .custom { NoReservoir() })
        let other = MetricView(of: .all, exemplars: .custom { NoReservoir() })
        let copy = view
        #expect(try stream([view]).canShareStore(with: try stream([copy])))
        #expect(try !stream([view]).canShareStore(with: try stream([other])))
    }
}
