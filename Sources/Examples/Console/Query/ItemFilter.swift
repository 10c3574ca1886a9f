// Hot: a search made ready for one block.

/// A block whose items a search can look at.
protocol SearchableBlock: ItemBlock {
    static var layout: MessageLayout { get }
    var origins: OriginTable { get }
    var places: ItemPlaces { get }
    var spanID: [UInt64] { get }
    func traceKey(_ row: Int) -> TraceKey
    func withMessage<Result>(_ row: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result
    /// Makes the test of a field that only this signal has ready; nil if the block has no item that passes.
    func columnTest(_ condition: SearchCondition) -> ColumnTest?
    func passes(_ test: ColumnTest, _ row: Int) -> Bool
    /// The text of a field that only this signal has; nil for another.
    func fieldText(_ key: String, _ row: Int) -> String?
}

/// A test of one column.
enum ColumnTest {
    /// By the number of the name.
    case name([Bool])
    case kind(UInt8, isEqual: Bool)
    case status(UInt8, isEqual: Bool)
    case duration(SearchCondition.Comparison, UInt64)
    case severity(SearchCondition.Comparison, ClosedRange<UInt8>)
}

/// A search as tests of rows. What many rows share, such as names and resources, is tested once.
struct ItemFilter<Block: SearchableBlock> {
    private indirect enum Test {
        case always, never
        case all([Test])
        case any([Test])
        case not(Test)
        case column(ColumnTest)
        /// By the number of the scope.
        case scope([Bool])
        case trace(TraceKey, isEqual: Bool)
        case span(UInt64, isEqual: Bool)
        case attribute(AttributeTest, scopes: [Bool])
        case text(TextTest, scopes: [Bool])
        case event(SearchCondition.Comparison, TextNeedle, [UInt8])
    }

    private let block: Block
    private let test: Test

    /// True if every item of the block passes.
    var takesAll: Bool { if case .always = test { true } else { false } }
    /// True if no item of the block passes.
    var takesNone: Bool { if case .never = test { true } else { false } }

    /// - Parameter runs: the numbers of runs by their identifiers.
    init(_ term: SearchTerm, _ block: Block, runs: [String: Int]) {
        self.block = block
        test = Self.test(term, block, runs)
    }

    func passes(_ row: Int) -> Bool { passes(test, row) }

    private static func test(_ term: SearchTerm, _ block: Block, _ runs: [String: Int]) -> Test {
        switch term {
        case .everything: return .always
        case .all(let terms):
            let tests = terms.map { test($0, block, runs) }.filter { if case .always = $0 { false } else { true } }
            if tests.contains(where: { if case .never = $0 { true } else { false } }) { return .never }
            // What only columns decide comes first: it is quicker than looking at bytes.
            return tests.isEmpty ? .always : tests.count == 1 ? tests[0] : .all(tests.sorted { cost($0) < cost($1) })
        case .any(let terms):
            let tests = terms.map { test($0, block, runs) }.filter { if case .never = $0 { false } else { true } }
            return tests.isEmpty ? .never : tests.count == 1 ? tests[0] : .any(tests.sorted { cost($0) < cost($1) })
        case .not(let term):
            switch test(term, block, runs) {
            case .always: return .never
            case .never: return .always
            case let test: return .not(test)
            }
        case .condition(let condition): return test(condition, block, runs)
        }
    }

    private static func cost(_ test: Test) -> Int {
        switch test {
        case .always, .never, .column, .scope, .trace, .span: 0
        case .attribute: 1
        case .event: 2
        case .text: 3
        case .not(let test): cost(test)
        case .all(let tests), .any(let tests): tests.map(cost).max() ?? 0
        }
    }

