// What the columns of a shard say of its records, for conditions that need not read them.

import Telemetry

/// Decides terms by columns, row by row: no, not known, or yes. Once the deadline has passed, nothing is known.
struct LogVerdicts {
    /// What stands for a row; the least of several holds for all of them, and the greatest for any.
    static let (no, unknown, yes): (UInt8, UInt8, UInt8) = (0, 1, 2)

    /// What is known of an attribute.
    enum Attribute {
        case column(AttributeColumn)
        /// No record has it.
        case absent
        case unknown
    }

    let shard: LogShard
    var deadline: QueryDeadline
    let attribute: (String) throws(SQLiteFile.Failure) -> Attribute
    /// What was found of attributes: a search may name one in each of its terms.
    private var attributes: [String: Attribute] = [:]

    init(shard: LogShard, deadline: QueryDeadline, attribute: @escaping (String) throws(SQLiteFile.Failure) -> Attribute) {
        (self.shard, self.deadline, self.attribute) = (shard, deadline, attribute)
    }

    /// Returns the verdicts by the row; nil where nothing is known of any.
    mutating func verdicts(_ term: SearchTerm) throws(SQLiteFile.Failure) -> [UInt8]? {
        switch term {
        case .everything: return [UInt8](repeating: Self.yes, count: shard.count)
        case .all(let terms): return try combined(terms) { min($0, $1) }
        case .any(let terms): return try combined(terms) { max($0, $1) }
        case .not(let term): return try verdicts(term)?.map { Self.yes - $0 }
        case .condition(let condition): return try verdicts(condition)
        }
    }

    private mutating func combined(
        _ terms: [SearchTerm], _ combine: (UInt8, UInt8) -> UInt8
    ) throws(SQLiteFile.Failure) -> [UInt8]? {
        var (result, hasUnknown): ([UInt8]?, Bool) = (nil, false)
        for term in terms {
            guard let found = try verdicts(term) else {
                hasUnknown = true
                continue
            }
            result = result.map { zip($0, found).map(combine) } ?? found
        }
        return hasUnknown ? result?.map { combine($0, Self.unknown) } : result
    }

    private mutating func verdicts(_ condition: SearchCondition) throws(SQLiteFile.Failure) -> [UInt8]? {
        guard deadline.check() else { return nil }
        switch condition.field {
        case .severity:
            let passing = LogColumnTest.severities(condition).map { $0 ? Self.yes : Self.no }
            return shard.columns.severities.map { passing[Int(min(24, $0))] }
        case .service, .scope: return verdicts(LogColumnTest.origins(condition, shard.origins))
        case .attribute(let key):
            let test = AttributeTest(key: key, condition)
            let origins = AttributeCheck.origins(test, shard.origins)
            switch try known(key) {
            case .unknown: return nil
            case .absent: return verdicts(origins)
            case .column(let column):
                let byCode =
                    [Self.no, Self.unknown]
                    + column.values.map { value in value.withUnsafeBytes { test.holds($0) } ? Self.yes : Self.no }
                var result = verdicts(origins)
                for row in 0..<min(result.count, column.codes.count) {
                    result[row] = max(result[row], byCode[Int(column.codes[row])])
                }
                return result
            }
        default: return nil
        }
    }

    private mutating func known(_ key: String) throws(SQLiteFile.Failure) -> Attribute {
        if let found = attributes[key] { return found }
        let found = try attribute(key)
        attributes[key] = found
        return found
    }

    private func verdicts(_ origins: [Bool]) -> [UInt8] {
        guard origins.contains(true) else { return [UInt8](repeating: Self.no, count: shard.count) }
        return shard.columns.origins.map { Int($0) < origins.count && origins[Int($0)] ? Self.yes : Self.no }
    }
}

extension SearchTerm {
    /// True if a part of it is about an attribute.
    var namesAttribute: Bool {
        switch self {
        case .everything: false
        case .all(let terms), .any(let terms): terms.contains(where: \.namesAttribute)
        case .not(let term): term.namesAttribute
        case .condition(let condition): if case .attribute = condition.field { true } else { false }
        }
    }
}
