// Writing JSON and finding values in it.

import ExampleSupport
import Testing

struct JSONValueTests {
    @Test(arguments: [
        (56.99, "56.99"), (17.0, "17"), (0.0, "0"), (-0.5, "-0.5"), (100.0, "100"), (1e20, "100000000000000000000"), (1e21, "1e+21"),
        (1.5e300, "1.5e+300"), (0.000001, "0.000001"), (0.0000001, "1e-7"), (1.25e-9, "1.25e-9"), (123456.789, "123456.789"),
        (Double.leastNonzeroMagnitude, "5e-324"), (-1e22, "-1e+22"), (9007199254740993.0, "9007199254740992"),
    ])
    func numbersHaveShortestDigits(number: Double, text: String) {
        #expect(JSONValue.number(number).description == text)
    }
    @Test func stringsEscapeOnlyWhatJSONDemands() {
        #expect(JSONValue.string("\"\\/\n\r\t\u{1}\u{1F}é<&>").description == #""\"\\/\n\r\t\u0001\u001fé<&>""#)
    }

    @Test func sortedKeysAreSortedAtEveryDepth() {
        let value: JSONValue = ["b": [["d": 1, "c": 2]], "a": ["z": .null, "y": true]]
        #expect(value.withSortedKeys.description == #"{"a":{"y":true,"z":null},"b":[{"c":2,"d":1}]}"#)
    }

    @Test func subscriptsFindMembersAndElements() {
        let value: JSONValue = ["list": ["a", 2]]
        #expect(value["list"]?[1]?.integerValue == 2)
        #expect(value["list"]?[0]?.stringValue == "a")
        #expect(value["list"]?[2] == nil)
        #expect(value["none"] == nil)
        #expect(value[0] == nil)
    }
}
