// A reader of OpenMetrics 2.0 by its grammar, for tests.

/// Checks a page against the ABNF of OpenMetrics 2.0 and the rules of its text for metadata, order and composite values.
struct OpenMetrics2Grammar {
    struct Violation: Error, CustomStringConvertible {
        let description: String
    }

    /// One line with a value.
    struct Sample {
        let name: String
        let labels: [String: String]
        let value: String
        var timestamp: String?
        var startTime: String?
        var exemplarCount = 0
    }

    private(set) var samples: [Sample] = []
    private(set) var types: [String: String] = [:]

    init(_ page: String) throws {
        guard page.hasSuffix("# EOF\n") || page.hasSuffix("# EOF") else { throw Violation(description: "The page ends without # EOF.") }
        guard !page.utf8.contains(0x0D), !page.hasPrefix("\u{FEFF}") else { throw Violation(description: "A carriage return or mark.") }
        var metadata: Set<String> = []
        var finished: Set<String> = []
        var current = ""
        var known: Set<String> = []
        for line in page.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) where !line.isEmpty && line != "# EOF" {
            var cursor = Cursor(line)
            let name: String
            if cursor.take("# ") {
                guard let word = ["TYPE ", "UNIT ", "HELP "].first(where: { cursor.take($0) }) else {
                    throw Violation(description: "No comments: \(line)")
                }
                name = try cursor.name()
                guard metadata.insert(word + name).inserted else { throw Violation(description: "Twice: \(line)") }
                try cursor.expect(" ")
                if word == "TYPE " {
                    let words = ["counter", "gauge", "histogram", "gaugehistogram", "stateset", "info", "summary", "unknown"]
                    guard words.contains(cursor.rest) else { throw Violation(description: "No type: \(line)") }
                    types[name] = cursor.rest
                } else if word == "HELP ", !Self.isEscaped(cursor.rest) {
                    throw Violation(description: "Not escaped: \(line)")
                }
            } else {
                let sample = try Self.sample(&cursor, types, line)
                name = sample.name
                let key = "\(name)\(sample.labels.sorted { $0.key < $1.key }) \(sample.timestamp ?? "")"
                guard known.insert(key).inserted else { throw Violation(description: "Twice: \(line)") }
                samples.append(sample)
            }
            if name != current {
                guard finished.insert(name).inserted else { throw Violation(description: "Interleaved: \(line)") }
                current = name
            }
        }
    }

    private static func isEscaped(_ text: String) -> Bool {
        var isEscape = false
        for character in text.unicodeScalars {
            if isEscape {
                guard "n\"\\".unicodeScalars.contains(character) else { return false }
                isEscape = false
            } else if character == "\\" {
                isEscape = true
            } else if character == "\"" {
                return false
            }
        }
        return !isEscape
    }

    private static func sample(_ cursor: inout Cursor, _ types: [String: String], _ line: String) throws -> Sample {
        let (name, labels) = try cursor.nameAndLabels()
        try cursor.expect(" ")
        let type = types[name] ?? "unknown"
        let isComposite = ["histogram", "gaugehistogram", "summary"].contains(type)
        let value = try isComposite ? cursor.composite(type) : cursor.number()
        var sample = Sample(name: name, labels: labels, value: value)
        while !cursor.isAtEnd {
            try cursor.expect(" ")
            if cursor.take("st@") {
                guard sample.startTime == nil, sample.exemplarCount == 0 else { throw Violation(description: "Misplaced start: \(line)") }
                sample.startTime = try cursor.realNumber()
            } else if cursor.take("# ") {
                _ = try cursor.labelsInBraces()
                try cursor.expect(" ")
                _ = try cursor.number()
                try cursor.expect(" ")
                _ = try cursor.realNumber()
                sample.exemplarCount += 1
            } else {
                guard sample.timestamp == nil, sample.startTime == nil else { throw Violation(description: "Misplaced time: \(line)") }
                sample.timestamp = try cursor.realNumber()
            }
        }
        if type == "counter" {
            guard let number = Double(value), number >= 0 else { throw Violation(description: "No counter: \(line)") }
        } else if sample.startTime != nil, !["histogram", "summary"].contains(type) {
            throw Violation(description: "A start of \(type): \(line)")
        }
        if type == "info", !name.hasSuffix("_info") || Double(value) != 1 { throw Violation(description: "No info: \(line)") }
        return sample
    }
}

/// Reads one line.
private struct Cursor {
    private let scalars: [Unicode.Scalar]
    private var place = 0

    init(_ line: String) {
        scalars = Array(line.unicodeScalars)
    }

    var isAtEnd: Bool { place == scalars.count }
    var rest: String { text(scalars[place...]) }
    private var next: Unicode.Scalar? { place < scalars.count ? scalars[place] : nil }

    private func text(_ part: ArraySlice<Unicode.Scalar>) -> String {
        var text = ""
        text.unicodeScalars.append(contentsOf: part)
        return text
    }

    private func violation(_ wanted: String) -> OpenMetrics2Grammar.Violation {
        OpenMetrics2Grammar.Violation(description: "\(wanted) was expected at \(place) of \(text(scalars[...]))")
    }

    mutating func take(_ wanted: String) -> Bool {
        let wanted = Array(wanted.unicodeScalars)
        guard scalars[place...].starts(with: wanted) else { return false }
        place += wanted.count
        return true
    }

    mutating func expect(_ wanted: String) throws { guard take(wanted) else { throw violation(wanted) } }

