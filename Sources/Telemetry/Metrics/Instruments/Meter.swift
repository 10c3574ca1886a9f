// From requests for instruments to their streams, and from their streams to the metrics of a reader.

/// Makes the instruments of one instrumentation scope.
///
/// The same request returns the same instrument. A request that breaks a rule of the specification, for example with invalid characters in
/// the name, returns an instrument that works, and is reported. (Specification: metrics API, "Meter".)
public final class Meter: Sendable, ScopeMember {
    enum Instrument {
        case synchronous(SynchronousInstrument, readers: [[(store: SeriesStore, number: Int)]])
        case observable(ObservableCore)
    }

    private struct State {
        var registry: InstrumentRegistry
        var instruments: [Instrument] = []
        var callbacks: [ObjectIdentifier: (order: Int, callback: RegisteredCallback)] = [:]
        var callbackCount = 0
        var isOn: Bool
    }

    /// Measurements refer to series and not to meters, so a meter ends with its provider.
    static let livesForever = false

    /// The largest number of callbacks: they stay until they are unregistered.
    ///
    /// Further ones are reported and never called.
    static let maximumCallbacks = 10_000

    let recordedScope: RecordedScope
    let setup: MeterSetup
    private let state: Locked<State>

    /// Creates a meter that is disabled until its configuration is applied.
    init(_ scope: RecordedScope, _ setup: MeterSetup) {
        recordedScope = scope
        self.setup = setup
        state = Locked(State(registry: InstrumentRegistry(scope: scope.scope, views: setup.views), isOn: false))
    }

    /// The scope of the instruments.
    public var instrumentationScope: InstrumentationScope { recordedScope.scope }

    /// Returns a counter, of integers unless the type says otherwise.
    ///
    /// - Parameters:
    ///   - name: a letter, then up to 254 letters, digits, `_`, `.`, `-` and `/`.
    ///   - type: `Int.self` or `Double.self`; inferred if the variable has a type.
    ///   - unit: in UCUM notation: `s`, `By`, `{request}`.
    ///   - description: one sentence for readers of dashboards.
    ///   - attributeKeys: advisory: the attributes that are kept if no view selects keys.
    public func counter<Value: MeasurementValue>(
        _ name: String, of type: Value.Type = Int.self, unit: String = "", description: String = "", attributeKeys: [String]? = nil
    ) -> Counter<Value> {
        Counter(synchronous(name, .counter, type, unit, description, attributeKeys: attributeKeys))
    }

    /// Returns an up-down counter, of integers unless the type says otherwise. For the parameters see
    /// ``counter(_:of:unit:description:attributeKeys:)``.
    public func upDownCounter<Value: MeasurementValue>(
        _ name: String, of type: Value.Type = Int.self, unit: String = "", description: String = "", attributeKeys: [String]? = nil
    ) -> UpDownCounter<Value> {
        UpDownCounter(synchronous(name, .upDownCounter, type, unit, description, attributeKeys: attributeKeys))
    }

    /// Returns a histogram, of floating-point values unless the type says otherwise.
    ///
    /// - Parameters:
    ///   - boundaries: advisory: the increasing upper boundaries of the buckets, which apply if no view sets others. For the other
    ///     parameters see ``counter(_:of:unit:description:attributeKeys:)``.
    public func histogram<Value: MeasurementValue>(
        _ name: String, of type: Value.Type = Double.self, unit: String = "", description: String = "", boundaries: [Double]? = nil,
        attributeKeys: [String]? = nil
    ) -> Histogram<Value> {
        Histogram(synchronous(name, .histogram, type, unit, description, boundaries: boundaries, attributeKeys: attributeKeys))
    }

    /// Returns a gauge, of integers unless the type says otherwise. For the parameters see
    /// ``counter(_:of:unit:description:attributeKeys:)``.
    public func gauge<Value: MeasurementValue>(
        _ name: String, of type: Value.Type = Int.self, unit: String = "", description: String = "", attributeKeys: [String]? = nil
    ) -> Gauge<Value> {
        Gauge(synchronous(name, .gauge, type, unit, description, attributeKeys: attributeKeys))
    }

    /// Registers one callback for several instruments of this meter.
    ///
    /// Use it for values that are expensive to read one by one.
    ///
    /// Instruments of other meters are left out and reported. The callback is called until it is unregistered.
    @discardableResult
    public func registerCallback<each Value: MeasurementValue>(
        observing instruments: repeat ObservableInstrument<each Value>,
        callback: @escaping @Sendable (MetricObservations) throws -> Void
    ) -> CallbackRegistration {
        var cores: [ObservableCore] = []
        for instrument in repeat each instruments { cores.append(instrument.core) }
        return register(observing: cores) { try callback(MetricObservations(batch: $0)) }
    }
}

extension Meter: CallbackRegistrar {
    func register(
        observing cores: [ObservableCore], _ body: @escaping @Sendable (ObservationBatch) throws -> Void
    ) -> CallbackRegistration {
        let own = state.withLock { state in
            cores.filter { core in state.instruments.contains { if case .observable(let other) = $0 { other === core } else { false } } }
        }
        // Instruments beyond the limit belong to no meter and have no streams; they were reported when they were made.
        if cores.contains(where: { core in !core.streams.isEmpty && !own.contains { $0 === core } }) {
            Diagnostics.report(
                .warning,
                "A callback was registered with the meter \"\(instrumentationScope.name)\" for instruments of another one: they are left out."
            )
        }
        let callback = RegisteredCallback(own, body)
        let isRegistered = state.withLock { state in
            guard !own.isEmpty else { return true }
            guard state.callbacks.count < Self.maximumCallbacks else { return false }
            state.callbacks[ObjectIdentifier(callback)] = (state.callbackCount, callback)
            state.callbackCount += 1
            return true
        }
        if !isRegistered {
            Diagnostics.report(
                .error, topic: "metrics.callbacks.\(instrumentationScope.name)",
                "The meter \"\(instrumentationScope.name)\" has \(Self.maximumCallbacks) callbacks: a further one is never called. Register them once, or unregister them."
            )
        }
        return CallbackRegistration { [weak self, weak callback] in
            guard let callback else { return }
            _ = self?.state.withLock { $0.callbacks.removeValue(forKey: ObjectIdentifier(callback)) }
        }
    }

