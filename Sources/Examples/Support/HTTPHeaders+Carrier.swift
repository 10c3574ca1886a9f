// Lets propagators read and write header fields, which carry the trace context between services.

package import Telemetry

extension HTTPHeaders: CarrierReader, CarrierWriter {
    package var names: [String] { map(\.name) }

    package func value(for name: String) -> String? { self[name] }

    package func values(for name: String) -> [String] { values(named: name) }

    package func forEachValue(for name: String, _ body: (String) -> Void) {
        // Without an array of the values, of which there is mostly one or none.
        for field in self where HTTPGrammar.isSame(field.name, name) { body(field.value) }
    }

    package mutating func setValue(_ value: String, for name: String) { self[name] = value }
}
