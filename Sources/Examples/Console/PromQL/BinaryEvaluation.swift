// Binary operators between scalars and vectors.

import Glibc

/// Evaluates one operator.
struct BinaryEvaluation {
    typealias Expression = PromQLExpression

    let operation: Expression.Operator
    let matching: Expression.Matching
    let isBool: Bool
    let steps: QuerySteps
    let budget: QueryBudget

    init(_ operation: Expression.Operator, _ matching: Expression.Matching, isBool: Bool, steps: QuerySteps, budget: QueryBudget) {
        self.operation = operation
        self.matching = matching
        self.isBool = isBool
        self.steps = steps
        self.budget = budget
    }

    func value(_ left: QueryValue, _ right: QueryValue) throws(PromQLError) -> QueryValue {
        switch (left, right) {
        case (.scalar(let left), .scalar(let right)):
            return .scalar(zip(left, right).map { operation.isComparison ? (holds($0, $1) ? 1 : 0) : calculated($0, $1) })
        case (.vector(let series), .scalar(let scalar)):
            return .vector(try PromQLEvaluator.merged(series.compactMap { combined($0, scalar, isSwapped: false) }))
        case (.scalar(let scalar), .vector(let series)):
            return .vector(try PromQLEvaluator.merged(series.compactMap { combined($0, scalar, isSwapped: true) }))
        case (.vector(let left), .vector(let right)):
            return .vector(operation.isSet ? try VectorSets(self).series(left, right) : try VectorMatches(self).series(left, right))
        default: throw .execution("a string is no operand of \(operation.rawValue)")
        }
    }

    private var dropsName: Bool { !operation.isComparison || isBool }

    /// - Parameter isSwapped: true if the scalar is the left operand.
    private func combined(_ series: VectorSeries, _ scalar: [Double], isSwapped: Bool) -> VectorSeries? {
        var result = VectorSeries(dropsName ? series.labels.withoutMetricName : series.labels, count: steps.count)
        for step in 0..<steps.count {
            if series.hasValue(step) {
                let value = series.values[step]
                let (left, right) = isSwapped ? (scalar[step], value) : (value, scalar[step])
                if !operation.isComparison {
                    result.values[step] = calculated(left, right)
                } else if isBool {
                    result.values[step] = holds(left, right) ? 1 : 0
                } else if holds(left, right) {
                    result.values[step] = value
                }
            } else if let histogram = series.histogram(step) {
                switch (operation, isSwapped) {
                case (.multiply, _): result.set(histogram.scaled(by: scalar[step]), at: step)
                case (.divide, false): result.set(histogram.divided(by: scalar[step]), at: step)
                default: break
                }
            }
        }
        return result.isEmpty ? nil : result
    }

    /// Writes the result of two series at a step; returns false if there is none.
    func write(_ left: VectorSeries, _ right: VectorSeries, _ step: Int, to result: inout VectorSeries) -> Bool {
        switch (left.histogram(step), right.histogram(step)) {
        case (nil, nil):
            let (first, second) = (left.values[step], right.values[step])
            if !operation.isComparison {
                result.values[step] = calculated(first, second)
            } else if isBool {
                result.values[step] = holds(first, second) ? 1 : 0
            } else if holds(first, second) {
                result.values[step] = first
            } else {
                return false
            }
        case (let first?, let second?):
            switch operation {
            case .add: result.set(first.adding(second), at: step)
            case .subtract: result.set(first.subtracting(second), at: step)
            case .equal where !isBool && first == second, .notEqual where !isBool && first != second: result.set(first, at: step)
            case .equal where isBool: result.values[step] = first == second ? 1 : 0
            case .notEqual where isBool: result.values[step] = first != second ? 1 : 0
            default: return false
            }
        case (let first?, nil):
            switch operation {
            case .multiply: result.set(first.scaled(by: right.values[step]), at: step)
            case .divide: result.set(first.divided(by: right.values[step]), at: step)
            default: return false
            }
        case (nil, let second?):
            guard operation == .multiply else { return false }
            result.set(second.scaled(by: left.values[step]), at: step)
        }
        return true
    }

    private func calculated(_ left: Double, _ right: Double) -> Double {
        switch operation {
        case .add: left + right
        case .subtract: left - right
        case .multiply: left * right
        case .divide: left / right
        case .modulo: fmod(left, right)
        case .power: pow(left, right)
        case .atan2: Glibc.atan2(left, right)
        default: .nan
        }
    }

    private func holds(_ left: Double, _ right: Double) -> Bool {
        switch operation {
        case .equal: left == right
        case .notEqual: left != right
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        default: false
        }
    }

    // MARK: Labels

    /// Returns the labels by which series of both sides belong together.
    func signature(of labels: LabelSet) -> LabelSet {
        matching.isOn ? labels.keeping(matching.names) : labels.removing(matching.names + [LabelSet.nameLabel])
    }

    /// Returns the labels of the result of two series; `many` is the side of which several belong to one of the other.
    func labels(many: LabelSet, one: LabelSet) -> LabelSet {
        var labels = dropsName ? many.withoutMetricName : many
        guard matching.cardinality == .oneToOne else {
            for name in matching.included { labels = labels.setting(name, one[name]) }
            return labels
        }
        labels = matching.isOn ? labels.keeping(matching.names) : labels.removing(matching.names)
        return labels
    }
}

