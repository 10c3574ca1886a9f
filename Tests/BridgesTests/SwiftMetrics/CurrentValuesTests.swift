// Meters and gauges of swift-metrics: last values until they are destroyed.

#if SwiftMetrics
    import CoreMetrics
    import Testing

    @testable import Telemetry

    struct CurrentValuesTests {
        private let rig: MetricRig
        private let factory: SwiftMetricsFactory

        init() throws {
            rig = try MetricRig()
            factory = SwiftMetricsFactory(rig.meter)
        }

        private func value(_ label: String) throws -> Double? { try rig.collect()[label]?.numbers.first?.value.doubleValue }

        @Test func meterIsSetIncrementedAndDecremented() throws {
            let meter = CoreMetrics.Meter(label: "pool", dimensions: [("name", "main")], factory: factory)
            meter.set(7)
            #expect(try rig.collect()["pool"]?.doubles == [["name": "main"]: 7])
            meter.increment(by: 2.5)
            meter.decrement()
            #expect(try value("pool") == 8.5)
            meter.set(-0.5)
            meter.increment()
            #expect(try value("pool") == 0.5)
            guard case .gauge = try rig.collect()["pool"] else {
                Issue.record("Meters become gauges.")
                return
            }
        }

        @Test func gaugeAndNonAggregatingRecorderReportTheLastValue() throws {
            let gauge = CoreMetrics.Gauge(label: "temperature", factory: factory)
            let recorder = Recorder(label: "level", aggregate: false, factory: factory)
            for value in [20, 35, 21] {
                gauge.record(value)
                recorder.record(Double(value) + 0.5)
            }
            #expect(try value("temperature") == 21)
            #expect(try value("level") == 21.5)
            // It is told again and again, also to whoever wants changes.
            #expect(try value("temperature") == 21)
        }

        @Test func beforeItsFirstValueThereIsNothingToTell() throws {
            let meter = CoreMetrics.Meter(label: "pool", factory: factory)
            #expect(try rig.collect().isEmpty)
            meter.set(0)
            #expect(try value("pool") == 0)
        }

        @Test func metersOfOneSeriesShareItsValue() throws {
            CoreMetrics.Meter(label: "pool", factory: factory).increment(by: 3)
            CoreMetrics.Meter(label: "pool", factory: SwiftMetricsFactory(rig.meter)).increment(by: 4)
            CoreMetrics.Gauge(label: "shared", factory: factory).record(1)
            CoreMetrics.Meter(label: "shared", factory: factory).increment()
            #expect(try value("pool") == 7)
            #expect(try value("shared") == 2)
            #expect(try rig.readers[0].collect().metrics.count == 2)
        }

        @Test func stepsThatAreNotFiniteAreDroppedAndCountedAndValuesAreTakenAsTheyAre() throws {
            let meter = CoreMetrics.Meter(label: "pool", factory: factory)
            meter.set(2)
            meter.increment(by: Double.nan)
            meter.decrement(by: Double.infinity)
            meter.increment(by: -1.5)
            #expect(try value("pool") == 0.5)
            #expect(rig.provider.refusals.notFiniteCount == 2)
            meter.set(Double.infinity)
            #expect(try value("pool") == .infinity)
        }

        @Test func valueIsRemovedWhenAllItsMetersAreDestroyed() throws {
            let (first, second) = (CoreMetrics.Meter(label: "pool", factory: factory), CoreMetrics.Meter(label: "pool", factory: factory))
            let gauge = CoreMetrics.Gauge(label: "level", factory: factory)
            first.set(1)
            gauge.record(2)
            first.destroy()
            gauge.destroy()
            second.increment()
            #expect(try rig.collect().keys.sorted() == ["pool"])
            #expect(try value("pool") == 2)
            second.destroy()
            #expect(try rig.collect().isEmpty)
            // What was destroyed is no longer told, and does not get in the way of its successor.
            second.set(9)
            let successor = CoreMetrics.Meter(label: "pool", factory: factory)
            #expect(try rig.collect().isEmpty)
            successor.increment()
            second.destroy()
            #expect(try value("pool") == 1)
        }

        @Test func whatIsBeyondTheLimitSharesOneSeriesAndIsReported() throws {
            let messages = Journal<String>()
            Diagnostics.setHandler { messages.note($0.message) }
            defer { Diagnostics.setHandler(nil) }
            let values = CurrentValues()
            let refusals = RefusedMeasurements()
            func value(_ number: Int) -> CurrentValue {
                values.value("pool", ["number": .string("\(number)")], refusals: refusals).value
            }
            let first = value(0)
            for number in 1..<CurrentValues.maximumValues { value(number).set(1.0) }
            #expect(messages.entries.isEmpty && values.all("pool").count == CurrentValues.maximumValues - 1)
            let (oneTooMany, another) = (value(-1), value(-2))
            oneTooMany.increment(by: 1)
            another.increment(by: 2)
            let last = try #require(values.all("pool").last)
            #expect(last.0 == Attributes.overflow && last.1 == 3)
            #expect(messages.entries.count == 1 && messages.entries.first?.contains("\"pool\"") == true)
            // Known ones are found, and what is destroyed makes room.
            #expect(value(5) === value(5))
            for value in [first, oneTooMany, another] { values.release(value) }
            #expect(value(-3).attributes == ["number": "-3"])
        }

        @Test func labelsBeyondThoseThatAMeterTakesAreNotKept() {
            let values = CurrentValues()
            for number in 0..<InstrumentRegistry.maximumInstruments {
                let (value, isNewLabel) = values.value("label \(number)", [:], refusals: RefusedMeasurements())
                #expect(isNewLabel)
                values.release(value)
            }
            let (value, isNewLabel) = values.value("one too many", [:], refusals: RefusedMeasurements())
            value.set(1.0)
            #expect(isNewLabel && values.all("one too many").isEmpty)
            values.release(value)
            #expect(!values.value("label 0", [:], refusals: RefusedMeasurements()).isNewLabel)
        }

        @Test func metersThatComeAndGoOnManyThreadsLeaveNothing() throws {
            let (factory, rig) = (factory, rig)
            let stays = CoreMetrics.Meter(label: "pool", factory: factory)
            #expect(
                onThreads(4) { thread in
                    for round in 0..<500 {
                        let meter = CoreMetrics.Meter(label: "pool", factory: factory)
                        let own = CoreMetrics.Gauge(label: "pool", dimensions: [("thread", "\(thread)")], factory: factory)
                        meter.increment()
                        own.record(round)
                        meter.destroy()
                        own.destroy()
                        if round.isMultiple(of: 100) { _ = try? rig.collect() }
                    }
                })
            #expect(try rig.collect()["pool"]?.doubles == [[:]: 2_000])
            stays.destroy()
            #expect(try rig.collect().isEmpty)
        }

        @Test func reenabledMeterReportsItsCurrentValue() throws {
            let (counter, meter) = (CoreMetrics.Counter(label: "c", factory: factory), CoreMetrics.Meter(label: "m", factory: factory))
            rig.provider.update(MeterConfigurator { _ in MeterConfiguration(isEnabled: false) })
            counter.increment()
            meter.increment()
            CoreMetrics.Meter(label: "late", factory: factory).set(5)
            #expect(try rig.collect().isEmpty)
            rig.provider.update(.enablingAll)
            counter.increment(by: 2)
            meter.increment()
            let points = try rig.collect()
            // What was counted meanwhile is not; a value is what it is.
            #expect(points["c"]?.ints == [[:]: 2] && points["m"]?.doubles == [[:]: 2] && points["late"]?.doubles == [[:]: 5])
        }

        @Test func handlersReachTheFactoryThroughOthersThatStandBefore() throws {
            let multiplex = MultiplexMetricsHandler(factories: [NOOPMetricsHandler.instance, factory])
            let meter = CoreMetrics.Meter(label: "pool", factory: multiplex)
            let counter = CoreMetrics.Counter(label: "c", factory: multiplex)
            meter.increment(by: 2)
            counter.increment(by: 2)
            #expect(try value("pool") == 2)
            meter.destroy()
            counter.destroy()
            #expect(try rig.collect().keys.sorted() == ["c"])
            // Those of others are nobody's business.
            factory.destroyMeter(NOOPMetricsHandler.instance)
            factory.destroyRecorder(NOOPMetricsHandler.instance)
        }

        @Test func whatIsMadeForAMeterGoesWithIt() throws {
            weak var instruments: SwiftMetricsInstruments?
            weak var value: CurrentValue?
            do {
                let rig = try MetricRig()
                let factory = SwiftMetricsFactory(rig.meter)
                let meter = CoreMetrics.Meter(label: "pool", factory: factory)
                meter.set(1)
                CoreMetrics.Counter(label: "c", factory: factory).increment()
                instruments = .instruments(of: rig.meter)
                value = instruments?.currentValues.value("pool", [:], refusals: RefusedMeasurements()).value
                #expect(instruments != nil && value?.value == 1)
            }
            #expect(instruments == nil && value == nil)
        }
    }
#endif