    private static func test(_ condition: SearchCondition, _ block: Block, _ runs: [String: Int]) -> Test {
        let isEqual = condition.comparison == .equal
        switch condition.field {
        case .name, .kind, .status, .duration, .severity:
            return block.columnTest(condition).map { .column($0) } ?? .never
        case .service:
            let services = block.origins.services.texts.map { condition.holds($0) }
            return scopes(block) { services[Int(block.origins.resources[Int($0.resource)].service)] }
        case .scope: return scopes(block) { condition.holds($0.name) }
        case .run: return (runs[condition.text] == block.run) == isEqual ? .always : .never
        case .trace: return TraceKey(hexadecimal: condition.text).map { .trace($0, isEqual: isEqual) } ?? .never
        case .span: return HexadecimalText.number(condition.text).map { .span($0, isEqual: isEqual) } ?? .never
        case .event: return .event(condition.comparison, TextNeedle(condition.text), Array(condition.text.utf8))
        case .text:
            let test = TextTest(condition.text)
            let services = block.origins.services.texts.map { test.holds($0) }
            let scopes = block.origins.scopes.map { services[Int(block.origins.resources[Int($0.resource)].service)] }
            return .text(test, scopes: scopes)
        case .attribute(let key):
            let test = AttributeTest(key: key, condition)
            let resources = block.origins.resources.map { $0.bytes.withUnsafeBytes { test.holds(attributes: 1, of: $0) } }
            let scopes = block.origins.scopes.map { scope in
                resources[Int(scope.resource)] || scope.bytes.withUnsafeBytes { test.holds(attributes: 3, of: $0) }
            }
            return .attribute(test, scopes: scopes)
        }
    }

    private static func scopes(_ block: Block, _ holds: (OriginTable.Scope) -> Bool) -> Test {
        let scopes = block.origins.scopes.map(holds)
        return scopes.contains(true) ? scopes.contains(false) ? .scope(scopes) : .always : .never
    }

    private func passes(_ test: Test, _ row: Int) -> Bool {
        switch test {
        case .always: return true
        case .never: return false
        case .all(let tests): return tests.allSatisfy { passes($0, row) }
        case .any(let tests): return tests.contains { passes($0, row) }
        case .not(let test): return !passes(test, row)
        case .column(let test): return block.passes(test, row)
        case .scope(let scopes): return scopes[Int(block.places.scope[row])]
        case .trace(let key, let isEqual): return (block.traceKey(row) == key) == isEqual
        case .span(let number, let isEqual): return (block.spanID[row] == number) == isEqual
        case .attribute(let test, let scopes):
            return scopes[Int(block.places.scope[row])] || block.withMessage(row) { test.holds($0, Block.layout) }
        case .text(let test, let scopes):
            return scopes[Int(block.places.scope[row])] || block.withMessage(row) { test.holds($0, Block.layout) }
        case .event(let comparison, let needle, let text):
            return block.withMessage(row) { Self.hasEvent($0, comparison, needle, text) }
        }
    }

    private static func hasEvent(
        _ message: UnsafeRawBufferPointer, _ comparison: SearchCondition.Comparison, _ needle: TextNeedle, _ text: [UInt8]
    ) -> Bool {
        func holds(_ name: UnsafeRawBufferPointer) -> Bool {
            switch comparison {
            case .equal: ByteEquality.holds(name, text)
            case .contains: needle.isIn(name)
            default: !ByteEquality.holds(name, text)
            }
        }
        var walker = WireWalker(message)
        while (try? walker.next()) == true {
            guard walker.hasContent else { continue }
            if walker.number == Block.layout.eventName, holds(walker.content) { return true }
            guard walker.number == Block.layout.events else { continue }
            var event = WireWalker(walker.content)
            while (try? event.next()) == true {
                if event.number == 2, event.hasContent, holds(event.content) { return true }
            }
        }
        return false
    }
}

extension SearchCondition {
    /// Returns whether the comparison holds for a text.
    func holds(_ value: String) -> Bool {
        switch comparison {
        case .equal: value == text
        case .notEqual: value != text
        case .contains: TextNeedle(text).isIn(value)
        case .less, .lessOrEqual, .greater, .greaterOrEqual: false
        }
    }
}
