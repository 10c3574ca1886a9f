// Registration of instruments: identity, conflicts, names and limits.

import Testing

@testable import Telemetry

struct InstrumentRegistryTests {
    private func registry(_ views: [MetricView] = [], mode: ViewMatchingMode = .independent) throws -> InstrumentRegistry {
        InstrumentRegistry(scope: InstrumentationScope(name: "shop"), views: try ViewRegistry(views, mode: mode))
    }

    private func counter(_ name: String, unit: String = "", description: String = "", isFloatingPoint: Bool = false)
        -> InstrumentDescriptor
    {
        InstrumentDescriptor(name: name, kind: .counter, isFloatingPoint: isFloatingPoint, unit: unit, description: description)
    }

    /// Returns the diagnostics of the second registration; expects none of the first.
    private func messages(_ first: InstrumentDescriptor, _ second: InstrumentDescriptor, _ views: [MetricView] = []) throws -> [String] {
        var registry = try registry(views)
        #expect(registry.register(first).diagnostics.isEmpty)
        let registration = registry.register(second)
        #expect(registration.diagnostics.allSatisfy { $0.severity == .warning })
        return registration.diagnostics.map(\.message)
    }

    @Test func instrumentsWithEqualIdentityAreOne() throws {
        var registry = try registry()
        let first = registry.register(counter("a", unit: "s", description: "d"))
        let second = registry.register(counter("a", unit: "s", description: "d"))
        #expect(first.outcome == .new(0) && second.outcome == .known(0))
        #expect(first.diagnostics.isEmpty && second.diagnostics.isEmpty && second.instrument == first.instrument)
    }

    @Test func eachIdentifyingFieldMakesDistinctInstrument() throws {
        var registry = try registry()
        let base = counter("a")
        #expect(registry.register(base).outcome == .new(0))
        let others = [
            InstrumentDescriptor(name: "a", kind: .upDownCounter), counter("a", unit: "s"), counter("a", description: "d"),
            counter("a", isFloatingPoint: true),
        ]
        for (index, other) in others.enumerated() {
            let registration = registry.register(other)
            #expect(registration.outcome == .new(index + 1) && registration.diagnostics.map(\.severity) == [.warning])
            #expect(registration.instrument == other)
        }
        for (index, known) in ([base] + others).enumerated() {
            let registration = registry.register(known)
            #expect(registration.outcome == .known(index) && registration.diagnostics.isEmpty, "A new conflict is reported once.")
        }
    }

    @Test func equalNameOnAnotherMeterIsNoConflict() throws {
        let views = try ViewRegistry([])
        var one = InstrumentRegistry(scope: InstrumentationScope(name: "shop"), views: views)
        var other = InstrumentRegistry(scope: InstrumentationScope(name: "shop", version: "2"), views: views)
        #expect(one.register(counter("a")).outcome == .new(0))
        let registration = other.register(InstrumentDescriptor(name: "a", kind: .gauge))
        #expect(registration.outcome == .new(0) && registration.diagnostics.isEmpty)
    }

    @Test func firstCasingOfNameApplies() throws {
        var registry = try registry()
        #expect(registry.register(counter("requestCount")).instrument.name == "requestCount")
        let same = registry.register(counter("RequestCount"))
        #expect(same.outcome == .known(0) && same.instrument.name == "requestCount")
        #expect(same.diagnostics.count == 1 && same.diagnostics[0].message.contains("\"RequestCount\""))
        let other = registry.register(InstrumentDescriptor(name: "REQUESTCOUNT", kind: .gauge))
        #expect(other.outcome == .new(1) && other.instrument.name == "requestCount" && other.diagnostics.count == 2)
    }

    @Test(arguments: ["a", "Z9", "http.server/request_duration-ms", String(repeating: "x", count: 255)])
    func validNameIsNotReported(name: String) throws {
        var registry = try registry()
        #expect(registry.register(counter(name)).diagnostics.isEmpty)
    }

    @Test(arguments: [
        "", "9lives", "_a", ".a", "a b", "a:b", "a,b", "caf\u{e9}", "a\n", "\u{212a}elvin", String(repeating: "x", count: 256),
    ])
    func instrumentWithInvalidNameIsReportedAndWorks(name: String) throws {
        var registry = try registry()
        let registration = registry.register(counter(name))
        #expect(registration.outcome == .new(0) && registration.instrument.name == name)
        #expect(registration.diagnostics.map(\.severity) == [.error])
        #expect(registration.diagnostics.first?.message.contains(InstrumentName.rule) == true)
        #expect(registry.register(counter(name)).outcome == .known(0))
    }

    @Test func unitAndDescriptionAreNotValidated() throws {
        var registry = try registry()
        let odd = counter("a", unit: String(repeating: "é\n", count: 100), description: "\u{0}🦆\"\\")
        let registration = registry.register(odd)
        #expect(registration.instrument == odd && registration.diagnostics.isEmpty)
        #expect(registry.register(counter("b", unit: "kb")).diagnostics.isEmpty)
        #expect(registry.register(counter("b", unit: "kB")).outcome == .new(2), "Units are compared with regard to case.")
    }

    @Test func longDescriptionIsNotTruncated() throws {
        var registry = try registry()
        let long = String(repeating: "é🦆\n", count: 1000)
        let registration = registry.register(counter("a", description: long))
        #expect(registration.instrument.description == long && registration.diagnostics.isEmpty)
    }

