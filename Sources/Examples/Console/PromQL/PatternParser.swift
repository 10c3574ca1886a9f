// Compiles regular expressions.

/// Why a text is no regular expression.
struct PatternError: Error, Equatable, CustomStringConvertible {
    let reason: String
    /// The place in the pattern, in characters from 0.
    let offset: Int

    var description: String { "\(reason) at character \(offset + 1)" }
}

/// Reads the syntax of RE2, without classes of Unicode's properties.
struct PatternParser {
    private indirect enum Node {
        case empty
        case one(PatternClass)
        case assertion(PatternProgram.Assertion)
        case sequence([Node])
        case alternatives([Node])
        case group(Node, index: Int)
        case repeated(Node, least: Int, most: Int?, isGreedy: Bool)
    }

    private struct Flags {
        var ignoresCase = false
        var dotMatchesAll = true
        var isMultiline = false
        var isLazy = false
    }

    private static let maximumDepth = 100
    private static let maximumRepeat = 1_000
    private static let maximumInstructions = 20_000

    private let text: [Unicode.Scalar]
    private var place = 0
    private var depth = 0
    private var flags = Flags()
    private var program = PatternProgram()

    /// - Parameter dotMatchesAll: false for the syntax outside of PromQL, where a dot is no line break.
    static func compile(_ pattern: String, dotMatchesAll: Bool = true) throws(PatternError) -> PatternProgram {
        var parser = PatternParser(pattern)
        parser.flags.dotMatchesAll = dotMatchesAll
        let node = try parser.alternatives()
        guard parser.place == parser.text.count else { throw parser.failure("unexpected )") }
        parser.program.instructions.append(.save(0))
        try parser.emit(node)
        parser.program.instructions += [.save(1), .match]
        return parser.program
    }

    private init(_ pattern: String) {
        text = Array(pattern.unicodeScalars)
    }

    private func failure(_ reason: String) -> PatternError { PatternError(reason: reason, offset: place) }

    private var next: Unicode.Scalar? { place < text.count ? text[place] : nil }

    private mutating func take(_ word: String) -> Bool {
        let scalars = Array(word.unicodeScalars)
        guard text.count - place >= scalars.count, Array(text[place..<place + scalars.count]) == scalars else { return false }
        place += scalars.count
        return true
    }

    private mutating func alternatives() throws(PatternError) -> Node {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw failure("nested too deep") }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence() throws(PatternError) -> Node {
        var nodes: [Node] = []
        while let next, next != "|", next != ")" {
            let start = place
            let atom = try atom()
            if case .empty = atom { continue }
            nodes.append(try quantified(atom, from: start))
        }
        return nodes.isEmpty ? .empty : nodes.count == 1 ? nodes[0] : .sequence(nodes)
    }

    private mutating func quantified(_ atom: Node, from start: Int) throws(PatternError) -> Node {
        var node = atom
        var isRepeated = false
        while let next {
            let least: Int
            let most: Int?
            let before = place
            switch next {
            case "*": (least, most) = (0, nil)
            case "+": (least, most) = (1, nil)
            case "?": (least, most) = (0, 1)
            case "{":
                guard let bounds = try counts() else { return node }
                (least, most) = bounds
            default: return node
            }
            guard !isRepeated else {
                place = before
                throw failure("nested repetition")
            }
            if next != "{" { place += 1 }
            isRepeated = true
            let isLazy = take("?") != flags.isLazy
            node = .repeated(node, least: least, most: most, isGreedy: !isLazy)
        }
        return node
    }

    /// Reads `{n}`, `{n,}` or `{n,m}`; nil if the brace is a literal.
    private mutating func counts() throws(PatternError) -> (Int, Int?)? {
        let start = place
        place += 1
        let least = number()
        var most = least
        if take(",") { most = number() ?? -1 }
        guard let least, take("}") else {
            place = start
            return nil
        }
        guard least <= Self.maximumRepeat, (most ?? 0) <= Self.maximumRepeat, most == -1 || (most ?? least) >= least else {
            place = start
            throw failure("a repetition is from 0 to \(Self.maximumRepeat)")
        }
        return (least, most == -1 ? nil : most)
    }

