// Unique keys, order, equality and merging of attributes.

import Testing

@testable import Telemetry

struct AttributesTests {
    @Test func keysStandInTheOrderInWhichTheyWereFirstSet() {
        var attributes: Attributes = ["b": 1, "a": 2, "": 3, "b": 4]
        attributes["c"] = true
        #expect(attributes.keys == ["b", "a", "c"] && Resource(attributes).attributes == attributes)
    }

    @Test func repeatedKeyKeepsFirstPositionAndLastValue() {
        let attributes: Attributes = ["a": 1, "b": 2, "a": 3]
        #expect(attributes["a"] == 3)
        #expect(attributes.count == 2)
        #expect(attributes.map(\.key) == ["a", "b"])
        #expect(attributes.map(\.value) == [3, 2])
        #expect(attributes == ["b": 2, "a": 3])
    }

    @Test func emptyKeyIsOmittedByEveryInitializerAndSubscript() {
        let single: Attributes = ["": 1]
        #expect(single.isEmpty && single.count == 0 && single[""] == nil)
        var attributes: Attributes = ["": 1, "a": 2, "": 3]
        #expect(attributes.count == 1 && attributes[0].key == "a")
        attributes[""] = 4
        attributes["b"] = 5
        #expect(attributes.map(\.key) == ["a", "b"])
        var grown = single
        grown["a"] = 1
        #expect(grown.map(\.key) == ["a"])
        #expect(Attributes([(key: "", value: 1), (key: "a", value: 2)]).map(\.key) == ["a"])
    }

    @Test func dictionaryOfVariablesIsTakenInOrderOfItsKeys() {
        let labels = ["b": "2", "a": "1", "": "none"]
        #expect(Attributes(labels).map(\.key) == ["a", "b"] && Attributes(labels)["b"] == "2")
        #expect(Attributes(["a": 1, "b": Int?.none]) == ["a": 1])
        let values: [String: AttributeValue] = ["x": 1]
        #expect(Attributes(values) == ["x": 1])
        let optional: [String: Int?] = ["a": 1, "b": nil]
        #expect(Attributes(optional) == ["a": 1])
        let several: [String: any AttributeValueConvertible] = ["b": "2", "a": 1, "c": Int?.none]
        #expect(Attributes(several).map(\.key) == ["a", "b"] && Attributes(several) == ["a": 1, "b": "2"])
    }

    @Test func emptyStringsZerosAndNullsAreKept() {
        let attributes: Attributes = ["text": "", "zero": 0, "none": .empty, "list": .array([])]
        #expect(attributes.count == 4)
        #expect(attributes["none"] == .empty && attributes["text"] == "")
    }

    @Test(arguments: [0, 20])
    func keysAreComparedByTheirBytes(others: Int) {
        let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
        #expect(composed == decomposed, "Swift finds the texts equal; receivers do not.")
        let filling = (0..<others).map { (key: "k\($0)", value: AttributeValue($0)) }
        var attributes = Attributes(filling + [(key: composed, value: 1), (key: decomposed, value: 2)])
        #expect(attributes.count == others + 2 && attributes[composed] == 1 && attributes[decomposed] == 2)
        attributes[decomposed] = 3
        #expect(attributes.count == others + 2 && attributes[composed] == 1 && attributes[decomposed] == 3)
        attributes[composed] = nil
        #expect(attributes.count == others + 1 && attributes[composed] == nil && attributes[decomposed] == 3)
        #expect(([composed: 1] as Attributes) != [decomposed: 1])
        #expect(([composed: 1] as Attributes).merging([decomposed: 2]).count == 2)
        #expect(([composed: 1] as Attributes).hashValue == ([composed: 1] as Attributes).hashValue)
        #expect(([composed: 1, decomposed: 2] as Attributes) == [decomposed: 2, composed: 1])
    }

    @Test func settingNilRemovesKey() {
        var attributes: Attributes = ["a": 1, "b": 2, "a": 3]
        attributes["a"] = nil
        #expect(attributes["a"] == nil)
        #expect(attributes.map(\.key) == ["b"])
        attributes["c"] = nil
        #expect(attributes.count == 1)
    }

    @Test func mergePrefersOtherValues() {
        let merged = (["a": 1, "b": 2] as Attributes).merging(["b": "two", "c": 3, "c": 4])
        #expect(merged.map(\.key) == ["a", "b", "c"])
        #expect(merged["b"] == "two" && merged["c"] == 4)
        #expect(([:] as Attributes).merging([:]).isEmpty)
    }

    @Test func subscriptByPositionMatchesIteration() {
        for count in [0, 1, 2, 5, 16, 17, 100] {
            let pairs = (0..<count).map { (key: $0 % 3 == 2 ? "" : "k\($0 % 11)", value: AttributeValue($0)) }
            let attributes = Attributes(pairs)
            let iterated = attributes.map { "\($0.key)=\($0.value)" }
            #expect(attributes.indices.map { "\(attributes[$0].key)=\(attributes[$0].value)" } == iterated)
            #expect(attributes.count == iterated.count)
            #expect(Set(attributes.map(\.key)).count == attributes.count)
        }
    }

    @Test func subscriptByPositionIsLinearForManyAttributes() {
        // A quadratic walk or merge over this many would not come to an end within the test's patience.
        let count = 100_000
        let attributes = Attributes((0..<count).map { (key: "key.\($0)", value: AttributeValue($0)) })
        var sum = 0
        for position in attributes.indices { sum += attributes[position].value.intValue ?? 0 }
        #expect(sum == count * (count - 1) / 2)
        #expect(attributes.merging(attributes).count == count)
    }

    @Test func equalityAndHashIgnoreOrder() {
        let one: Attributes = ["a": 1, "b": .array([true, "x"])]
        let other: Attributes = ["b": .array([true, "x"]), "a": 0, "a": 1]
        #expect(one == other)
        #expect(one.hashValue == other.hashValue)
        #expect(one != ["a": 1])
        #expect(one != ["a": 1.0, "b": .array([true, "x"])], "A whole number and a floating-point number differ.")
    }
}
