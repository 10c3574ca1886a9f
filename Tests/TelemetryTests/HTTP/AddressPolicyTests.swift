// How long connections and answers of addresses are waited for.

import Testing

@testable import Telemetry

struct AddressPolicyTests {
    @Test func connectionAgeIsShortenedByUpToAFifth() {
        let policy = AddressPolicy(connectionAge: .seconds(100))
        #expect(policy.expiry(from: 7, fraction: 0) == 100_000_000_007)
        #expect(policy.expiry(from: 7, fraction: 1) == 80_000_000_007)
        #expect(policy.expiry(from: 0, fraction: 0.5) == 90_000_000_000)
        #expect(AddressPolicy(connectionAge: nil).expiry(from: 7, fraction: 0) == .max)
        #expect(AddressPolicy(connectionAge: .seconds(Int64.max)).expiry(from: .max - 1, fraction: 0) == .max)
    }

    @Test func answerOfOneAmongSeveralHasAThirdOfTheTime() {
        let deadline = Deadline.after(.seconds(300))
        let third = AddressPolicy().answerLimit(within: deadline).remaining
        #expect((.seconds(60) ... .seconds(100)).contains(third), "\(third)")
        let soon = Deadline.after(.milliseconds(1))
        #expect(AddressPolicy().answerLimit(within: soon) == soon, "The time of the export stays the limit.")
        let given = AddressPolicy(answerTimeout: .seconds(200)).answerLimit(within: deadline).remaining
        #expect((.seconds(120) ... .seconds(200)).contains(given), "\(given)")
    }
}
