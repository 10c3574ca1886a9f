// Fields of every type, malformed input, and random damage.

import ExampleSupport
import Testing

@testable import Telemetry

struct WireReaderTests {
    private func fields(_ bytes: [UInt8]) throws -> [Int] {
        let outcome = bytes.withUnsafeBytes { bytes in
            Result<[Int], any Error> {
                var numbers: [Int] = []
                var reader = WireReader(bytes)
                while let field = try reader.next() { numbers.append(field.number) }
                return numbers
            }
        }
        return try outcome.get()
    }

    @Test func fieldsOfEveryTypeAreRead() throws {
        let bytes: [UInt8] = [0x08, 0x96, 0x01, 0x11, 1, 0, 0, 0, 0, 0, 0, 0, 0x1A, 2, 0x68, 0x69, 0x25, 2, 0, 0, 0]
        try bytes.withUnsafeBytes { bytes in
            var reader = WireReader(bytes)
            let varint = try reader.next().unwrapped()
            #expect(varint.number == 1 && varint.number64 == 150 && varint.range == 0..<3 && varint.bytes.isEmpty)
            let fixed64 = try reader.next().unwrapped()
            #expect(fixed64.number == 2 && fixed64.number64 == 1 && fixed64.range == 3..<12)
            let text = try reader.next().unwrapped()
            #expect(text.number == 3 && text.text == "hi" && text.number64 == 0 && text.range == 12..<16)
            let fixed32 = try reader.next().unwrapped()
            #expect(fixed32.number == 4 && fixed32.number64 == 2)
            let end = try reader.next()
            #expect(end == nil)
        }
    }

    @Test(
        arguments: [
            [0x80], [0x08], [0x08, 0x80], [0x0A, 5, 1, 2], [0x11, 1, 2, 3], [0x25, 1, 2],
            [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
        ] as [[UInt8]])
    func incompleteFieldIsTruncated(bytes: [UInt8]) {
        #expect(throws: WireError.truncated) { try fields(bytes) }
    }

    @Test func varintOfMoreThan64BitsIsRefused() throws {
        let longest: [UInt8] = [0x08] + [UInt8](repeating: 0xFF, count: 9) + [0x01]
        #expect(try fields(longest) == [1])
        #expect(throws: WireError.varintTooLong) { try fields([0x08] + [UInt8](repeating: 0xFF, count: 9) + [0x02]) }
        #expect(throws: WireError.varintTooLong) { try fields([UInt8](repeating: 0x80, count: 20)) }
    }

    @Test(arguments: [[0x00], [0x02, 0], [0x0B], [0x0C], [0x0E], [0x0F], [0xF8, 0xFF, 0xFF, 0xFF, 0x7F, 0]] as [[UInt8]])
    func fieldZeroGroupsAndUnknownTypesAreBadTags(bytes: [UInt8]) {
        do {
            _ = try fields(bytes)
            Issue.record("\(bytes) is no message.")
        } catch WireError.badTag {
        } catch {
            Issue.record(error)
        }
    }

    @Test func unknownFieldsAreSkipped() throws {
        // Field 100 before, between and after the key and the value.
        let unknown: [UInt8] = [0xA2, 0x06, 1, 0x2A]
        let bytes = unknown + [0x0A, 1, 0x6B] + unknown + [0x12, 2, 0x18, 7] + unknown
        try bytes.withUnsafeBytes { bytes in
            let (key, value) = try WireReader.attribute(bytes)
            #expect(key == "k" && value == 7)
        }
    }

    @Test func invalidUTF8BecomesReplacementCharacters() throws {
        let bytes: [UInt8] = [0x0A, 3, 0x61, 0xFF, 0x62]
        try bytes.withUnsafeBytes { bytes in
            let value = try WireReader.value(bytes)
            #expect(value == "a\u{FFFD}b")
        }
    }

    @Test func randomBytesNeverTrap() {
        var random = SplitMix64(seed: 41)
        for _ in 0..<25_000 {
            let bytes = (0..<Int.random(in: 0..<64, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            _ = try? fields(bytes)
            bytes.withUnsafeBytes { bytes in
                _ = try? WireReader.attribute(bytes)
                _ = try? WireReader.value(bytes)
            }
            _ = try? OTLPTraceRequest.decode(bytes)
        }
    }

    @Test func damagedAttributesNeverTrap() {
        var random = SplitMix64(seed: 42)
        for _ in 0..<25_000 {
            var writer = WireWriter()
            writer.field(1, attributes: ["key": AttributeValue.random(depth: 4, using: &random)])
            let bytes = writer.bytes.damaged(using: &random)
            bytes.withUnsafeBytes { bytes in
                var reader = WireReader(bytes)
                while let field = try? reader.next() { _ = try? WireReader.attribute(field.bytes) }
            }
        }
    }
}
