// Compression and decompression with the system's zstd.

import Testing

@testable import Telemetry

struct ZstdErrorTests {
    @Test func missingLibraryIsNamedWithItsPackage() {
        #expect(
            ZstdError.noLibrary(reason: "libzstd.so.1: not found").description
                == "zstd needs a library; on Debian and Ubuntu: apt install libzstd1 (libzstd.so.1: not found)")
    }
}

@Suite(.enabled(if: (try? ZstdLibrary.system.get()) != nil, "zstd is installed."))
struct ZstdTests {
    /// What `zstd -3 --no-check` makes of the text: a raw block. (RFC 8878.)
    private static let known: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x20, 0x05, 0x29, 0x00, 0x00] + Array("hello".utf8)

    @Test func knownBytesAreDecompressed() throws {
        #expect(try Zstd.decompressed(Self.known, maximumBytes: 1_000) == Array("hello".utf8))
        #expect(try Zstd.decompressed(Self.known + Self.known, maximumBytes: 1_000) == Array("hellohello".utf8))
        #expect(try Zstd.decompressed(Self.known, maximumBytes: 5) == Array("hello".utf8))
    }

    @Test func whatIsCompressedIsReadAgain() throws {
        var random = SplitMix64(seed: 8_878)
        let compressor = try ZstdCompressor()
        for count in [0, 1, 100, 65_536, 65_537, 1_000_000, 3_000_000] {
            let bits: UInt8 = count % 7 == 0 ? 255 : 3
            let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) & bits }
            let pieces = [Array(bytes.prefix(count / 3)), [], Array(bytes.dropFirst(count / 3))]
            let compressed = try pieces[0].withUnsafeBytes { first in
                try pieces[2].withUnsafeBytes { last in try compressor.withCompressed([first, last]) { Array($0) } }
            }
            #expect(try Zstd.decompressed(compressed, maximumBytes: 3_000_000) == bytes, "\(count) bytes")
            #expect(compressed.count < count / 3 + 200 || count % 7 == 0, "Two bits a byte are \(compressed.count) of \(count).")
        }
    }

    @Test func excessIsRefused() throws {
        let bomb = try Zstd.compressed([UInt8](repeating: 0, count: 20_000_000))
        #expect(bomb.count < 10_000)
        #expect(throws: ZstdError.tooLarge(limit: 1_000_000)) { try Zstd.decompressed(bomb, maximumBytes: 1_000_000) }
        #expect(throws: ZstdError.tooLarge(limit: 4)) { try Zstd.decompressed(Self.known, maximumBytes: 4) }
        #expect(try !Zstd.decompressed(Self.known, maximumBytes: .max).isEmpty)
        // A window of 128 MiB is not allocated.
        let window: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x88, 0x01, 0x00, 0x00]
        #expect {
            try Zstd.decompressed(window, maximumBytes: 1_000)
        } throws: { if case .damaged(let reason) = $0 as? ZstdError { reason.contains("too much memory") } else { false } }
    }

    @Test func damagedBytesAreRefused() throws {
        for count in 0..<Self.known.count {
            #expect(throws: ZstdError.truncated, "\(count) bytes") {
                try Zstd.decompressed(Array(Self.known.prefix(count)), maximumBytes: 1_000)
            }
        }
        for wrong in [Array("no zstd at all".utf8), Self.known + [1, 2, 3, 4]] {
            #expect { try Zstd.decompressed(wrong, maximumBytes: 1_000) } throws: {
                if case .damaged = $0 as? ZstdError { true } else { false }
            }
        }
    }

    @Test func mutationsCrashNothing() throws {
        var random = SplitMix64(seed: 22)
        let text = try Zstd.compressed((0..<3_000).map { UInt8(truncatingIfNeeded: $0 % 50 * ($0 / 300)) })
        for _ in 0..<10_000 {
            if let bytes = try? Zstd.decompressed(text.damaged(using: &random), maximumBytes: 10_000) { #expect(bytes.count <= 10_000) }
        }
    }
}
