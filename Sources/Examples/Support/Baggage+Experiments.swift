// Reads the variants of experiments that a request has: services hand them on as baggage.

package import Telemetry

extension Baggage {
    /// The members that name the variant of an experiment, such as `experiment.like=on`, as attributes of spans and log records.
    ///
    /// Baggage comes from callers: at most four members are taken, and none that is longer than 64 bytes.
    package var experiments: Attributes {
        let members = entries.lazy.filter { $0.name.hasPrefix("experiment.") && $0.name.utf8.count <= 64 && $0.value.utf8.count <= 64 }
        return Attributes(members.prefix(4).map { ($0.name, .string($0.value)) })
    }
}
