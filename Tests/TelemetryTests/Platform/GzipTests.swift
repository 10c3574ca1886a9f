// Gzip in both directions, and its memory limits.

import Testing

@testable import Telemetry

private let isInstalled = if case .success = Zlib.system { true } else { false }

struct GzipErrorTests {
    @Test func missingLibraryIsNamedWithItsPackage() {
        #expect(
            GzipError.noLibrary(reason: "libz.so.1: not found").description
                == "gzip needs zlib; on Debian and Ubuntu: apt install zlib1g (libz.so.1: not found)")
    }
}

@Suite(.enabled(if: isInstalled, "zlib is installed."))
struct GzipTests {
    /// Of `hello, hello, hello, hello` and a line break, by Python's gzip.
    private static let known: [UInt8] = [
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 203, 72, 205, 201, 201, 215, 81, 200, 192, 164, 184, 0, 75, 33, 161, 41, 27, 0, 0, 0,
    ]
    private static let knownText = Array("hello, hello, hello, hello\n".utf8)

    private func compressed(_ pieces: [[UInt8]], _ compressor: GzipCompressor) throws -> [UInt8] {
        let all = pieces.flatMap { $0 }
        return try all.withUnsafeBytes { all in
            var start = 0
            let parts = pieces.map { piece in
                defer { start += piece.count }
                return UnsafeRawBufferPointer(rebasing: all[start..<start + piece.count])
            }
            return try compressor.withCompressed(parts) { Array($0) }
        }
    }

    @Test func streamLayoutMatchesC() {
        #expect(MemoryLayout<Zlib.Stream>.size == 112 || MemoryLayout<Int>.size != 8)
        #expect(MemoryLayout<Zlib.Stream>.offset(of: \.state) == 56 || MemoryLayout<Int>.size != 8)
    }

    @Test func gzipOfAnotherImplementationIsDecompressed() throws {
        #expect(try Gzip.decompressed(Self.known, maximumBytes: 1000) == Self.knownText)
        #expect(try Gzip.decompressed(Self.known + Self.known, maximumBytes: 1000) == Self.knownText + Self.knownText)
    }

    @Test func piecesAreCompressedAsOneGzipByReusedCompressor() throws {
        let compressor = try GzipCompressor()
        var random = SplitMix64(seed: 64)
        for sizes in [[], [0], [1], [10, 0, 300], [200_000], [70_000, 1, 70_000], [1_200_000]] {
            // Half of it can be compressed.
            let pieces = sizes.map { size in
                (0..<size).map { $0 % 2 == 0 ? UInt8(truncatingIfNeeded: $0 >> 8) : UInt8(truncatingIfNeeded: random.next()) }
            }
            let first = try compressed(pieces, compressor)
            #expect(try compressed(pieces, compressor) == first)
            #expect(try Gzip.decompressed(first, maximumBytes: 4_000_000) == pieces.flatMap { $0 })
        }
    }

    @Test func outputBeyondLimitIsRefusedBeforeAllocation() throws {
        // 100 MB of zeros take 100 KB.
        let compressor = try GzipCompressor(level: 9)
        let block = [UInt8](repeating: 0, count: 1_000_000)
        let bomb = try block.withUnsafeBytes { block in try compressor.withCompressed(Array(repeating: block, count: 100)) { Array($0) } }
        #expect(bomb.count < 200_000)
        #expect(throws: GzipError.tooLarge(limit: 1_000_000)) { try Gzip.decompressed(bomb, maximumBytes: 1_000_000) }
        #expect(throws: GzipError.tooLarge(limit: 26)) { try Gzip.decompressed(Self.known, maximumBytes: 26) }
        #expect(try !Gzip.decompressed(Self.known, maximumBytes: .max).isEmpty)
        #expect(try Gzip.decompressed(Self.known, maximumBytes: 27) == Self.knownText)
    }

    @Test func truncatedOrDamagedGzipIsRefused() {
        for count in 0..<Self.known.count {
            #expect(throws: GzipError.truncated) { try Gzip.decompressed(Array(Self.known.prefix(count)), maximumBytes: 1000) }
        }
        #expect(throws: GzipError.damaged) { try Gzip.decompressed(Array("no gzip at all".utf8), maximumBytes: 1000) }
        var wrong = Self.known
        wrong[wrong.count - 5] ^= 1
        #expect(throws: GzipError.damaged) { try Gzip.decompressed(wrong, maximumBytes: 1000) }
        #expect(throws: GzipError.damaged) { try Gzip.decompressed(Self.known + [1, 2, 3], maximumBytes: 1000) }
    }

    @Test func damagedGzipNeverTraps() {
        var random = SplitMix64(seed: 65)
        for _ in 0..<5_000 {
            if let bytes = try? Gzip.decompressed(Self.known.damaged(using: &random), maximumBytes: 10_000) {
                #expect(bytes.count <= 10_000)
            }
        }
    }
}
