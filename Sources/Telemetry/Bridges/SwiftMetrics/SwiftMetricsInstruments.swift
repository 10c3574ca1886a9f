// The instruments that labels of swift-metrics have come to: each is looked up in its meter once.

#if SwiftMetrics
    import Synchronization

    /// What all factories of one meter share, so that the same label and dimensions are the same series everywhere.
    ///
    /// It does not hold the meter, whose callbacks hold it.
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

        /// By meter. Those of meters that are gone are taken out when another one comes.
        private static let known = Locked<[ObjectIdentifier: Reference]>([:])

        /// Those of a meter, always the same as long as anybody uses them.
        static func instruments(of meter: Meter) -> SwiftMetricsInstruments {
            known.withLock { known in
                // A new meter may lie where another one lay.
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

        /// The instrument of a label; made outside of the lock, since meters report what breaks a rule, and always give the same one.
        func instrument(_ label: String, make: (SwiftMetricsLabel) -> Instrument) -> Instrument {
            let key = ExactText(label)
            if let known = instruments.withLock({ $0[key] }) { return known }
            let made = make(SwiftMetricsLabel(label))
            instruments.withLock { instruments in
                // A meter has no more than that; what it makes beyond takes nothing.
                if instruments.count < InstrumentRegistry.maximumInstruments { instruments[key] = made }
            }
            return made
        }
    }
#endif