    private func synchronous<Value: MeasurementValue>(
        _ name: String, _ kind: InstrumentKind, _ type: Value.Type, _ unit: String, _ description: String, boundaries: [Double]? = nil,
        attributeKeys: [String]?
    ) -> SynchronousInstrument {
        let requested = InstrumentDescriptor(
            name: name, kind: kind, isFloatingPoint: type.isFloatingPoint, unit: unit, description: description, boundaries: boundaries,
            attributeKeys: attributeKeys)
        let found = instrument(requested) { descriptor, isOn in
            let (stores, readers, warnings) = setup.stores(for: descriptor, instrumentationScope)
            let made = SynchronousInstrument(descriptor, stores: stores, isOn: isOn, refusals: setup.refusals)
            return (.synchronous(made, readers: readers), warnings)
        }
        if case .synchronous(let instrument, _) = found { return instrument }
        return SynchronousInstrument(requested, stores: [], isOn: false, refusals: setup.refusals)
    }

    /// Returns the instrument of a request, made by the closure if it is new; nil if there are too many.
    func instrument(
        _ requested: InstrumentDescriptor, make: (InstrumentDescriptor, Bool) -> (Instrument, warnings: [String])
    ) -> Instrument? {
        let (found, diagnostics) = state.withLock { state -> (Instrument?, [Diagnostic]) in
            let registration = state.registry.register(requested)
            switch registration.outcome {
            case .known(let number): return (state.instruments[number], registration.diagnostics)
            case .refused: return (nil, registration.diagnostics)
            case .new:
                let (made, warnings) = make(registration.instrument, state.isOn)
                state.instruments.append(made)
                return (made, registration.diagnostics + warnings.map { Diagnostic(severity: .warning, message: $0) })
            }
        }
        // Reported outside of the lock, since a handler of diagnostics may request instruments itself.
        for diagnostic in diagnostics { Diagnostics.report(diagnostic.severity, diagnostic.message) }
        return found
    }

    /// Enables or disables all instruments.
    func apply(_ configuration: MeterConfiguration) {
        let isEnabled = configuration.isEnabled
        state.withLock { state in
            state.isOn = isEnabled
            for instrument in state.instruments {
                switch instrument {
                case .synchronous(let instrument, _): instrument.setEnabled(isEnabled)
                case .observable(let core): core.setEnabled(isEnabled)
                }
            }
        }
    }

    /// The callbacks in the order of their registration; none while the meter is disabled.
    var callbacks: [RegisteredCallback] {
        state.withLock { state in
            state.isOn ? state.callbacks.values.sorted { $0.order < $1.order }.map(\.callback) : []
        }
    }

    /// Whether a collection runs callbacks of this meter.
    var hasCallbacks: Bool { state.withLock { $0.isOn && !$0.callbacks.isEmpty } }

    /// Returns the metrics of this meter for one reader; none while the meter is disabled.
    func collect(
        _ reader: Int, _ observations: [ObjectIdentifier: [Observation]], at time: CollectionTime, filter: (any MetricFilter)?
    ) -> [MetricData] {
        let instruments = state.withLock { $0.isOn ? $0.instruments : [] }
        var metrics: [MetricData] = []
        for instrument in instruments {
            switch instrument {
            case .synchronous(let instrument, let readers):
                for (store, number) in readers[reader] {
                    let selection = filter.selection(store.descriptor, instrument.descriptor.kind, instrumentationScope)
                    if let points = store.collect(number, at: time, where: selection.accepts), selection.isIncluded {
                        metrics.append(MetricData(descriptor: store.descriptor, points: points))
                    }
                }
            case .observable(let core):
                for stream in core.streams[reader] {
                    let selection = filter.selection(stream.descriptor, core.descriptor.kind, instrumentationScope)
                    let points = stream.collect(observations[ObjectIdentifier(core)] ?? [], at: time, where: selection.accepts)
                    if let points, selection.isIncluded { metrics.append(MetricData(descriptor: stream.descriptor, points: points)) }
                }
            }
        }
        return metrics
    }
}

extension (any MetricFilter)? {
    /// Returns whether the filter accepts a metric, and which of its series.
    fileprivate func selection(
        _ metric: MetricDescriptor, _ kind: InstrumentKind, _ scope: InstrumentationScope
    ) -> (isIncluded: Bool, accepts: (@Sendable (Attributes) -> Bool)?) {
        guard let self else { return (true, nil) }
        let identity = MetricIdentity(instrumentationScope: scope, name: metric.name, kind: kind, unit: metric.unit)
        switch self.verdict(on: identity) {
        case .accept: return (true, nil)
        case .drop: return (false, { _ in false })
        case .acceptPartly: return (true, { self.accepts($0, of: identity) })
        }
    }
}

/// The name of ``Meter`` for files that import swift-metrics too, which has a type of that name.
public typealias TelemetryMeter = Meter