    private mutating func number() -> Int? {
        let start = place
        while let next, ("0"..."9").contains(next) { place += 1 }
        var digits = ""
        digits.unicodeScalars.append(contentsOf: text[start..<place])
        return digits.isEmpty ? nil : Int(digits) ?? Int.max
    }

    private mutating func atom() throws(PatternError) -> Node {
        let scalar = text[place]
        switch scalar {
        case "(": return try group()
        case "[":
            place += 1
            return literal(try bracket())
        case ".":
            place += 1
            return .one(flags.dotMatchesAll ? .any : .anyButLineFeed)
        case "^":
            place += 1
            return .assertion(flags.isMultiline ? .lineBegin : .textBegin)
        case "$":
            place += 1
            return .assertion(flags.isMultiline ? .lineEnd : .textEnd)
        case "\\": return try escape()
        case "*", "+", "?": throw failure("a repetition without anything to repeat")
        case "{" where try counts() != nil: throw failure("a repetition without anything to repeat")
        default:
            place += 1
            return literal(PatternClass(ranges: [scalar.value...scalar.value]))
        }
    }

    private func literal(_ characters: PatternClass) -> Node { .one(flags.ignoresCase ? characters.foldingCase : characters) }

    private mutating func group() throws(PatternError) -> Node {
        place += 1
        let outer = flags
        var index: Int?
        if take("?P<") || take("?<") {
            var name = ""
            while let next, next != ">" {
                guard PatternClass.word.contains(next) else { throw failure("a group's name has letters, digits and _") }
                name.unicodeScalars.append(next)
                place += 1
            }
            guard take(">"), !name.isEmpty else { throw failure("a group's name ends with >") }
            program.groupCount += 1
            index = program.groupCount
            guard program.groupNames.updateValue(program.groupCount, forKey: name) == nil else { throw failure("two groups of one name") }
        } else if take("?") {
            try readFlags()
            // Flags without a group are for the rest of the group around them.
            if take(")") { return .empty }
            guard take(":") else { throw failure("expecting : or )") }
        } else {
            program.groupCount += 1
            index = program.groupCount
        }
        let node = try alternatives()
        guard take(")") else { throw failure("missing )") }
        flags = outer
        // An empty group is kept, so that a repetition after it has something to repeat.
        return index.map { .group(node, index: $0) } ?? .sequence([node])
    }

    private mutating func readFlags() throws(PatternError) {
        var value = true
        while let next, next != ":", next != ")" {
            switch next {
            case "i": flags.ignoresCase = value
            case "s": flags.dotMatchesAll = value
            case "m": flags.isMultiline = value
            case "U": flags.isLazy = value
            case "-" where value: value = false
            default: throw failure("unknown flag \(next)")
            }
            place += 1
        }
    }

    private mutating func escape() throws(PatternError) -> Node {
        guard place + 1 < text.count else { throw failure("a backslash at the end") }
        switch text[place + 1] {
        case "b": return assertion(.wordBoundary)
        case "B": return assertion(.noWordBoundary)
        case "A": return assertion(.textBegin)
        case "z": return assertion(.textEnd)
        default: return literal(try escapedClass())
        }
    }

    private mutating func assertion(_ assertion: PatternProgram.Assertion) -> Node {
        place += 2
        return .assertion(assertion)
    }

    /// Reads an escape that stands for a set of characters or for one.
    private mutating func escapedClass() throws(PatternError) -> PatternClass {
        guard place + 1 < text.count else { throw failure("a backslash at the end") }
        let scalar = text[place + 1]
        place += 2
        switch scalar {
        case "d": return .digit
        case "w": return .word
        case "s": return .space
        case "D": return PatternClass(ranges: PatternClass.digit.inverted)
        case "W": return PatternClass(ranges: PatternClass.word.inverted)
        case "S": return PatternClass(ranges: PatternClass.space.inverted)
        case "n": return Self.single(10)
        case "t": return Self.single(9)
        case "r": return Self.single(13)
        case "f": return Self.single(12)
        case "v": return Self.single(11)
        case "a": return Self.single(7)
        case "x": return Self.single(try hexadecimal())
        case "p", "P": throw failure("classes of Unicode's properties are not supported")
        default:
            guard !PatternClass.word.contains(scalar) else { throw failure("unknown escape \\\(scalar)") }
            return Self.single(scalar.value)
        }
    }

    private static func single(_ value: UInt32) -> PatternClass { PatternClass(ranges: [value...value]) }

