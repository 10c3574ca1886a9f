// Collections requested from within a collection.

import Synchronization
import Testing

@testable import Telemetry

struct CollectionMarkTests {
    /// Collects a reader from each extension point, and keeps the result.
    private final class Probe: MetricFilter, MetricProducer, ExemplarReservoir {
        let reader = SharedValue<PullMetricReader?>(nil)
        let outcomes = Journal<Result<Int, MetricCollectionError>>()

        func collectNow() {
            guard let reader = reader.value else { return }
            do throws(MetricCollectionError) {
                outcomes.note(.success(try reader.collect(deadline: .after(.seconds(300))).pointCount))
            } catch {
                outcomes.note(.failure(error))
            }
        }

        func verdict(on metric: MetricIdentity) -> MetricFilterVerdict {
            collectNow()
            return .acceptPartly
        }

        func accepts(_ attributes: Attributes, of metric: MetricIdentity) -> Bool {
            collectNow()
            return true
        }

        func produce(filter: (any MetricFilter)?, deadline: Deadline) -> [ScopeMetrics] {
            collectNow()
            return []
        }

        func offer(_ value: MetricNumber, attributes: Attributes, context: Context, time: Timestamp) {}

        func collect() -> [Exemplar] {
            collectNow()
            return []
        }
    }

    private let far = Deadline.after(.seconds(300))

    @Test func callbackCollectingItsOwnReaderFailsAtOnce() throws {
        let rig = try MetricRig()
        let probe = Probe()
        probe.reader.value = rig.readers[0]
        rig.meter.observableGauge("g") {
            probe.collectNow()
            $0.observe(1)
        }
        rig.meter.counter("c").add(1)
        let batch = try rig.readers[0].collect(deadline: far)
        #expect(batch.metrics.map(\.name).sorted() == ["c", "g"], "The callback returns in time, and its observation counts.")
        #expect(probe.outcomes.entries == [.failure(.withinCollection)])
    }

    @Test func callbackCollectingOtherReaderOfSameProviderFailsAtOnce() throws {
        let rig = try MetricRig(MetricReaderOptions(), .delta)
        let probe = Probe()
        probe.reader.value = rig.readers[1]
        rig.meter.observableGauge("g") {
            probe.collectNow()
            $0.observe(1)
        }
        #expect(try rig.readers[0].collect(deadline: far).pointCount == 1)
        #expect(probe.outcomes.entries == [.failure(.withinCollection)])
    }

    @Test(arguments: ["filter", "producer", "reservoir"])
    func filterProducerOrReservoirCollectingItsOwnReaderFails(_ role: String) throws {
        let probe = Probe()
        let options = MetricReaderOptions(producers: role == "producer" ? [probe] : [], filter: role == "filter" ? probe : nil)
        let choice = ExemplarReservoirChoice.custom { probe }
        let rig = try MetricRig(options, views: role == "reservoir" ? [MetricView(of: "c", exemplars: choice)] : [], filter: .alwaysOn)
        probe.reader.value = rig.readers[0]
        rig.meter.counter("c").add(1)
        rig.meter.observableGauge("g") { $0.observe(1) }
        #expect(try rig.readers[0].collect(deadline: far).pointCount == 2)
        #expect(!probe.outcomes.entries.isEmpty && probe.outcomes.entries.allSatisfy { $0 == .failure(.withinCollection) })
    }

    @Test func callbackMayCollectOtherProviderButNotBack() throws {
        let (first, second) = (try MetricRig(), try MetricRig())
        let (there, back) = (Probe(), Probe())
        there.reader.value = second.readers[0]
        back.reader.value = first.readers[0]
        first.meter.observableGauge("g") {
            there.collectNow()
            $0.observe(1)
        }
        second.meter.observableGauge("g") {
            back.collectNow()
            $0.observe(1)
        }
        #expect(try first.readers[0].collect(deadline: far).pointCount == 1)
        #expect(there.outcomes.entries == [.success(1)] && back.outcomes.entries == [.failure(.withinCollection)])
    }

    @Test func taskStartedByCallbackMayCollectAfterwards() async throws {
        let rig = try MetricRig()
        let task = SharedValue<Task<Int, any Error>?>(nil)
        let isOver = Counter()
        let reader = rig.readers[0]
        rig.meter.observableGauge("g") {
            if task.value == nil {
                task.value = Task {
                    _ = await eventually { isOver.count > 0 }
                    return try reader.collect(deadline: .after(.seconds(300))).pointCount
                }
            }
            $0.observe(1)
        }
        _ = try reader.collect(deadline: far)
        isOver.next()
        #expect(try await task.value?.value == 1)
    }
}
