// Rendezvous hashing: equal shares, and no trace that moves without need.

import Testing

@testable import Telemetry

struct RendezvousHashTests {
    private static let keys = (0..<100_000).map { number in
        withUnsafeBytes(of: (UInt64(number).bigEndian, (UInt64(number) &* 0x9E37_79B9_7F4A_7C15).bigEndian)) { RendezvousHash.key($0) }
    }

    private func members(_ numbers: some Sequence<Int>) -> [OTLPFleet.Member] {
        numbers.map { OTLPFleet.Member(name: "10.0.0.\($0):4317", endpoint: 0, address: nil) }
    }

    /// The owners of the first keys.
    private func owners(_ members: [OTLPFleet.Member], of count: Int = 30_000) -> [String] {
        Self.keys.prefix(count).map { members[OTLPFleet.owner(of: $0, among: members)].name }
    }

    @Test(arguments: [2, 3, 10, 64]) func sharesAreEqual(count: Int) {
        var shares: [String: Int] = [:]
        let keyCount = count >= 10 ? 100_000 : 30_000
        for owner in owners(members(1...count), of: keyCount) { shares[owner, default: 0] += 1 }
        let even = Double(keyCount) / Double(count)
        // The deviation by chance is the root of the share: 100 of 10,000 for ten members.
        let tolerance = max(0.03, 4 / even.squareRoot())
        #expect(shares.count == count && shares.values.allSatisfy { abs(Double($0) / even - 1) < tolerance }, "\(shares)")
    }

    @Test func memberThatGoesMovesOnlyItsOwnTraces() {
        let all = members(1...10)
        let (before, after) = (owners(all), owners(all.filter { $0.name != all[3].name }))
        var (heirs, others): ([String: Int], Int) = ([:], 0)
        for (old, new) in zip(before, after) {
            if old == all[3].name { heirs[new, default: 0] += 1 } else if old != new { others += 1 }
        }
        #expect(others == 0, "Traces of members that stay move.")
        #expect(heirs.count == 9 && heirs.values.allSatisfy { $0 > 270 }, "All others share its traces: \(heirs)")
    }

    @Test func memberThatComesTakesAnEqualShareOfEach() {
        let (before, after) = (owners(members(1...9)), owners(members(1...10)))
        let taken = zip(before, after).filter { $0 != $1 }.map(\.1)
        #expect(Set(taken) == ["10.0.0.10:4317"] && (2_850...3_150).contains(taken.count), "\(taken.count)")
    }

    @Test func orderOfMembersDoesNotMatter() {
        let all = members(1...10)
        #expect(owners(all) == owners(all.reversed()))
    }

    /// FNV-1a of the reference's test vectors, and SplitMix64's first outputs for seed 0, of which the scores are made.
    @Test func hashesAreTheSameEverywhere() {
        #expect(RendezvousHash.member("") == 0xCBF2_9CE4_8422_2325)
        #expect(RendezvousHash.member("a") == 0xAF63_DC4C_8601_EC8C)
        #expect(RendezvousHash.member("foobar") == 0x8594_4171_F739_67E8)
        let zeros = [UInt8](repeating: 0, count: 16).withUnsafeBytes { RendezvousHash.key($0) }
        #expect(zeros == 0xE220_A839_7B1D_CDAF)
        // Key and score of the trace identifier in the example of W3C Trace Context, computed by another program.
        let identifier: [UInt8] = [0x4B, 0xF9, 0x2F, 0x35, 0x77, 0xB3, 0x4D, 0xA6, 0xA3, 0xCE, 0x92, 0x9D, 0x0E, 0x0E, 0x47, 0x36]
        let key = identifier.withUnsafeBytes { RendezvousHash.key($0) }
        #expect(key == 0x7398_3175_3C82_A5C8)
        #expect(RendezvousHash.score(RendezvousHash.member("foobar"), key) == 0xFDA2_700C_BBC5_EFD0)
    }

    @Test func identifierOfAnotherSizeHasKey() {
        let keys = [[], [1], [2], [1, 2, 3], [UInt8](repeating: 7, count: 17)].map { bytes in
            bytes.withUnsafeBytes { RendezvousHash.key($0) }
        }
        #expect(Set(keys).count == keys.count)
    }
}
