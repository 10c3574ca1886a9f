// Detects duplicate and conflicting registrations of instruments.

/// The result of a registration.
struct InstrumentRegistration: Sendable {
    enum Outcome: Sendable, Hashable {
        /// A new instrument, with its number: numbers count up from 0.
        case new(Int)
        /// An instrument that was registered before, with its number.
        /// equal.
        case known(Int)
        /// Too many instruments: the measurements of this one are dropped.
        case refused
    }

    let outcome: Outcome
    /// The instrument with the casing and the valid advisory parameters of its first registration.
    let instrument: InstrumentDescriptor
    /// The problems found, each with a remedy.
    let diagnostics: [Diagnostic]
}

/// The instruments of one meter by identity.
///
/// (Specification: metrics SDK, "Duplicate instrument registration".)
struct InstrumentRegistry: Sendable {
    /// The limit of instruments, which live as long as their meter.
    static let maximumInstruments = 10_000

    /// The properties that identify an instrument in its meter. (Specification: metrics API, "Instrument".)
    private struct Identity: Hashable {
        let name: InstrumentName
        let kind: InstrumentKind
        let isFloatingPoint: Bool
        let unit: ExactText
        let description: ExactText

        init(_ instrument: InstrumentDescriptor) {
            name = InstrumentName(instrument.name)
            kind = instrument.kind
            isFloatingPoint = instrument.isFloatingPoint
            unit = ExactText(instrument.unit)
            description = ExactText(instrument.description)
        }
    }

    private struct Instrument {
        let descriptor: InstrumentDescriptor
        let plans: [StreamPlan]
    }

    private let scope: InstrumentationScope
    private let views: ViewRegistry
    private var instruments: [Instrument] = []
    private var numbers: [Identity: Int] = [:]
    /// The numbers of all instruments by name; the casing of the first one applies.
    private var numbersByName: [InstrumentName: [Int]] = [:]
    /// The first metric of each name.
    private var metrics: [InstrumentName: MetricConflict.Metric] = [:]
    private var hasRefused = false

    init(scope: InstrumentationScope, views: ViewRegistry) {
        self.scope = scope
        self.views = views
    }

    /// Registers an instrument, or finds the one with the same identity.
    mutating func register(_ requested: InstrumentDescriptor) -> InstrumentRegistration {
        var diagnostics: [Diagnostic] = []
        var instrument = requested
        if let boundaries = instrument.boundaries, !Aggregation.areValid(boundaries) {
            instrument.boundaries = nil
            diagnostics.append(
                .error(
                    """
                    \(quoted(requested)) advises boundaries that do not count: give finite numbers, each greater than the one before.
                    """))
        }
        let sameName = numbersByName[InstrumentName(requested.name)] ?? []
        if let first = sameName.first, !instruments[first].descriptor.name.hasSameBytes(as: requested.name) {
            instrument.name = instruments[first].descriptor.name
            diagnostics.append(
                .warning(
                    """
                    \(quoted(requested)) is called "\(instrument.name)", as it was first, since the case of letters does not tell \
                    names apart. Write it the same way everywhere.
                    """))
        }
        guard let number = numbers[Identity(instrument)] ?? equalAfterViews(of: instrument, among: sameName) else {
            return add(instrument, diagnostics)
        }
        let known = instruments[number].descriptor
        if !known.gives(sameAdviceAs: instrument) {
            diagnostics.append(
                .warning(
                    """
                    \(quoted(known)) was asked for again with other boundaries or attribute keys; the first ones count. \
                    Give the same ones everywhere, or set them with a view.
                    """))
        }
        return InstrumentRegistration(outcome: .known(number), instrument: known, diagnostics: diagnostics)
    }

    private mutating func add(_ instrument: InstrumentDescriptor, _ diagnostics: [Diagnostic]) -> InstrumentRegistration {
        guard instruments.count < Self.maximumInstruments else { return refuse(instrument) }
        var diagnostics = diagnostics
        if !InstrumentName.isValid(instrument.name) {
            diagnostics.append(
                .error("\(quoted(instrument)) breaks the rules for names; it works, but receivers may refuse it. \(InstrumentName.rule)"))
        }
        let number = instruments.count
        let plans = views.plans(for: instrument, scope: scope).plans
        instruments.append(Instrument(descriptor: instrument, plans: plans))
        numbers[Identity(instrument)] = number
        numbersByName[InstrumentName(instrument.name), default: []].append(number)
        for plan in plans {
            let metric = MetricConflict.Metric(plan: plan, instrument: instrument, number: number)
            if let first = metrics[InstrumentName(plan.name)] {
                diagnostics.append(.warning(MetricConflict(meter: scope.name, first: first, second: metric).message))
            } else {
                metrics[InstrumentName(plan.name)] = metric
            }
        }
        return InstrumentRegistration(outcome: .new(number), instrument: instrument, diagnostics: diagnostics)
    }

    private mutating func refuse(_ instrument: InstrumentDescriptor) -> InstrumentRegistration {
        defer { hasRefused = true }
        let full = Diagnostic.error(
            """
            \(quoted(instrument)) and those after it measure nothing: there are \(Self.maximumInstruments) already. \
            Put what varies into attributes instead of names.
            """)
        return InstrumentRegistration(outcome: .refused, instrument: instrument, diagnostics: hasRefused ? [] : [full])
    }

    /// Finds an instrument that differs in its description alone, if views make their streams equal.
    private func equalAfterViews(of instrument: InstrumentDescriptor, among sameName: [Int]) -> Int? {
        sameName.first { number in
            let (other, plans) = (instruments[number].descriptor, instruments[number].plans)
            guard other.kind == instrument.kind, other.isFloatingPoint == instrument.isFloatingPoint,
                other.unit.hasSameBytes(as: instrument.unit)
            else { return false }
            var instrument = instrument
            // The first advisory parameters apply, as they do for identical instruments.
            instrument.attributeKeys = other.attributeKeys
            return views.plans(for: instrument, scope: scope).plans == plans
        }
    }

    private func quoted(_ instrument: InstrumentDescriptor) -> String {
        "The instrument \"\(instrument.name.prefix(InstrumentName.maximumLength))\" of the meter \"\(scope.name)\""
    }
}

extension InstrumentDescriptor {
    /// Reports whether both have the same advisory boundaries and keys, in any order.
    fileprivate func gives(sameAdviceAs other: InstrumentDescriptor) -> Bool {
        boundaries == other.boundaries
            && attributeKeys.map { Set($0.map(ExactText.init)) } == other.attributeKeys.map { Set($0.map(ExactText.init)) }
    }
}

extension Diagnostic {
    fileprivate static func warning(_ message: String) -> Diagnostic { Diagnostic(severity: .warning, message: message) }

    fileprivate static func error(_ message: String) -> Diagnostic { Diagnostic(severity: .error, message: message) }
}
