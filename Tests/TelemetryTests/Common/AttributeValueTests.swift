// Literals, accessors and descriptions of attribute values.

import Testing

@testable import Telemetry

struct AttributeValueTests {
    @Test func literalsBecomeValues() {
        let number = 7
        #expect(("text" as AttributeValue) == .string("text"))
        #expect(("n=\(number)" as AttributeValue) == .string("n=7"))
        #expect((42 as AttributeValue) == .int(42))
        #expect((1.5 as AttributeValue) == .double(1.5))
        #expect((true as AttributeValue) == .bool(true))
        #expect((["a", 1, .empty] as AttributeValue) == .array([.string("a"), .int(1), .empty]))
        #expect((["k": "v", "k": 2] as AttributeValue) == .map(["k": .int(2)]))
    }

    @Test func integerBeyondInt64BecomesDecimalString() {
        #expect(AttributeValue(UInt64.max) == .string("18446744073709551615"))
        #expect(AttributeValue(Int64.min) == .int(.min))
        #expect(AttributeValue(UInt8(200)) == .int(200))
    }

    @Test func swiftValuesConvert() {
        #expect(AttributeValue("ab".dropFirst()) == .string("b"))
        #expect(AttributeValue(Float(0.5)) == .double(0.5))
        #expect(AttributeValue(["a", "b"]) == ["a", "b"])
        #expect(AttributeValue([1, 2]) == [1, 2])
        #expect(AttributeValue([1.5]) == [1.5])
        #expect(AttributeValue([true]) == [true])
    }

    @Test func accessorsReturnOnlyMatchingKind() {
        #expect(AttributeValue.string("x").stringValue == "x" && AttributeValue.string("1").intValue == nil)
        #expect(AttributeValue.int(1).intValue == 1 && AttributeValue.int(1).doubleValue == nil)
        #expect(AttributeValue.double(1).doubleValue == 1 && AttributeValue.double(1).intValue == nil)
        #expect(AttributeValue.bool(true).boolValue == true && AttributeValue.empty.boolValue == nil)
    }

    @Test func descriptionQuotesNestedStringsOnly() {
        #expect("\(AttributeValue.string("a b"))" == "a b")
        #expect("\(["a", 1, 1.5, false, .empty] as AttributeValue)" == "[\"a\", 1, 1.5, false, null]")
        #expect("\(["b": 1, "a": ["x"]] as AttributeValue)" == "{a: [\"x\"], b: 1}")
        #expect("\(AttributeValue.bytes([1, 2]))" == "2 bytes")
    }
}