    @Test func firstAdvisoryParametersApply() throws {
        var registry = try registry()
        func histogram(_ boundaries: [Double]?, _ keys: [String]?) -> InstrumentDescriptor {
            InstrumentDescriptor(name: "a", kind: .histogram, boundaries: boundaries, attributeKeys: keys)
        }
        _ = registry.register(histogram([1, 2], ["x", "y"]))
        #expect(registry.register(histogram([1, 2], ["y", "x"])).diagnostics.isEmpty)
        for other in [histogram([1, 3], ["x", "y"]), histogram([1, 2], ["x"]), histogram(nil, nil)] {
            let registration = registry.register(other)
            #expect(registration.outcome == .known(0) && registration.diagnostics.map(\.severity) == [.warning])
            #expect(registration.instrument == histogram([1, 2], ["x", "y"]))
        }
    }

    @Test(arguments: [[2, 1], [1, 1], [.nan], [1, .infinity], [-.infinity]] as [[Double]])
    func invalidAdvisoryBoundariesAreReportedAndIgnored(boundaries: [Double]) throws {
        var registry = try registry()
        let registration = registry.register(InstrumentDescriptor(name: "a", kind: .histogram, boundaries: boundaries))
        #expect(registration.outcome == .new(0) && registration.instrument.boundaries == nil)
        #expect(registration.diagnostics.map(\.severity) == [.error])
    }

    @Test func kindConflictSuggestsRenamingView() throws {
        let found = try messages(counter("a"), InstrumentDescriptor(name: "a", kind: .observableGauge))
        #expect(found.count == 1)
        #expect(found.first?.contains("MetricView(of: .instruments(\"a\", kind: .observableGauge), name: \"another.name\")") == true)
    }

    @Test func suggestedViewResolvesKindConflict() throws {
        let view = MetricView(of: .instruments("a", kind: .observableGauge), name: "another.name")
        #expect(try messages(counter("a"), InstrumentDescriptor(name: "a", kind: .observableGauge), [view]).isEmpty)
    }

    @Test func unitConflictSuggestsSelectionByUnit() throws {
        let found = try messages(counter("a", unit: "s"), counter("a", unit: "ms"))
        #expect(found.count == 1 && found[0].contains("unit \"s\"") && found[0].contains("unit: \"ms\""))
        #expect(
            try messages(counter("a", unit: "s"), counter("a", unit: "ms"), [MetricView(of: .instruments("a", unit: "ms"), name: "b")])
                .isEmpty)
    }

    @Test func numberTypeConflictNamesBothTypes() throws {
        let found = try messages(counter("a"), counter("a", isFloatingPoint: true))
        #expect(found.count == 1 && found[0].contains("of whole numbers") && found[0].contains("of floating-point numbers"))
    }

    @Test func descriptionConflictSuggestsViewWithLongerDescription() throws {
        let found = try messages(counter("a", description: "long \"one\""), counter("a", description: "short"))
        #expect(found.count == 1 && found[0].contains(#"MetricView(of: "a", description: "long \"one\"")"#))
    }

    @Test func viewThatSetsDescriptionMergesInstruments() throws {
        var registry = try registry([MetricView(of: "a", description: "the same")])
        _ = registry.register(counter("a", description: "one"))
        let registration = registry.register(counter("a", description: "other"))
        #expect(registration.outcome == .known(0) && registration.diagnostics.isEmpty)
        #expect(registry.register(counter("a", unit: "s", description: "other")).diagnostics.count == 1, "Units still differ.")
        var sparse = try self.registry([MetricView(of: "a", attributeKeys: .only([]))])
        _ = sparse.register(counter("a", description: "one"))
        #expect(sparse.register(counter("a", description: "other")).diagnostics.count == 1, "This view sets no description.")
    }

    @Test func droppedInstrumentMakesNoConflict() throws {
        let view = MetricView(of: .instruments("a", kind: .gauge), aggregation: .drop)
        #expect(try messages(InstrumentDescriptor(name: "a", kind: .gauge), counter("a"), [view]).isEmpty)
    }

    @Test func viewsThatMakeDuplicateNamesAreReported() throws {
        let views = [MetricView(of: "a", aggregation: .sum), MetricView(of: .all, attributeKeys: .only(["x"]))]
        var registry = try registry(views)
        let registration = registry.register(counter("a"))
        #expect(registration.outcome == .new(0) && registration.diagnostics.map(\.severity) == [.warning])
        #expect(registry.register(counter("b")).diagnostics.isEmpty)
        var composable = try self.registry(views, mode: .composable)
        #expect(composable.register(counter("a")).diagnostics.isEmpty)
    }

    @Test func viewThatRenamesToExistingNameIsReported() throws {
        let found = try messages(counter("a"), counter("b"), [MetricView(of: "b", name: "A")])
        #expect(found.count == 1 && found[0].contains("the view that renames \"b\""))
        let reversed = try messages(counter("b"), counter("a"), [MetricView(of: "b", name: "A")])
        #expect(reversed.count == 1 && reversed[0].contains("the view that renames \"b\""))
    }

    @Test func instrumentsBeyondLimitAreRefusedAndReportedOnce() throws {
        var registry = try registry()
        for number in 0..<InstrumentRegistry.maximumInstruments { _ = registry.register(counter("c\(number)")) }
        let first = registry.register(counter("one.too.many"))
        #expect(first.outcome == .refused && first.diagnostics.count == 1 && first.diagnostics[0].message.contains("10000"))
        let second = registry.register(counter("two.too.many"))
        #expect(second.outcome == .refused && second.diagnostics.isEmpty)
        #expect(registry.register(counter("c17")).outcome == .known(17), "Known instruments keep working.")
    }
}
