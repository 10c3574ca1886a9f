// Negative values for monotonic instruments, and values that are not finite.

import Synchronization

/// Counts and reports the measurements that instruments refuse.
final class RefusedMeasurements: Sendable {
    private let negative = Atomic<UInt64>(0)
    private let notFinite = Atomic<UInt64>(0)

    var negativeCount: UInt64 { negative.load(ordering: .relaxed) }
    var notFiniteCount: UInt64 { notFinite.load(ordering: .relaxed) }

    func count(isNegative: Bool, of instrument: InstrumentDescriptor) {
        if isNegative {
            negative.wrappingAdd(1, ordering: .relaxed)
        } else {
            notFinite.wrappingAdd(1, ordering: .relaxed)
        }
        Diagnostics.report(
            .warning, topic: "metrics.refused.\(instrument.name)",
            "\(instrument.kind.nounWithArticle.capitalizedFirst) named \"\(instrument.name)\" was given a number "
                + (isNegative
                    ? "below zero, which it does not take: such measurements are dropped. Use an up-down counter or a gauge."
                    : "that is not finite: such measurements are dropped. Check what is measured, or use a gauge."))
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