/// Evaluates `and`, `or` and `unless`.
struct VectorSets {
    private let binary: BinaryEvaluation

    init(_ binary: BinaryEvaluation) {
        self.binary = binary
    }

    func series(_ left: [VectorSeries], _ right: [VectorSeries]) throws(PromQLError) -> [VectorSeries] {
        if binary.operation == .or {
            let presence = presence(of: left)
            return try PromQLEvaluator.merged(left + right.compactMap { filtered($0, presence, keepsPresent: false) })
        }
        let presence = presence(of: right)
        return left.compactMap { filtered($0, presence, keepsPresent: binary.operation == .and) }
    }

    /// For each signature the steps at which some series has a value.
    private func presence(of series: [VectorSeries]) -> [LabelSet: [Bool]] {
        var result: [LabelSet: [Bool]] = [:]
        for one in series {
            let steps = one.values.indices
            result[binary.signature(of: one.labels), default: [Bool](repeating: false, count: steps.count)].withUnsafeMutableBufferPointer {
                for step in steps where one.isPresent(step) { $0[step] = true }
            }
        }
        return result
    }

    private func filtered(_ one: VectorSeries, _ presence: [LabelSet: [Bool]], keepsPresent: Bool) -> VectorSeries? {
        guard let present = presence[binary.signature(of: one.labels)] else { return keepsPresent ? nil : one }
        var result = one
        for step in present.indices where present[step] != keepsPresent { result.remove(step) }
        return result.isEmpty ? nil : result
    }
}

/// Evaluates arithmetic and comparisons between two vectors.
struct VectorMatches {
    private let binary: BinaryEvaluation

    init(_ binary: BinaryEvaluation) {
        self.binary = binary
    }

    func series(_ left: [VectorSeries], _ right: [VectorSeries]) throws(PromQLError) -> [VectorSeries] {
        let isSwapped = binary.matching.cardinality == .oneToMany
        let (many, one) = isSwapped ? (right, left) : (left, right)
        var partners: [LabelSet: [Int]] = [:]
        for (index, series) in one.enumerated() { partners[binary.signature(of: series.labels), default: []].append(index) }
        try checkUnique(one, partners, many, isLeft: isSwapped)
        var results: [VectorSeries] = []
        var places: [LabelSet: Int] = [:]
        /// For matching one to one, the steps at which a signature has been used.
        var used: [LabelSet: [Bool]] = [:]
        for series in many {
            try binary.budget.check()
            let signature = binary.signature(of: series.labels)
            guard let candidates = partners[signature] else { continue }
            var resultPlaces: [Int: Int] = [:]
            var taken = used[signature] ?? [Bool](repeating: false, count: binary.steps.count)
            used[signature] = nil
            for step in 0..<binary.steps.count where series.isPresent(step) {
                guard let partner = candidates.first(where: { one[$0].isPresent(step) }) else { continue }
                if binary.matching.cardinality == .oneToOne {
                    guard !taken[step] else {
                        throw .execution(
                            "found duplicate series for the match group \(signature.text) on the left hand-side of the operation;"
                                + "many-to-many matching not allowed: matching labels must be unique on one side")
                    }
                    taken[step] = true
                }
                let place: Int
                if let known = resultPlaces[partner] {
                    place = known
                } else {
                    let labels = binary.labels(many: series.labels, one: one[partner].labels)
                    place = places[labels] ?? results.count
                    if place == results.count {
                        try binary.budget.take(values: binary.steps.count)
                        places[labels] = place
                        results.append(VectorSeries(labels, count: binary.steps.count))
                    }
                    resultPlaces[partner] = place
                }
                guard !results[place].isPresent(step) else {
                    throw .execution("multiple matches for labels: grouping labels must ensure unique matches")
                }
                if isSwapped {
                    _ = binary.write(one[partner], series, step, to: &results[place])
                } else {
                    _ = binary.write(series, one[partner], step, to: &results[place])
                }
            }
            used[signature] = taken
        }
        return results.filter { !$0.isEmpty }
    }

    /// Throws if two series of the side that has one of each signature have values at the same step, whether they have partners or not.
    private func checkUnique(
        _ one: [VectorSeries], _ partners: [LabelSet: [Int]], _ many: [VectorSeries], isLeft: Bool
    ) throws(PromQLError) {
        for (signature, candidates) in partners where candidates.count > 1 {
            for step in 0..<binary.steps.count where candidates.count(where: { one[$0].isPresent(step) }) > 1 {
                // Without anything on the other side there is nothing to match.
                guard many.contains(where: { $0.isPresent(step) }) else { continue }
                throw .execution(
                    "found duplicate series for the match group \(signature.text) on the \(isLeft ? "left" : "right") hand-side of the"
                        + " operation;many-to-many matching not allowed: matching labels must be unique on one side")
            }
        }
    }
}

extension LabelSet {
    /// The labels as queries write them.
    var text: String {
        "{" + labels.map { "\($0.name)=\"\($0.value)\"" }.joined(separator: ", ") + "}"
    }
}