    private mutating func hexadecimal() throws(PatternError) -> UInt32 {
        var digits = ""
        if take("{") {
            while let next, next != "}", digits.count < 7 {
                digits.unicodeScalars.append(next)
                place += 1
            }
            guard take("}") else { throw failure("missing }") }
        } else {
            while let next, digits.count < 2 {
                digits.unicodeScalars.append(next)
                place += 1
            }
        }
        guard let value = UInt32(digits, radix: 16), value <= 0x10FFFF else { throw failure("expecting hexadecimal digits") }
        return value
    }

    private mutating func bracket() throws(PatternError) -> PatternClass {
        var result = PatternClass()
        result.isNegated = take("^")
        var isFirst = true
        while let next, next != "]" || isFirst {
            isFirst = false
            if take("[:") {
                result.ranges += try named()
                continue
            }
            let low = next == "\\" ? try escapedClass() : Self.single(next.value)
            if next != "\\" { place += 1 }
            guard low.ranges.count == 1, low.ranges[0].count == 1, self.next == "-", place + 1 < text.count, text[place + 1] != "]" else {
                result.ranges += low.ranges
                continue
            }
            place += 1
            let high = text[place] == "\\" ? try escapedClass() : Self.single(text[place].value)
            if text[place - 1] == "-" { place += 1 }
            guard let last = high.ranges.first?.lowerBound, low.ranges[0].lowerBound <= last else { throw failure("a range that falls") }
            result.ranges.append(low.ranges[0].lowerBound...last)
        }
        guard take("]") else { throw failure("missing ]") }
        return result
    }

    private mutating func named() throws(PatternError) -> [ClosedRange<UInt32>] {
        let classes: [String: PatternClass] = [
            "alpha": PatternClass(ranges: [65...90, 97...122]), "digit": .digit, "lower": PatternClass(ranges: [97...122]),
            "upper": PatternClass(ranges: [65...90]), "alnum": PatternClass(ranges: [48...57, 65...90, 97...122]), "word": .word,
            "space": PatternClass(ranges: [9...13, 32...32]), "xdigit": PatternClass(ranges: [48...57, 65...70, 97...102]),
            "punct": PatternClass(ranges: [33...47, 58...64, 91...96, 123...126]),
        ]
        for (name, characters) in classes where take(name + ":]") { return characters.ranges }
        throw failure("unknown class of characters")
    }

    // MARK: Compiling

    private mutating func emit(_ node: Node) throws(PatternError) {
        guard program.instructions.count < Self.maximumInstructions else {
            throw PatternError(reason: "the pattern is too large", offset: 0)
        }
        switch node {
        case .empty: break
        case .one(let characters): program.instructions.append(.one(characters))
        case .assertion(let assertion): program.instructions.append(.assertion(assertion))
        case .sequence(let nodes): for node in nodes { try emit(node) }
        case .group(let node, let index):
            program.instructions.append(.save(2 * index))
            try emit(node)
            program.instructions.append(.save(2 * index + 1))
        case .alternatives(let branches):
            var ends: [Int] = []
            for branch in branches.dropLast() {
                let split = reserve()
                try emit(branch)
                ends.append(reserve())
                program.instructions[split] = .split(split + 1, program.instructions.count)
            }
            if let last = branches.last { try emit(last) }
            for end in ends { program.instructions[end] = .jump(program.instructions.count) }
        case .repeated(let node, let least, let most, let isGreedy):
            for _ in 0..<least { try emit(node) }
            guard let most else { return try emitLoop(node, isGreedy) }
            var splits: [Int] = []
            for _ in least..<max(least, most) {
                splits.append(reserve())
                try emit(node)
            }
            let end = program.instructions.count
            for split in splits { program.instructions[split] = isGreedy ? .split(split + 1, end) : .split(end, split + 1) }
        }
    }

    private mutating func emitLoop(_ node: Node, _ isGreedy: Bool) throws(PatternError) {
        let split = reserve()
        try emit(node)
        program.instructions.append(.jump(split))
        let end = program.instructions.count
        program.instructions[split] = isGreedy ? .split(split + 1, end) : .split(end, split + 1)
    }

    private mutating func reserve() -> Int {
        program.instructions.append(.jump(0))
        return program.instructions.count - 1
    }
}
