// The compiled form of a regular expression.

import Telemetry

/// Instructions of a machine that follows all ways of matching at once, so that its time is linear in the text.
struct PatternProgram: Sendable {
    enum Instruction: Sendable {
        case one(PatternClass)
        /// Goes on at both places; the first is preferred.
        case split(Int, Int)
        case jump(Int)
        /// Notes the place in the text in a slot of the captures.
        case save(Int)
        case assertion(Assertion)
        case match
    }

    enum Assertion: Sendable { case textBegin, textEnd, lineBegin, lineEnd, wordBoundary, noWordBoundary }

    var instructions: [Instruction] = []
    var groupNames: [String: Int] = [:]
    var groupCount = 0

    /// Returns the ranges of the whole match and of the groups; nil if there is no match.
    ///
    /// - Parameters:
    ///   - wantsGroups: false if only whether it matches is needed, which takes less time.
    ///   - isAnchored: true if the whole text must match, false for the leftmost match in it.
    ///   - deadline: there is no match after it, whatever the text is.
    func match(_ text: String, wantsGroups: Bool, isAnchored: Bool = true, until deadline: Deadline = .never) -> [Range<Int>?]? {
        let scalars = Array(text.unicodeScalars)
        let slots = wantsGroups ? 2 * (groupCount + 1) : 0
        var current = Threads(instructions.count, slots: slots)
        var next = Threads(instructions.count, slots: slots)
        var found: [Int]?
        let none = [Int](repeating: -1, count: slots)
        add(0, at: 0, scalars, none, to: &current)
        for place in 0...scalars.count {
            next.removeAll()
            if place & 0xFFF == 0xFFF, deadline.hasPassed { return nil }
            if !isAnchored, place > 0, found == nil { add(0, at: place, scalars, none, to: &current) }
            threads: for index in 0..<current.places.count {
                switch instructions[current.places[index]] {
                case .match where !isAnchored:
                    guard wantsGroups else { return [] }
                    // Threads after this one are less preferred; those before it go on, and may match more.
                    found = current.captures(index)
                    break threads
                case .match:
                    // Only a match of the whole text counts; threads after this one are less preferred.
                    if place == scalars.count, found == nil { found = current.captures(index) }
                case .one(let characters):
                    if place < scalars.count, characters.contains(scalars[place]) {
                        add(current.places[index] + 1, at: place + 1, scalars, current.captures(index), to: &next)
                    }
                case .split, .jump, .save, .assertion: break
                }
            }
            if place == scalars.count || next.places.isEmpty && (isAnchored || found != nil) { break }
            swap(&current, &next)
        }
        guard let found else { return nil }
        return stride(from: 0, to: found.count, by: 2).map { found[$0] >= 0 && found[$0 + 1] >= 0 ? found[$0]..<found[$0 + 1] : nil }
    }

    /// Adds the thread at a place and all that it leads to without reading.
    private func add(_ start: Int, at place: Int, _ text: [Unicode.Scalar], _ captures: [Int], to threads: inout Threads) {
        var waiting = [(start, captures)]
        while let (instruction, captures) = waiting.popLast() {
            guard threads.visit(instruction) else { continue }
            switch instructions[instruction] {
            case .jump(let target): waiting.append((target, captures))
            case .split(let first, let second):
                waiting.append((second, captures))
                waiting.append((first, captures))
            case .save(let slot):
                var captures = captures
                if slot < captures.count { captures[slot] = place }
                waiting.append((instruction + 1, captures))
            case .assertion(let assertion):
                if holds(assertion, at: place, text) { waiting.append((instruction + 1, captures)) }
            case .one, .match: threads.append(instruction, captures)
            }
        }
    }

    private func holds(_ assertion: Assertion, at place: Int, _ text: [Unicode.Scalar]) -> Bool {
        func isWord(_ place: Int) -> Bool { text.indices.contains(place) && PatternClass.word.contains(text[place]) }
        switch assertion {
        case .textBegin: return place == 0
        case .textEnd: return place == text.count
        case .lineBegin: return place == 0 || text[place - 1] == "\n"
        case .lineEnd: return place == text.count || text[place] == "\n"
        case .wordBoundary: return isWord(place - 1) != isWord(place)
        case .noWordBoundary: return isWord(place - 1) == isWord(place)
        }
    }

    /// The ways of matching that go on at one place of the text, the preferred first.
    private struct Threads {
        private(set) var places: [Int] = []
        private var slots: [Int] = []
        private let slotCount: Int
        private var generation = 1
        private var visited: [Int]

        init(_ count: Int, slots: Int) {
            slotCount = slots
            visited = [Int](repeating: 0, count: count)
        }

        mutating func removeAll() {
            places.removeAll(keepingCapacity: true)
            slots.removeAll(keepingCapacity: true)
            generation += 1
        }

        mutating func visit(_ place: Int) -> Bool {
            defer { visited[place] = generation }
            return visited[place] != generation
        }

        mutating func append(_ place: Int, _ captures: [Int]) {
            places.append(place)
            slots.append(contentsOf: captures)
        }

        func captures(_ index: Int) -> [Int] { Array(slots[index * slotCount..<(index + 1) * slotCount]) }
    }
}

/// A set of characters.
struct PatternClass: Sendable, Equatable {
    var ranges: [ClosedRange<UInt32>] = []
    var isNegated = false

    static let word = PatternClass(ranges: [48...57, 65...90, 95...95, 97...122])
    static let digit = PatternClass(ranges: [48...57])
    static let space = PatternClass(ranges: [9...10, 12...13, 32...32])
    static let any = PatternClass(ranges: [0...0x10FFFF])
    static let anyButLineFeed = PatternClass(ranges: [10...10], isNegated: true)

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        for range in ranges where range.contains(scalar.value) { return !isNegated }
        return isNegated
    }

    /// The ranges of what the class does not contain.
    var inverted: [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > next { result.append(next...range.lowerBound - 1) }
            next = max(next, range.upperBound + 1)
        }
        if next <= 0x10FFFF { result.append(next...0x10FFFF) }
        return result
    }

    /// The class with both cases of each letter of ASCII.
    var foldingCase: PatternClass {
        var result = self
        for range in ranges {
            let upper = range.clamped(to: 65...90)
            if range.overlaps(65...90) { result.ranges.append(upper.lowerBound + 32...upper.upperBound + 32) }
            let lower = range.clamped(to: 97...122)
            if range.overlaps(97...122) { result.ranges.append(lower.lowerBound - 32...lower.upperBound - 32) }
        }
        return result
    }
}
