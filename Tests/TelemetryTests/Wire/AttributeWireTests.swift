// Known bytes of every kind of value, round trips, and limits.

import Testing

@testable import Telemetry

struct AttributeWireTests {
    private func encoded(_ key: String, _ value: AttributeValue, _ limits: AttributeValueLimits = AttributeValueLimits()) -> [UInt8] {
        let size = AttributeWire.size(key: key, value: value, limits: limits)
        // Guard bytes after the end show whether more is written than was sized.
        var buffer = [UInt8](repeating: 0xEE, count: size + 16)
        buffer.withUnsafeMutableBytes { memory in
            guard let base = memory.baseAddress else { return }
            var cursor = WireCursor(base)
            AttributeWire.write(key: key, value: value, limits: limits, to: &cursor)
            #expect(cursor.pointer - UnsafeMutableRawPointer(base) == size, "Exactly the size that was added up is written.")
        }
        #expect(buffer[size...].allSatisfy { $0 == 0xEE })
        return Array(buffer.prefix(size))
    }

    private func decoded(_ bytes: [UInt8]) throws -> (key: String, value: AttributeValue) {
        let outcome = bytes.withUnsafeBytes { bytes in
            Result<(key: String, value: AttributeValue), any Error> { try WireReader.attribute(bytes) }
        }
        return try outcome.get()
    }

    private func kept(_ value: AttributeValue, length: Int? = nil, depth: Int = 64) throws -> AttributeValue {
        try decoded(encoded("k", value, AttributeValueLimits(length: length, depth: depth))).value
    }

    @Test(
        arguments: [
            ("ab", [0x0A, 2, 0x61, 0x62]), ("", [0x0A, 0]), (true, [0x10, 1]), (false, [0x10, 0]), (0, [0x18, 0]), (127, [0x18, 0x7F]),
            (128, [0x18, 0x80, 0x01]), (-1, [0x18, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]),
            (1.0, [0x21, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F]), (.bytes([1, 2]), [0x3A, 2, 1, 2]), (.empty, []), ([], [0x2A, 0]),
            (.map([:]), [0x32, 0]), (["a", 1], [0x2A, 9, 0x0A, 3, 0x0A, 1, 0x61, 0x0A, 2, 0x18, 1]),
            (["b": 1, "a": .empty], [0x32, 16, 0x0A, 5, 0x0A, 1, 0x61, 0x12, 0, 0x0A, 7, 0x0A, 1, 0x62, 0x12, 2, 0x18, 1]),
        ] as [(AttributeValue, [UInt8])])
    func valueMatchesOTLPBytes(value: AttributeValue, bytes: [UInt8]) throws {
        #expect(encoded("k", value) == [0x0A, 1, 0x6B, 0x12, UInt8(bytes.count)] + bytes)
        #expect(try decoded(encoded("k", value)).value == value)
    }

    @Test(arguments: [Int64.min, .max, -1, 0, 1 << 62, -(1 << 31), 1 << 35] as [Int64])
    func integersRoundTrip(number: Int64) throws {
        #expect(try kept(.int(number)) == .int(number))
    }

    @Test(arguments: [0.0, -0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1.5] as [Double])
    func doublesRoundTripBitByBit(number: Double) throws {
        #expect(try kept(.double(number)).doubleValue?.bitPattern == number.bitPattern)
    }

    @Test func textsOfEveryLengthRoundTrip() throws {
        // Short texts are copied by overlapping moves, long ones at once; at 127 and 16383 bytes lengths grow by a byte.
        for count in Array(0...40) + [126, 127, 128, 129, 16_383, 16_384] {
            let text = String((0..<count).map { Character(Unicode.Scalar(UInt8(0x61 + $0 % 26))) })
            let (key, value) = try decoded(encoded(text, .string(text)))
            #expect(key == text && value == .string(text))
        }
    }

    @Test func randomValuesRoundTrip() throws {
        var random = SplitMix64(seed: 31)
        for _ in 0..<5000 {
            let value = AttributeValue.random(depth: 5, using: &random)
            #expect(try kept(value) == value)
        }
    }

