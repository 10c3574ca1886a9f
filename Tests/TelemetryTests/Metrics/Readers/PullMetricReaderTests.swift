// Registration, collection and shutdown of pull readers.

import Testing

@testable import Telemetry

struct PullMetricReaderTests {
    private static let far = Deadline.after(.seconds(300))

    @Test func collectionBeforeRegistrationFails() async {
        let reader = PullMetricReader()
        #expect(throws: MetricCollectionError.notRegistered) { try reader.collect() }
        #expect(await reader.forceFlush(deadline: Self.far) == .completed)
    }

    @Test func collectionReturnsCurrentMetrics() throws {
        let reader = PullMetricReader()
        reader.register(MetricSource(pointCount: 3).collector())
        #expect(try reader.collect().pointCount == 3)
        #expect(try reader.collect().metrics.map(\.name) == ["2"])
    }

    @Test func deadlineIsPassedToCollection() throws {
        let reader = PullMetricReader()
        let source = MetricSource()
        reader.register(source.collector())
        _ = try reader.collect()
        _ = try reader.collect(deadline: .after(.milliseconds(1)))
        #expect(source.remaining[0] <= .seconds(5) && source.remaining[0] > .milliseconds(1))
        #expect(source.remaining[1] <= .milliseconds(1))
    }

    @Test func collectionAfterShutdownFails() async {
        let reader = PullMetricReader()
        let source = MetricSource()
        reader.register(source.collector())
        #expect(await reader.shutdown(deadline: Self.far) == .completed)
        #expect(await reader.shutdown(deadline: Self.far) == .completed)
        #expect(throws: MetricCollectionError.shutDown) { try reader.collect() }
        #expect(source.collections == 0)
    }

    @Test func shutdownReleasesProvider() async {
        let reader = PullMetricReader()
        weak var source: MetricSource?
        do {
            let made = MetricSource()
            source = made
            reader.register(made.collector())
        }
        #expect(source != nil)
        _ = await reader.shutdown(deadline: Self.far)
        #expect(source == nil)
    }

    @Test func secondProviderIsRefused() async throws {
        let reader = PullMetricReader()
        let (first, second) = (MetricSource(), MetricSource())
        reader.register(first.collector())
        reader.register(second.collector())
        _ = try reader.collect()
        #expect(first.collections == 1 && second.collections == 0)
        _ = await reader.shutdown(deadline: Self.far)
        reader.register(second.collector())
        #expect(throws: MetricCollectionError.shutDown) { try reader.collect() }
    }

    @Test func collectionErrorIsThrownToCaller() {
        let reader = PullMetricReader()
        let source = MetricSource()
        source.fail(.shutDown)
        reader.register(source.collector())
        #expect(throws: MetricCollectionError.shutDown) { try reader.collect() }
    }

    @Test func optionsAreThoseOfInitializer() {
        let options = MetricReaderOptions(
            temporality: .delta, aggregations: [.histogram: .exponentialHistogram()], cardinalityLimits: [.counter: 7])
        let reader = PullMetricReader(options: options)
        #expect(reader.options.temporality == .delta)
        #expect(reader.options.aggregations == [.histogram: .exponentialHistogram()])
        #expect(reader.options.cardinalityLimits == [.counter: 7])
    }

    @Test func concurrentCollectionsSucceedUntilShutdown() async {
        let reader = PullMetricReader()
        let source = MetricSource()
        reader.register(source.collector())
        let outcomes = await withTaskGroup(of: (Int, Int).self, returning: (Int, Int).self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var (collected, refused) = (0, 0)
                    for _ in 0..<200 {
                        do throws(MetricCollectionError) {
                            collected += try reader.collect().pointCount
                        } catch {
                            refused += error == .shutDown ? 1 : 1_000_000
                        }
                    }
                    return (collected, refused)
                }
            }
            group.addTask {
                _ = await eventually { source.collections > 100 }
                _ = await reader.shutdown(deadline: Self.far)
                return (0, 0)
            }
            return await group.reduce(into: (0, 0)) { $0 = ($0.0 + $1.0, $0.1 + $1.1) }
        }
        #expect(outcomes.0 == source.collections && outcomes.0 + outcomes.1 == 1600)
    }
}