    private mutating func word(_ isAllowed: (Unicode.Scalar) -> Bool) -> String {
        let start = place
        while let next, isAllowed(next) { place += 1 }
        return text(scalars[start..<place])
    }

    private mutating func quoted() throws -> String {
        try expect("\"")
        var result = ""
        while let next, next != "\"" {
            place += 1
            guard next == "\\" else {
                result.unicodeScalars.append(next)
                continue
            }
            guard let escaped = self.next, "n\"\\".unicodeScalars.contains(escaped) else { throw violation("an escape") }
            result.unicodeScalars.append(escaped == "n" ? "\n" : escaped)
            place += 1
        }
        try expect("\"")
        return result
    }

    /// Reads a name as it stands in metadata and before labels.
    mutating func name() throws -> String {
        if next == "\"" { return try quoted() }
        return try plainName(allowsColon: true)
    }

    private mutating func plainName(allowsColon: Bool) throws -> String {
        guard let first = next, first.isASCII, first.properties.isAlphabetic || first == "_" || (first == ":" && allowsColon) else {
            throw violation("a name")
        }
        return word { $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "_" || ($0 == ":" && allowsColon)) }
    }

    mutating func nameAndLabels() throws -> (String, [String: String]) {
        guard next == "{" else {
            let name = try plainName(allowsColon: true)
            return (name, next == "{" ? try labelsInBraces() : [:])
        }
        try expect("{")
        let name = try quoted()
        return (name, take(",") ? try labels() : try labels(isEmpty: true))
    }

    mutating func labelsInBraces() throws -> [String: String] {
        try expect("{")
        return try labels(isEmpty: next == "}")
    }

    private mutating func labels(isEmpty: Bool = false) throws -> [String: String] {
        var labels: [String: String] = [:]
        while !isEmpty {
            let name = next == "\"" ? try quoted() : try plainName(allowsColon: false)
            try expect("=")
            guard labels.updateValue(try quoted(), forKey: name) == nil else { throw violation("another label than \(name)") }
            guard take(",") else { break }
        }
        try expect("}")
        return labels
    }

    mutating func realNumber() throws -> String {
        let start = place
        let text = word { "+-.e0123456789".unicodeScalars.contains($0) }
        guard Double(text) != nil, text.contains(where: \.isNumber) else {
            place = start
            throw violation("a number")
        }
        return text
    }

    mutating func number() throws -> String {
        for special in ["NaN", "+Inf", "-Inf"] where take(special) { return special }
        return try realNumber()
    }

    private mutating func integer() throws -> Int {
        guard let number = Int(word { "+-0123456789".unicodeScalars.contains($0) }) else { throw violation("an integer") }
        return number
    }

    private mutating func list<Element>(_ element: (inout Cursor) throws -> Element) throws -> [Element] {
        try expect("[")
        var elements: [Element] = []
        if take("]") { return elements }
        repeat { elements.append(try element(&self)) } while take(",")
        try expect("]")
        return elements
    }

    /// Reads a composite value, and checks what its parts say of each other.
    mutating func composite(_ type: String) throws -> String {
        let start = place
        let prefix = type == "gaugehistogram" ? "g" : ""
        try expect("{\(prefix)count:")
        let count = try number()
        try expect(",\(prefix)sum:")
        _ = try number()
        try expect(",")
        if type == "summary" {
            try expect("quantile:")
            let shares = try list { cursor in
                let share = try cursor.realNumber()
                try cursor.expect(":")
                _ = try cursor.number()
                return Double(share) ?? -1
            }
            guard shares == shares.sorted(), Set(shares).count == shares.count, shares.allSatisfy({ (0...1).contains($0) }) else {
                throw violation("quantiles in order")
            }
        } else {
            let isNative = take("schema:")
            if isNative { try native(count: count) }
            if !isNative || take(",") { try classic(count: count) }
        }
        try expect("}")
        return text(scalars[start..<place])
    }

    private mutating func classic(count: String) throws {
        try expect("bucket:")
        let buckets = try list { cursor in
            let bound = cursor.take("+Inf") ? "inf" : cursor.take("-Inf") ? "-inf" : try cursor.realNumber()
            try cursor.expect(":")
            return (bound: Double(bound) ?? .nan, count: try cursor.number())
        }
        let (bounds, counts) = (buckets.map(\.bound), buckets.compactMap { Double($0.count) })
        guard bounds.last == .infinity, zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 }), counts == counts.sorted(),
            counts.last == Double(count)
        else { throw violation("rising buckets up to the count") }
    }

    private mutating func native(count: String) throws {
        guard (-4...8).contains(try integer()) else { throw violation("a schema") }
        try expect(",zero_threshold:")
        guard Double(try realNumber()) ?? -1 >= 0 else { throw violation("a threshold") }
        try expect(",zero_count:")
        var total = Double(try number()) ?? .nan
        for sign in ["negative", "positive"] where take(",\(sign)_spans:") {
            let spans = try list { cursor in
                let offset = try cursor.integer()
                try cursor.expect(":")
                return (offset: offset, length: try cursor.integer())
            }
            try expect(",\(sign)_buckets:")
            let buckets = try list { cursor in Double(try cursor.number()) ?? .nan }
            guard spans.dropFirst().allSatisfy({ $0.offset >= 0 }), spans.reduce(0, { $0 + $1.length }) == buckets.count else {
                throw violation("spans of the buckets")
            }
            total += buckets.reduce(0, +)
        }
        guard total == Double(count) else { throw violation("buckets that add up") }
    }
}
