// Lists in environment variables.

import ExampleSupport

extension ServiceEnvironment {
    /// Returns the parts of a variable between commas, without blanks.
    func list(_ name: String) -> [String] {
        (self[name] ?? "").split(separator: ",").map { $0.filter { !$0.isWhitespace } }.filter { !$0.isEmpty }
    }
}
