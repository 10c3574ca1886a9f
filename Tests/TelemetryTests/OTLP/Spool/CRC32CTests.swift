// Known checks of RFC 3720, and checks of pieces.

import Testing

@testable import Telemetry

struct CRC32CTests {
    private static func check(_ bytes: [UInt8]) -> UInt32 {
        var check = CRC32C()
        bytes.withUnsafeBytes { check.add($0) }
        return check.value
    }

    /// The vectors of RFC 3720 §B.4, and the check value that catalogues of CRCs give.
    @Test(
        arguments: [
            ([UInt8](repeating: 0, count: 32), 0x8A91_36AA), ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
            (Array(0..<32), 0x46DD_794E), (Array((0..<32).reversed()), 0x113F_DB5C), (Array("123456789".utf8), 0xE306_9283), ([], 0),
        ] as [([UInt8], UInt32)])
    func knownBytesGiveKnownCheck(bytes: [UInt8], expected: UInt32) {
        #expect(Self.check(bytes) == expected)
    }

    @Test func checkOfPiecesEqualsCheckOfWhole() {
        var random = SplitMix64(seed: 1)
        let bytes = (0..<100).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        let whole = Self.check(bytes)
        for cut in 0...bytes.count {
            var check = CRC32C()
            bytes[..<cut].withUnsafeBytes { check.add($0) }
            bytes[cut...].withUnsafeBytes { check.add($0) }
            #expect(check.value == whole)
        }
    }
}
