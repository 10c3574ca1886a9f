// Why a query has no answer.

/// An error as Prometheus' HTTP API names its kinds.
package enum PromQLError: Error, Equatable {
    /// The text is no query, at a place in characters from 0.
    case syntax(String, offset: Int)
    /// A parameter is wrong.
    case badData(String)
    /// The query is correct but cannot be answered.
    case execution(String)
    case timeout(String)

    /// The error with line and column, as Prometheus writes it.
    package func message(for query: String) -> String {
        switch self {
        case .syntax(let reason, let offset):
            let (line, column) = Self.position(of: offset, in: query)
            return "\(line):\(column): parse error: \(reason)"
        case .badData(let reason), .execution(let reason), .timeout(let reason): return reason
        }
    }

    /// Returns line and column, both from 1.
    package static func position(of offset: Int, in query: String) -> (line: Int, column: Int) {
        var (line, column) = (1, 1)
        for scalar in query.unicodeScalars.prefix(offset) {
            if scalar == "\n" { (line, column) = (line + 1, 1) } else { column += 1 }
        }
        return (line, column)
    }
}
