// Names of files, and the detection of damage.

import Testing

@testable import Telemetry

struct SpoolFileTests {
    private static func file(_ body: [UInt8], itemCount: Int = 3) -> (entry: SpoolEntry, bytes: [UInt8]) {
        let header = body.withUnsafeBytes { SpoolFile.header(created: 1_700_000_000_000, itemCount: itemCount, pieces: [$0]) }
        let bytes = header + body
        let entry = SpoolEntry(sequence: 7, created: 1_700_000_000_000, itemCount: itemCount, byteCount: bytes.count)
        return (entry, bytes)
    }

    @Test func nameHoldsSequenceTimeAndItemCount() throws {
        let entry = SpoolEntry(sequence: 1_763_712_000_123_456_789, created: 1_763_712_000_123, itemCount: 512, byteCount: 9)
        #expect(entry.name == "01763712000123456789-1763712000123-512.batch")
        let read = try #require(SpoolEntry(name: entry.name, byteCount: 9))
        #expect(read.sequence == entry.sequence && read.created == entry.created && read.itemCount == 512 && read.isRecovered)
        #expect(SpoolEntry(sequence: 9, created: 0, itemCount: 0, byteCount: 0).name < entry.name)
    }

    @Test(arguments: [
        "", ".", "lock", "1-2-3.batch", "00000000000000000001-2-3", "00000000000000000001-2-3.batch.corrupt",
        "00000000000000000001-2-.batch",
        "00000000000000000001-2.batch", "00000000000000000001-2-3-4.batch", "00000000000000000001--2-3.batch",
        "0000000000000000000a-2-3.batch", "00000000000000000001-02-3.batch", "00000000000000000001-2-+3.batch",
        "18446744073709551615-2-3.batch", "00000000000000000001-2-4294967296.batch", "00000000000000000001-2-3.batch.partial",
    ])
    func foreignNameIsRefused(name: String) {
        #expect(SpoolEntry(name: name, byteCount: 1) == nil)
    }

    @Test func requestRoundTrips() throws {
        for body in [[], [1], [UInt8](repeating: 7, count: 10_000)] as [[UInt8]] {
            let (entry, bytes) = Self.file(body)
            #expect(bytes.prefix(4) == [0x54, 0x53, 0x50, 0x4C])
            let range = try #require(SpoolFile.request(in: bytes, of: entry))
            #expect(Array(bytes[range]) == body)
        }
    }

    @Test func flippedBitIsDetected() {
        let (entry, bytes) = Self.file(Array(0..<60))
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << (bit % 8)
            #expect(SpoolFile.request(in: damaged, of: entry) == nil, "bit \(bit)")
        }
    }

    @Test func truncatedOrExtendedFileIsDetected() {
        let (entry, bytes) = Self.file(Array(0..<60))
        for count in 0..<bytes.count { #expect(SpoolFile.request(in: Array(bytes[..<count]), of: entry) == nil) }
        #expect(SpoolFile.request(in: bytes + [0], of: entry) == nil)
        #expect(SpoolFile.request(in: [UInt8](repeating: 0, count: bytes.count), of: entry) == nil)
    }

    @Test func randomBytesAreRefused() {
        var random = SplitMix64(seed: 3)
        let (entry, bytes) = Self.file(Array(0..<60))
        for _ in 0..<2000 {
            let garbage = (0..<Int.random(in: 0..<120, using: &random)).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            #expect(SpoolFile.request(in: garbage, of: entry) == nil)
            var damaged = bytes
            for _ in 0..<Int.random(in: 1..<5, using: &random) {
                damaged[Int.random(in: damaged.indices, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
            }
            #expect(damaged == bytes || SpoolFile.request(in: damaged, of: entry) == nil)
        }
    }

    @Test func itemCountThatDiffersFromNameIsDetected() {
        let (entry, bytes) = Self.file([1, 2, 3], itemCount: 3)
        let renamed = SpoolEntry(sequence: 7, created: entry.created, itemCount: 4, byteCount: bytes.count)
        #expect(SpoolFile.request(in: bytes, of: renamed) == nil)
    }
}
