// The metrics factory for swift-metrics.

#if SwiftMetrics
    public import CoreMetrics

    /// A factory that records the counters, meters, gauges, recorders and timers of swift-metrics as metrics.
    ///
    /// ```swift
    /// MetricsSystem.bootstrap(telemetry.swiftMetricsFactory)
    /// ```
    ///
    /// | swift-metrics | becomes |
    /// | --- | --- |
    /// | `Counter`, `FloatingPointCounter` | a counter, which reports 0 as soon as it is created; `reset()` has no effect |
    /// | `Meter`, `Gauge`, `Recorder(aggregate: false)` | an observable gauge, from its first value until it is destroyed |
    /// | `Recorder` | a histogram |
    /// | `Timer` | a histogram in seconds, whatever the display unit is |
    ///
    /// The label is the name of the instrument; characters that do not belong into a name become `_`, a name that does not start with a
    /// letter has `metric_` put before it, and one that is too long is cut and ends with a hash of all of it. The label then stands in
    /// the description. Dimensions are attributes; of a repeated one the last value counts, in whatever order they come.
    ///
    /// The same label and dimensions are the same series, in all factories of one meter.
    public struct SwiftMetricsFactory: MetricsFactory {
        private let meter: Meter
        private let instruments: SwiftMetricsInstruments

        /// Creates a factory for a meter; use a separate meter for a module whose metrics need their own scope.
        public init(_ meter: Meter) {
            self.meter = meter
            instruments = .instruments(of: meter)
        }

        public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
            let counter = instruments.counters.instrument(label) { meter.counter($0.text, of: Int.self, description: $0.description) }
            return CounterSeries(counter.bind(Attributes(dimensions: dimensions)), label)
        }

        public func makeFloatingPointCounter(label: String, dimensions: [(String, String)]) -> any FloatingPointCounterHandler {
            let counter = instruments.floatingPointCounters.instrument(label) {
                meter.counter($0.text, of: Double.self, description: $0.description)
            }
            return FloatingPointCounterSeries(counter.bind(Attributes(dimensions: dimensions)), label)
        }

        public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
            currentValue(label, dimensions)
        }

        public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
            guard aggregate else { return currentValue(label, dimensions) }
            let histogram = instruments.recorders.instrument(label) {
                meter.histogram($0.text, of: Double.self, description: $0.description)
            }
            return RecorderSeries(histogram.bind(Attributes(dimensions: dimensions)))
        }

        public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
            let histogram = instruments.timers.instrument(label) {
                meter.histogram(
                    $0.text, of: Double.self, unit: "s", description: $0.description, boundaries: TimerSeries.boundaries)
            }
            return TimerSeries(histogram.bind(Attributes(dimensions: dimensions)))
        }

        /// Changes nothing: the handler lets go of its series by itself, and what was counted stays counted.
        public func destroyCounter(_ handler: any CounterHandler) {}

        /// Changes nothing: the handler lets go of its series by itself, and what was counted stays counted.
        public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}

        /// Stops reporting the value once every `Meter` and `Gauge` with the same label and dimensions is destroyed.
        public func destroyMeter(_ handler: any MeterHandler) {
            if let value = handler as? CurrentValue { instruments.currentValues.release(value) }
        }

        /// Stops reporting the value of a gauge once every `Meter` and `Gauge` with the same label and dimensions is destroyed;
        /// what was recorded into a histogram stays there.
        public func destroyRecorder(_ handler: any RecorderHandler) {
            if let value = handler as? CurrentValue { instruments.currentValues.release(value) }
        }

        /// Changes nothing: the handler lets go of its series by itself, and what was recorded stays recorded.
        public func destroyTimer(_ handler: any TimerHandler) {}

        private func currentValue(_ label: String, _ dimensions: [(String, String)]) -> CurrentValue {
            let attributes = Attributes(dimensions: dimensions)
            let (value, isNewLabel) = instruments.currentValues.value(label, attributes, refusals: meter.setup.refusals)
            if isNewLabel {
                // The lock is not held, since meters report diagnostics. The first caller registers the only callback.
                let name = SwiftMetricsLabel(label)
                let instruments = instruments
                meter.observableGauge(name.text, of: Double.self, description: name.description) { observer in
                    for (attributes, value) in instruments.currentValues.all(label) { observer.observe(value, attributes) }
                }
            }
            return value
        }
    }

    extension TelemetrySystem {
        /// The factory for swift-metrics: `MetricsSystem.bootstrap(telemetry.swiftMetricsFactory)`.
        ///
        /// Its instruments belong to the meter `swift-metrics`.
        public var swiftMetricsFactory: SwiftMetricsFactory { SwiftMetricsFactory(meter("swift-metrics")) }
    }

    extension Attributes {
        /// Creates attributes in canonical form, so that they need no further normalisation.
        fileprivate init(dimensions: [(String, String)]) {
            self = Attributes(dimensions.lazy.map { (key: $0.0, value: .string($0.1)) }).canonical
        }
    }
#endif
