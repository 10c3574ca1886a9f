// The short way of an attribute writes what the long way does, or nothing at all.

import Testing

@testable import Telemetry

struct ShortAttributeTests {
    /// The bytes of an item, with guard bytes behind its memory.
    private struct Item: ~Copyable {
        private static let guardCount = 64
        private let memory = UnsafeMutableRawPointer.allocate(byteCount: InlineItemStorage.capacity + guardCount, alignment: 16)
        var bytes = ItemBytes()

        init(filledUpTo count: Int) {
            memory.initializeMemory(as: UInt8.self, repeating: 0xEE, count: InlineItemStorage.capacity + Self.guardCount)
            bytes.use(memory.assumingMemoryBound(to: InlineItemStorage.self))
            bytes.append(count) { cursor in for _ in 0..<count { cursor.byte(0x77) } }
        }

        deinit { memory.deallocate() }

        /// Expects that nothing was written behind the memory.
        func expectGuardBytes() {
            let rest = UnsafeRawBufferPointer(start: memory + InlineItemStorage.capacity, count: Self.guardCount)
            #expect(rest.allSatisfy { $0 == 0xEE })
        }

        /// Returns what an attribute has added; nil if it was not added, and then nothing has changed.
        mutating func add(_ key: String, _ value: AttributeValue, lengthLimit: Int = .max) -> [UInt8]? {
            let before = bytes.count
            guard var attribute = ShortAttribute(key, bytes), attribute.write(value, bytes, lengthLimit: lengthLimit) else {
                #expect(bytes.count == before && bytes.bytes.allSatisfy { $0 == 0x77 })
                return nil
            }
            attribute.finish(tag: 0x4A, &bytes)
            #expect(bytes.bytes.prefix(before).allSatisfy { $0 == 0x77 })
            return Array(bytes.bytes.dropFirst(before))
        }
    }

    /// What the general encoder writes.
    private func expected(_ key: String, _ value: AttributeValue) -> [UInt8] {
        let limits = AttributeValueLimits()
        let size = AttributeWire.size(key: key, value: value, limits: limits)
        let message = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            var cursor = WireCursor(UnsafeMutableRawPointer(base))
            AttributeWire.write(key: key, value: value, limits: limits, to: &cursor)
            count = size
        }
        return size < 128 ? [0x4A, UInt8(size)] + message : []
    }

    private func text(_ count: Int) -> String { String(decoding: (0..<count).map { UInt8(0x61 + $0 % 26) }, as: UTF8.self) }

    private let numbers: [AttributeValue] =
        [true, false, 0.0, 1.5, .double(-.infinity)]
        + [0, 1, 127, 128, 200, 16_383, 16_384, -1, .int(.min), .int(.max)] + (7..<63).map { .int(1 << $0) }

    @Test func numbersOfEveryKeyAreWrittenAsInGeneral() {
        for count in 0...120 {
            for value in numbers {
                var item = Item(filledUpTo: 0)
                let written = item.add(text(count), value)
                #expect(written == ((1...100).contains(count) ? expected(text(count), value) : nil), "\(count) \(value)")
                item.expectGuardBytes()
            }
        }
    }

    @Test func textsOfEveryLengthAreWrittenAsInGeneral() {
        for count in [0, 1, 7, 8, 14, 15, 16, 17, 31, 32, 33, 64, 99, 100, 101] {
            for length in 0...140 {
                var item = Item(filledUpTo: 0)
                let written = item.add(text(count), .string(text(length)))
                let isShort = (1...100).contains(count) && count + length + 8 <= 129
                #expect(written == (isShort ? expected(text(count), .string(text(length))) : nil), "\(count) \(length)")
                item.expectGuardBytes()
            }
        }
    }

    @Test func nothingIsWrittenBeyondTheMemory() {
        let capacity = InlineItemStorage.capacity
        for (key, value) in [(3, 3), (15, 15), (20, 3), (3, 40), (60, 60), (100, 0), (100, 15), (16, 16)] {
            var hadRoom = true
            for count in (capacity - 140)...capacity {
                var item = Item(filledUpTo: count)
                let written = item.add(text(key), .string(text(value)))
                #expect(written == nil || written == expected(text(key), .string(text(value))))
                #expect(written == nil || hadRoom, "More room is never too little.")
                hadRoom = written != nil
                item.expectGuardBytes()
            }
            #expect(!hadRoom)
        }
        for count in (capacity - 60)...capacity {
            for value in numbers {
                var item = Item(filledUpTo: count)
                let written = item.add("number", value)
                #expect(written == nil || written == expected("number", value))
                item.expectGuardBytes()
            }
        }
    }

    @Test func otherValuesAndLongTextsAreLeftAsTheyAre() {
        let others: [AttributeValue] = [.empty, .bytes([1]), ["a"], .map(["a": 1]), .string(text(200)), .string(text(1 << 20))]
        for value in others {
            var item = Item(filledUpTo: 0)
            #expect(item.add("key", value) == nil)
        }
        var item = Item(filledUpTo: 0)
        #expect(item.add("key", "four", lengthLimit: 3) == nil)
        #expect(item.add("key", .string(text(20)), lengthLimit: 19) == nil)
        #expect(item.add("key", "four", lengthLimit: 4) == expected("key", "four"))
        var other = Item(filledUpTo: 0)
        #expect(other.add("key", .string(text(20)), lengthLimit: 20) == expected("key", .string(text(20))))
    }

    @Test func hashIsThatOfTheKeysBytes() throws {
        for count in 1...100 {
            let item = Item(filledUpTo: 0)
            let attribute = try ShortAttribute(text(count), item.bytes).unwrapped()
            #expect(attribute.hash == Array(text(count).utf8).withUnsafeBufferPointer { TextBytes($0).hash })
        }
    }

    @Test func textThatIsStoredLikeALongOneIsWrittenOrLeftAsItIs() {
        for count in 0...30 {
            var (long, value) = (text(count) + text(40), text(count) + text(40))
            long.removeLast(40)
            value.removeLast(40)
            var item = Item(filledUpTo: 0)
            let written = item.add(long, .string(value))
            #expect(written == nil ? count < 16 : written == expected(text(count), .string(text(count))), "\(count)")
        }
    }

    @Test func bytesOfStringsAreWhereTheStandardLibrarySays() {
        let made =
            (16...60).map { String(repeating: "é", count: $0) } + ["http.response.status_code", text(5_000), text(40) + "\(made: 17)"]
        for string in made {
            let stored = StringWords.stored(string)
            #expect(stored.map(Array.init) == Array(string.utf8))
            #expect(stored?.baseAddress == string.utf8.withContiguousStorageIfAvailable { UnsafeRawPointer($0.baseAddress) } ?? nil)
        }
        #expect(StringWords.stored("short") == nil && StringWords.words(of: text(40)) == nil)
    }
}

extension DefaultStringInterpolation {
    /// Text of a length that is known only when the program runs.
    fileprivate mutating func appendInterpolation(made count: Int) { appendLiteral(String(repeating: "z", count: count)) }
}
