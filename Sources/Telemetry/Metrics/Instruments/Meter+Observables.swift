// Makes observable instruments.

// Each function has two forms, since a type parameter that a closure helps to infer cannot have a default.

extension Meter {
    /// Returns a counter whose running total a callback observes at each collection. For the parameters see
    /// ``counter(_:of:unit:description:attributeKeys:)`` and ``ObservableInstrument/addCallback(_:)``.
    @discardableResult
    public func observableCounter<Value: MeasurementValue>(
        _ name: String, of type: Value.Type, unit: String = "", description: String = "", attributeKeys: [String]? = nil,
        callback: (@Sendable (MetricObserver<Value>) throws -> Void)? = nil
    ) -> ObservableCounter<Value> {
        observable(name, .observableCounter, unit, description, attributeKeys, callback)
    }

    /// Returns a counter of integers whose running total a callback observes at each collection.
    @discardableResult
    public func observableCounter(
        _ name: String, unit: String = "", description: String = "", attributeKeys: [String]? = nil,
        callback: (@Sendable (MetricObserver<Int>) throws -> Void)? = nil
    ) -> ObservableCounter<Int> {
        observable(name, .observableCounter, unit, description, attributeKeys, callback)
    }

    /// Returns an up-down counter whose running total a callback observes at each collection.
    ///
    /// For the parameters see ``counter(_:of:unit:description:attributeKeys:)`` and ``ObservableInstrument/addCallback(_:)``.
    @discardableResult
    public func observableUpDownCounter<Value: MeasurementValue>(
        _ name: String, of type: Value.Type, unit: String = "", description: String = "", attributeKeys: [String]? = nil,
        callback: (@Sendable (MetricObserver<Value>) throws -> Void)? = nil
    ) -> ObservableUpDownCounter<Value> {
        observable(name, .observableUpDownCounter, unit, description, attributeKeys, callback)
    }

    /// Returns an up-down counter of integers whose running total a callback observes at each collection.
    @discardableResult
    public func observableUpDownCounter(
        _ name: String, unit: String = "", description: String = "", attributeKeys: [String]? = nil,
        callback: (@Sendable (MetricObserver<Int>) throws -> Void)? = nil
    ) -> ObservableUpDownCounter<Int> {
        observable(name, .observableUpDownCounter, unit, description, attributeKeys, callback)
    }

    /// Returns a gauge whose value a callback observes at each collection. For the parameters see
    /// ``counter(_:of:unit:description:attributeKeys:)`` and ``ObservableInstrument/addCallback(_:)``.
    @discardableResult
    public func observableGauge<Value: MeasurementValue>(
        _ name: String, of type: Value.Type, unit: String = "", description: String = "", attributeKeys: [String]? = nil,
        callback: (@Sendable (MetricObserver<Value>) throws -> Void)? = nil
    ) -> ObservableGauge<Value> {
        observable(name, .observableGauge, unit, description, attributeKeys, callback)
    }

    /// Returns a gauge of integers whose value a callback observes at each collection.
    @discardableResult
    public func observableGauge(
        _ name: String, unit: String = "", description: String = "", attributeKeys: [String]? = nil,
        callback: (@Sendable (MetricObserver<Int>) throws -> Void)? = nil
    ) -> ObservableGauge<Int> {
        observable(name, .observableGauge, unit, description, attributeKeys, callback)
    }

    private func observable<Value: MeasurementValue>(
        _ name: String, _ kind: InstrumentKind, _ unit: String, _ description: String, _ attributeKeys: [String]?,
        _ callback: (@Sendable (MetricObserver<Value>) throws -> Void)?
    ) -> ObservableInstrument<Value> {
        let requested = InstrumentDescriptor(
            name: name, kind: kind, isFloatingPoint: Value.isFloatingPoint, unit: unit, description: description,
            attributeKeys: attributeKeys)
        let found = instrument(requested) { descriptor, isOn in
            let (streams, warnings) = setup.streams(for: descriptor, instrumentationScope)
            return (.observable(ObservableCore(descriptor, streams: streams, isOn: isOn, refusals: setup.refusals)), warnings)
        }
        var core = ObservableCore(requested, streams: [], isOn: false, refusals: setup.refusals)
        if case .observable(let known) = found { core = known }
        let instrument = ObservableInstrument<Value>(core, self)
        if let callback { instrument.addCallback(callback) }
        return instrument
    }
}
