// Callbacks that throw, hang, or observe after their return.

import Synchronization
import Testing

@testable import Telemetry

struct CallbackRoundTests {
    private struct Failure: Error {}

    @Test func throwingCallbackIsLeftOutAndOthersCount() throws {
        let rig = try MetricRig()
        let fails = SharedValue(true)
        rig.meter.observableGauge("a") { $0.observe(1) }
        rig.meter.observableGauge("b") {
            $0.observe(2)
            if fails.value { throw Failure() }
        }
        rig.meter.observableGauge("c") { $0.observe(3) }
        #expect(Set(try rig.collect().keys) == ["a", "c"])
        fails.value = false
        #expect(Set(try rig.collect().keys) == ["a", "b", "c"])
    }

    @Test func hangingCallbackDoesNotDelayCollectionBeyondDeadline() throws {
        let rig = try MetricRig()
        let (gate, left) = (Semaphore(), Semaphore())
        let entered = Atomic(0)
        rig.meter.counter("c").add(1)
        rig.meter.observableGauge("before") { $0.observe(1) }
        rig.meter.observableGauge("hangs") {
            guard entered.wrappingAdd(1, ordering: .relaxed).newValue == 1 else { return $0.observe(2) }
            #expect(gate.wait(until: .after(.seconds(60))))
            $0.observe(1)
            left.post()
        }
        rig.meter.observableGauge("after") { $0.observe(1) }
        let first = try rig.readers[0].collect(deadline: .after(.seconds(3)))
        #expect(Set(first.metrics.map(\.name)) == ["c", "before"], "The hanging callback and those after it are left out.")
        // A hanging callback is not called again, and the others are.
        #expect(Set(try rig.collect().keys) == ["c", "before", "after"])
        #expect(entered.load(ordering: .relaxed) == 1)
        gate.post()
        #expect(left.wait(until: .after(.seconds(60))))
        // The callback may take a moment to return.
        let deadline = Deadline.after(.seconds(60))
        var values: [Attributes: Int64]?
        repeat { values = try rig.ints("hangs") } while values == nil && !deadline.hasPassed
        #expect(values == [[:]: 2], "Late observations are dropped.")
    }

    @Test func observationAfterReturnIsDropped() throws {
        let rig = try MetricRig()
        let kept = SharedValue<MetricObserver<Int>?>(nil)
        rig.meter.observableGauge("a") {
            kept.value = $0
            $0.observe(1)
        }
        // The round continues, and the second callback uses the first one's observer.
        rig.meter.observableGauge("b") {
            kept.value?.observe(7, ["late": true])
            $0.observe(2)
        }
        #expect(try rig.ints("a") == [[:]: 1])
        kept.value?.observe(8, ["late": true])
        let points = try rig.collect()
        #expect(points["a"]?.ints == [[:]: 1] && points["b"]?.ints == [[:]: 2])
    }

    @Test func observerOfEarlierCollectionHasNoEffect() throws {
        let rig = try MetricRig()
        let kept = SharedValue<MetricObserver<Int>?>(nil)
        rig.meter.observableGauge("a") { observer in
            if kept.value == nil { kept.value = observer } else { kept.value?.observe(9) }
            observer.observe(1, ["k": 1])
        }
        for _ in 0..<3 { #expect(try rig.ints("a") == [["k": 1]: 1]) }
    }

    @Test func callbacksRunOneAtATimeInRegistrationOrder() throws {
        let rig = try MetricRig(MetricReaderOptions(), MetricReaderOptions())
        let running = Atomic(0)
        let most = Atomic(0)
        let order = SharedValue<[Int]>([])
        for number in 0..<5 {
            rig.meter.observableGauge("g\(number)") {
                most.max(running.wrappingAdd(1, ordering: .relaxed).newValue, ordering: .relaxed)
                order.value += [number]
                $0.observe(number)
                running.wrappingSubtract(1, ordering: .relaxed)
            }
        }
        let readers = rig.readers
        let isOver = onThreads(4) { thread in
            for _ in 0..<20 { #expect((try? readers[thread % 2].collect().pointCount) == 5) }
        }
        #expect(isOver)
        #expect(most.load(ordering: .relaxed) == 1)
        #expect(order.value == (0..<80).flatMap { _ in 0..<5 }, "Rounds do not overlap.")
    }

    @Test func callbackMayMakeInstrumentsAndRecord() throws {
        let rig = try MetricRig()
        let meter = rig.meter
        meter.observableGauge("outer") { observer in
            observer.observe(1)
            meter.counter("made.inside").add(1)
            meter.observableGauge("another") { $0.observe(2) }.addCallback { $0.observe(3, ["k": 1]) }
        }
        #expect(Set(try rig.collect().keys) == ["outer", "made.inside"])
        #expect(try rig.collect()["another"]?.count == 2)
    }

    @Test func callbacksOfDisabledInstrumentsAreNotCalled() throws {
        let rig = try MetricRig(views: [MetricView(of: "dropped", aggregation: .drop)])
        let calls = Atomic(0)
        rig.meter.observableGauge("dropped") { _ in calls.wrappingAdd(1, ordering: .relaxed) }
        let kept = rig.meter.observableGauge("kept") { _ in calls.wrappingAdd(100, ordering: .relaxed) }
        _ = try rig.collect()
        #expect(calls.load(ordering: .relaxed) == 100 && kept.isEnabled)
        rig.provider.update(.disabling("test"))
        _ = try rig.collect()
        #expect(calls.load(ordering: .relaxed) == 100 && !kept.isEnabled)
        rig.provider.update(.enablingAll)
        _ = try rig.collect()
        #expect(calls.load(ordering: .relaxed) == 200)
    }

    @Test func observationsBeyondCapacityAreDropped() throws {
        let rig = try MetricRig(.limited(to: 1))
        let attributes: Attributes = ["k": 1]
        rig.meter.observableCounter("o") { observer in for _ in 0..<(ObservationBatch.capacity + 10) { observer.observe(1, attributes) } }
        let batch = try rig.readers[0].collect(deadline: .after(.seconds(60)))
        #expect(batch.metrics.map(\.points.ints) == [[["k": 1]: 1]])
    }

    @Test func callbacksBeyondLimitAreNeverCalled() throws {
        let rig = try MetricRig()
        let calls = Atomic(0)
        let gauge = rig.meter.observableGauge("g")
        let first = gauge.addCallback { _ in calls.wrappingAdd(1, ordering: .relaxed) }
        for _ in 1..<(Meter.maximumCallbacks + 50) { gauge.addCallback { _ in calls.wrappingAdd(1, ordering: .relaxed) } }
        _ = try rig.collect()
        #expect(calls.load(ordering: .relaxed) == Meter.maximumCallbacks)
        first.unregister()
        gauge.addCallback { _ in calls.wrappingAdd(1, ordering: .relaxed) }
        _ = try rig.collect()
        #expect(calls.load(ordering: .relaxed) == 2 * Meter.maximumCallbacks)
    }
}
