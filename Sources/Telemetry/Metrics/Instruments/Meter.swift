// Makes the instruments of one scope.

/// Makes the instruments of one instrumentation scope.
///
/// Asking again for the same instrument gives the same one. What breaks a rule of the specification, such as a name with
/// characters that do not belong there, gives an instrument that works, and is reported. (Specification: metrics API, "Meter".)
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

    /// Measurements refer to series and not to meters: a meter ends with its provider.
    static let livesForever = false

    /// Callbacks stay until they are unregistered, so there is an end to their number: further ones are never called.
    static let maximumCallbacks = 10_000

    let recordedScope: RecordedScope
    let setup: MeterSetup
    private let state: Locked<State>

    /// A meter that is off until its configuration is applied.
    init(_ scope: RecordedScope, _ setup: MeterSetup) {
        recordedScope = scope
        self.setup = setup
        state = Locked(State(registry: InstrumentRegistry(scope: scope.scope, views: setup.views), isOn: false))
    }

    /// What the instruments belong to.
    public var instrumentationScope: InstrumentationScope { recordedScope.scope }

    /// A counter of whole numbers, unless the type says otherwise.
    ///
    /// - Parameters:
    ///   - name: a letter, then up to 254 letters, digits, `_`, `.`, `-` and `/`.
    ///   - type: `Int.self` or `Double.self`; it is found out where the variable has a type.
    ///   - unit: in UCUM notation: `s`, `By`, `{request}`.
    ///   - description: one sentence for people.
    ///   - attributeKeys: advice: the attributes that are kept where no view says which.
    public func counter<Value: MeasurementValue>(
        _ name: String, of type: Value.Type = Int.self, unit: String = "", description: String = "", attributeKeys: [String]? = nil
    ) -> Counter<Value> {
        Counter(synchronous(name, .counter, type, unit, description, attributeKeys: attributeKeys))
    }

    /// An up-down counter of whole numbers, unless the type says otherwise. For the parameters see
    /// ``counter(_:of:unit:description:attributeKeys:)``.
    public func upDownCounter<Value: MeasurementValue>(
        _ name: String, of type: Value.Type = Int.self, unit: String = "", description: String = "", attributeKeys: [String]? = nil
    ) -> UpDownCounter<Value> {
        UpDownCounter(synchronous(name, .upDownCounter, type, unit, description, attributeKeys: attributeKeys))
    }

    /// A histogram of floating-point numbers, unless the type says otherwise.
    ///
    /// - Parameters:
    ///   - boundaries: advice: the upper bounds of the buckets, rising, where no view says which. The other parameters are those of
    ///     ``counter(_:of:unit:description:attributeKeys:)``.
    public func histogram<Value: MeasurementValue>(
        _ name: String, of type: Value.Type = Double.self, unit: String = "", description: String = "", boundaries: [Double]? = nil,
        attributeKeys: [String]? = nil
    ) -> Histogram<Value> {
        Histogram(synchronous(name, .histogram, type, unit, description, boundaries: boundaries, attributeKeys: attributeKeys))
    }

    /// A gauge of whole numbers, unless the type says otherwise. For the parameters see
    /// ``counter(_:of:unit:description:attributeKeys:)``.
    public func gauge<Value: MeasurementValue>(
        _ name: String, of type: Value.Type = Int.self, unit: String = "", description: String = "", attributeKeys: [String]? = nil
    ) -> Gauge<Value> {
        Gauge(synchronous(name, .gauge, type, unit, description, attributeKeys: attributeKeys))
    }

    /// Registers one callback for several instruments of this meter: what is dear to find out is found out once.
    ///
    /// Instruments of other meters are left out, which is reported. The callback is called until it is unregistered.
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
        // Instruments beyond their number belong to nobody, of which was told already: they have no streams.
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

    /// The instrument that is asked for, made if it is not there; nil when there are too many.
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
        // Told outside of the lock: who takes messages may itself ask for instruments.
        for diagnostic in diagnostics { Diagnostics.report(diagnostic.severity, diagnostic.message) }
        return found
    }

    /// Switches all instruments on or off.
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

    /// The callbacks of this meter in the order in which they were registered; none while it is off.
    var callbacks: [RegisteredCallback] {
        state.withLock { state in
            state.isOn ? state.callbacks.values.sorted { $0.order < $1.order }.map(\.callback) : []
        }
    }

    /// The metrics of this meter for one reader; none while it is off.
    func collect(
        _ reader: Int, _ observations: [ObjectIdentifier: [Observation]], at time: CollectionTime, filter: (any MetricFilter)?
    ) -> [MetricData] {
        let instruments = state.withLock { $0.isOn ? $0.instruments : [] }
        var metrics: [MetricData] = []
        for instrument in instruments {
            switch instrument {
            case .synchronous(let instrument, let readers):
                for (store, number) in readers[reader] {
                    let wanted = filter.wanted(store.descriptor, instrument.descriptor.kind, instrumentationScope)
                    if let points = store.collect(number, at: time, where: wanted.accepts), wanted.isWanted {
                        metrics.append(MetricData(descriptor: store.descriptor, points: points))
                    }
                }
            case .observable(let core):
                for stream in core.streams[reader] {
                    let wanted = filter.wanted(stream.descriptor, core.descriptor.kind, instrumentationScope)
                    let points = stream.collect(observations[ObjectIdentifier(core)] ?? [], at: time, where: wanted.accepts)
                    if let points, wanted.isWanted { metrics.append(MetricData(descriptor: stream.descriptor, points: points)) }
                }
            }
        }
        return metrics
    }
}

extension (any MetricFilter)? {
    /// Whether a metric is wanted at all, and which of its series.
    fileprivate func wanted(
        _ metric: MetricDescriptor, _ kind: InstrumentKind, _ scope: InstrumentationScope
    ) -> (isWanted: Bool, accepts: (@Sendable (Attributes) -> Bool)?) {
        guard let self else { return (true, nil) }
        let identity = MetricIdentity(instrumentationScope: scope, name: metric.name, kind: kind, unit: metric.unit)
        switch self.verdict(on: identity) {
        case .accept: return (true, nil)
        case .drop: return (false, { _ in false })
        case .acceptPartly: return (true, { self.accepts($0, of: identity) })
        }
    }
}