    @Test func equalMapsGiveSameBytes() {
        let keys = (0..<50).map { "key \($0)" }
        let forward = Dictionary(uniqueKeysWithValues: keys.map { ($0, AttributeValue.empty) })
        var backward: [String: AttributeValue] = [:]
        backward.reserveCapacity(500)
        for key in keys.reversed() { backward[key] = .empty }
        #expect(encoded("k", .map(forward)) == encoded("k", .map(backward)))
    }

    @Test func valueBelowDepthLimitIsEmpty() throws {
        func nested(_ levels: Int, around core: AttributeValue, _ wrap: (AttributeValue) -> AttributeValue) -> AttributeValue {
            (0..<levels).reduce(core) { inner, _ in wrap(inner) }
        }
        for wrap in [{ .array([$0]) }, { .map(["k": $0]) }] as [(AttributeValue) -> AttributeValue] {
            // The outermost value has depth 1, so that 64 levels are kept, and a scalar inside the last.
            let deep = nested(64, around: "core", wrap)
            #expect(try kept(deep) == deep)
            #expect(try kept(wrap(deep)) == nested(64, around: .empty, wrap))
            #expect(try kept(nested(128, around: 1, wrap), depth: 128) == nested(128, around: 1, wrap))
            #expect(try kept(nested(129, around: 1, wrap), depth: 128) == nested(128, around: .empty, wrap))
            #expect(try kept(nested(3, around: 1, wrap), depth: 1) == wrap(.empty))
            #expect(try kept(wrap("x"), depth: 1) == wrap("x"))
        }
        #expect(try kept("x", depth: 1) == "x")
    }

    @Test(
        arguments: [
            ("abcdef", 3, "abc"), ("abc", 3, "abc"), ("abc", 0, ""), ("🎷🎷🎷", 2, "🎷🎷"), ("é€🎷a", 3, "é€🎷"),
            ("e\u{301}e\u{301}", 3, "e\u{301}e"), ("👩‍👩‍👧", 2, "👩\u{200D}"), ("日本語", 1, "日"),
        ] as [(String, Int, String)])
    func lengthLimitCountsUnicodeScalars(text: String, length: Int, expected: String) throws {
        let value = try kept(.string(text), length: length)
        #expect(value.stringValue.map { Array($0.utf8) } == Array(expected.utf8))
    }

    @Test func lengthLimitAppliesToNestedValuesAndBytes() throws {
        let value: AttributeValue = [
            "abcdef", 123456, .bytes([1, 2, 3, 4]), ["long key": "abcdef", "inner": ["xyz🎷", .bytes([9, 9, 9])]], true, 1.23456, .empty,
        ]
        let expected: AttributeValue = [
            "ab", 123456, .bytes([1, 2]), ["long key": "ab", "inner": ["xy", .bytes([9, 9])]], true, 1.23456, .empty,
        ]
        #expect(try kept(value, length: 2) == expected)
    }

    @Test func randomValuesUnderRandomLimitsAreWellFormed() throws {
        var random = SplitMix64(seed: 32)
        for _ in 0..<3000 {
            let value = AttributeValue.random(depth: 6, using: &random)
            let length = Int.random(in: 0..<20, using: &random)
            let depth = Int.random(in: 1..<6, using: &random)
            let once = try kept(value, length: length, depth: depth)
            #expect(try kept(once, length: length, depth: depth) == once, "A value within the limits is not changed.")
        }
    }

    @Test func nestingBeyondReadLimitIsRefused() {
        // A hostile sender may nest arrays far deeper than any value that is written.
        var bytes: [UInt8] = []
        for _ in 0..<2000 {
            var array = WireWriter()
            array.field(1, message: bytes)
            var value = WireWriter()
            value.field(5, message: array.bytes)
            bytes = value.bytes
        }
        let deep = bytes
        #expect(throws: WireError.nestedTooDeep) {
            try deep.withUnsafeBytes { bytes in _ = try WireReader.value(bytes) }
        }
    }
}
