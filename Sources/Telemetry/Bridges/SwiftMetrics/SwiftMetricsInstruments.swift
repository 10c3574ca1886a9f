// Caches the instruments of labels, so that each is created in its meter once.

#if SwiftMetrics
    import Synchronization

    /// The instruments that all factories of one meter share, so that a label with dimensions is one series.
    ///
    /// It must not hold the meter, whose callbacks hold it.
    final class SwiftMetricsInstruments: Sendable {
        let counters = InstrumentsByLabel<Counter<Int>>()
        let floatingPointCounters = InstrumentsByLabel<Counter<Double>>()
        let recorders = InstrumentsByLabel<Histogram<Double>>()
        let timers = InstrumentsByLabel<Histogram<Double>>()
        let currentValues = CurrentValues()

        private struct Reference {
            weak var meter: Meter?
            weak var instruments: SwiftMetricsInstruments?
        }

        /// The instruments by meter. Those of deallocated meters are removed when a meter is added.
        private static let known = Locked<[ObjectIdentifier: Reference]>([:])

        /// Returns the instruments of a meter, the same as long as they are referenced.
        static func instruments(of meter: Meter) -> SwiftMetricsInstruments {
            known.withLock { known in
                // A new meter may have the address of a deallocated one.
                if let found = known[ObjectIdentifier(meter)], found.meter === meter, let instruments = found.instruments {
                    return instruments
                }
                known = known.filter { $0.value.instruments != nil }
                let made = SwiftMetricsInstruments()
                known[ObjectIdentifier(meter)] = Reference(meter: meter, instruments: made)
                return made
            }
        }
    }

    /// Instruments of one kind, by label.
    final class InstrumentsByLabel<Instrument: Sendable>: Sendable {
        private let instruments = Locked<[ExactText: Instrument]>([:])

        /// Returns the instrument of a label. It is created without the lock, since meters report diagnostics and return the same instrument.
        func instrument(_ label: String, make: (SwiftMetricsLabel) -> Instrument) -> Instrument {
            let key = ExactText(label)
            if let known = instruments.withLock({ $0[key] }) { return known }
            let made = make(SwiftMetricsLabel(label))
            instruments.withLock { instruments in
                // A meter has no more instruments; those beyond its limit record nothing.
                if instruments.count < InstrumentRegistry.maximumInstruments { instruments[key] = made }
            }
            return made
        }
    }
#endif
