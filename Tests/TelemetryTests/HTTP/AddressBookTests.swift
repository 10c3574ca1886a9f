// The order in which addresses are tried, and how long one is left after failures.

import Testing

@testable import Telemetry

struct AddressBookTests {
    private struct Counting: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state
        }
    }

    private func address(_ host: String) throws -> SocketAddress {
        try #require(try SocketAddress.resolve(host: host, port: 4318, isNumeric: true).get().first)
    }

    private func book(_ hosts: String...) throws -> AddressBook {
        var book = AddressBook()
        #expect(book.replace(try hosts.map(address)))
        return book
    }

    private func order(_ book: AddressBook, at now: UInt64, seed: UInt64 = 1) -> [String] {
        var generator = Counting(state: seed)
        return book.candidates(at: now, using: &generator).map { $0.hostAndPort.host }
    }

    @Test func firstAddressIsSpreadEvenly() throws {
        let book = try book("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4")
        var firsts: [String: Int] = [:]
        for seed in 0..<4000 { firsts[order(book, at: 0, seed: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15)[0], default: 0] += 1 }
        #expect(firsts.count == 4 && firsts.values.allSatisfy { (900...1100).contains($0) }, "\(firsts)")
    }

    @Test func familyOfResolverComesFirst() throws {
        let book = try book("fd00::1", "10.0.0.1", "fd00::2", "10.0.0.2")
        for seed in 0..<20 {
            let order = order(book, at: 0, seed: UInt64(seed))
            #expect(Set(order[..<2]) == ["fd00::1", "fd00::2"] && Set(order[2...]) == ["10.0.0.1", "10.0.0.2"])
        }
    }

    @Test func failedAddressIsLeftTwiceAsLongEachTime() throws {
        var health = PeerHealth()
        let policy = AddressPolicy(initialBackoff: .seconds(1), maximumBackoff: .seconds(10))
        var lengths: [UInt64] = []
        for _ in 0..<6 {
            health.fail(at: 1000, policy, fraction: 1)
            lengths.append((health.leftUntil - 1000) / 1_000_000_000)
        }
        #expect(lengths == [1, 2, 4, 8, 10, 10])
        health.fail(at: 1000, policy, fraction: 0)
        #expect(health.leftUntil == 5_000_001000, "The lower end of the jitter is half.")
        #expect(health.isLeft(at: 5_000_000_999) && !health.isLeft(at: 5_000_001_000))
        health.fail(at: 0, policy, requested: .seconds(100), fraction: 1)
        #expect(health.leftUntil == 100_000_000_000, "A receiver may ask for more.")
        health.fail(at: 0, policy, requested: .seconds(1_000_000), fraction: 1)
        #expect(health.leftUntil == 3_600_000_000_000)
        health.succeed()
        #expect(health == PeerHealth())
        let endless = AddressPolicy(initialBackoff: .seconds(Int64.max), maximumBackoff: .seconds(Int64.max))
        for _ in 0..<100 { health.fail(at: 0, endless, fraction: 1) }
        #expect(health.isLeft(at: UInt64(Int64.max) - 1), "A time without an end is no overflow.")
    }

    @Test func failedAddressesComeLastAndReturn() throws {
        var book = try book("10.0.0.1", "10.0.0.2", "10.0.0.3")
        let policy = AddressPolicy()
        book.fail(try address("10.0.0.1"), at: 0, policy, requested: nil, fraction: 1)
        book.fail(try address("10.0.0.3"), at: 0, policy, requested: .seconds(9), fraction: 1)
        #expect(order(book, at: 0) == ["10.0.0.2", "10.0.0.1", "10.0.0.3"])
        let healthy = try address("10.0.0.2")
        #expect(book.hasOther(than: try address("10.0.0.1"), at: 0))
        #expect(!book.hasOther(than: healthy, at: 0))
        #expect(Set(order(book, at: 1_000_000_000)[..<2]) == ["10.0.0.1", "10.0.0.2"])
        book.succeed(try address("10.0.0.3"))
        #expect(book.hasOther(than: try address("10.0.0.2"), at: 0))
    }

    @Test func otherFamilyIsNoAlternative() throws {
        let book = try book("::1", "127.0.0.1")
        #expect(!book.hasOther(than: try address("127.0.0.1"), at: 0))
    }

    @Test func addressThatStaysKeepsItsHealth() throws {
        var book = try book("10.0.0.1", "10.0.0.2")
        book.fail(try address("10.0.0.1"), at: 0, AddressPolicy(), requested: nil, fraction: 1)
        #expect(!book.replace(try ["10.0.0.2", "10.0.0.1", "10.0.0.2"].map(address)), "Another order is no change.")
        #expect(order(book, at: 0) == ["10.0.0.2", "10.0.0.1"])
        #expect(book.replace(try ["10.0.0.1", "10.0.0.3"].map(address)))
        #expect(order(book, at: 0) == ["10.0.0.3", "10.0.0.1"])
        #expect(!book.holds(try address("10.0.0.2")))
    }

    @Test func bookIsBounded() throws {
        var book = AddressBook()
        _ = book.replace(try (0..<300).map { try address("10.0.\($0 / 256).\($0 % 256)") })
        #expect(book.addresses.count == AddressBook.capacity)
    }
}
