// Selection of attributes by key.

import Testing

@testable import Telemetry

struct AttributeFilterTests {
    private let attributes: Attributes = ["a": 1, "b": 2, "c": 3]

    private func split(_ selections: AttributeKeySelection...) -> [Attributes]? {
        AttributeFilter(selections).map { filter in
            let (kept, removed) = filter.apply(to: attributes)
            return [kept, removed]
        }
    }

    @Test func onlyAllowedKeysAreKept() {
        #expect(split(.only(["c", "a", "x"])) == [["a": 1, "c": 3], ["b": 2]])
        #expect(split(.only([])) == [[:], attributes])
        #expect(split(.only(["a", "b", "c"])) == [attributes, [:]])
    }

    @Test func excludedKeysAreRemoved() {
        #expect(split(.except(["c", "x"])) == [["a": 1, "b": 2], ["c": 3]])
        #expect(split(.except(["a", "b", "c"])) == [[:], attributes])
    }

    @Test func keyIsKeptIfAllSelectionsKeepIt() {
        #expect(split(.only(["a", "b"]), .only(["b", "c"])) == [["b": 2], ["a": 1, "c": 3]])
        #expect(split(.except(["a"]), .except(["b"])) == [["c": 3], ["a": 1, "b": 2]])
        #expect(split(.only(["a", "b"]), .except(["b"])) == [["a": 1], ["b": 2, "c": 3]])
        #expect(split(.except(["b"]), .only(["a", "b"])) == [["a": 1], ["b": 2, "c": 3]])
    }

    @Test func selectionsThatRemoveNothingMakeNoFilter() {
        #expect(AttributeFilter([]) == nil && AttributeFilter([.except([])]) == nil)
    }

    @Test func filtersThatKeepSameKeysAreEqual() {
        #expect(AttributeFilter([.only(["a", "b"])]) == AttributeFilter([.only(["b", "a", "a"])]))
        #expect(AttributeFilter([.only(["a"])]) == AttributeFilter([.only(["a", "b"]), .except(["b"])]))
        #expect(AttributeFilter([.only(["a"])]) != AttributeFilter([.except(["a"])]))
    }

    @Test func keysAreComparedByBytes() throws {
        let filter = try #require(AttributeFilter([.only(["\u{e9}"])]))
        #expect(filter.keeps("\u{e9}") && !filter.keeps("e\u{301}") && !filter.keeps("\u{c9}"))
        let (kept, removed) = filter.apply(to: ["e\u{301}": 1, "\u{e9}": 2])
        #expect(kept == ["\u{e9}": 2] && removed == ["e\u{301}": 1])
    }

    @Test func lastValueOfDuplicateKeyCountsAndOrderIsKept() throws {
        let filter = try #require(AttributeFilter([.except(["b"])]))
        let (kept, removed) = filter.apply(to: ["c": 1, "b": 1, "a": 1, "b": 2, "": 5])
        #expect(kept.map(\.key) == ["c", "a"] && removed == ["b": 2])
    }
}
